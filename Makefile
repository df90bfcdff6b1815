# make train: a trained tagger with its report.   make test: the whole test suite.   Both set up .venv when it is missing.
PYTHON ?= python3
VENV   := .venv
STAMP  := $(VENV)/.installed
BIN    := $(VENV)/bin

.PHONY: setup train test lint format audit coverage clean

setup: $(STAMP)

# torch first and by its exact version, so that no other package's range picks a build of its own
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "topner needs Python 3.11 or newer; call make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

train: $(STAMP)
	$(BIN)/python scripts/build_encoder.py
	$(BIN)/topner convert data/corpus --to conll --output runs/corpus.bio --max-loss 0
	$(BIN)/topner train configs/embedded.yaml

test: $(STAMP)
	$(BIN)/python -m pytest

lint: $(STAMP)
	$(BIN)/ruff check src scripts tests
	$(BIN)/ruff format --check src scripts tests
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff check --fix src scripts tests
	$(BIN)/ruff format src scripts tests

# known holes in the packages that are installed; needs the advisory service of the package index, so it is no part of make lint
audit: $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/pip-audit --skip-editable

# branches of the modules that every offset goes through, taken into docs/TRUST.md; ends with an error below 95 %
CORE   := src/topner/text/*,src/topner/annotation/*,src/topner/inference/decode.py,src/topner/dataset/windows.py
coverage: $(STAMP)
	$(BIN)/coverage run --branch --include '$(CORE)' -m pytest tests/text tests/annotation tests/dataset tests/inference tests/fuzz
	@mkdir -p runs
	$(BIN)/coverage json -q -o runs/coverage.json
	$(BIN)/python scripts/trust.py --coverage runs/coverage.json
	$(BIN)/coverage report --fail-under 95

clean:
	rm -rf $(VENV) runs build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis src/*.egg-info
