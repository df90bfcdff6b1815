"""A short fuzzing of every target, everything that ever broke one, and text made to make regular expressions go wild."""

from pathlib import Path

import pytest
from fuzz_inputs import inputs, seeds
from fuzz_sources import ENDINGS
from fuzz_targets import TARGETS, promise_of
from hypothesis import HealthCheck, given, settings

from topner.sources.read import read_file

FINDS = sorted(path for path in (Path(__file__).parent / "finds").iterdir() if path.name.rpartition("-")[0] in TARGETS)
SLOW = {"inline", "brat", "conll", "table", "any", "text", "windows", "config", "tagger", *ENDINGS}


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_input(name):
    @settings(max_examples=25 if name in SLOW else 80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=inputs(name))
    def each(data):
        TARGETS[name](data)

    each()


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_right(name):
    for data in seeds(name):
        TARGETS[name](data)


@pytest.mark.parametrize("name", ENDINGS)
def test_seeds_of_sources_are_files_that_can_be_read(name, monkeypatch):
    def no_problems(path, remarks):
        documents = list(read_file(path, remarks))
        assert not remarks.problems
        assert any("力" in document.text for document in documents)
        return documents

    monkeypatch.setattr("fuzz_sources.read_file", no_problems)
    for data in seeds(name):
        TARGETS[name](data)


def test_every_target_says_what_it_promises():
    for name in TARGETS:
        assert promise_of(name).endswith(".")
        assert not promise_of(name).startswith(("partial", "None")), name


@pytest.mark.parametrize("path", FINDS, ids=lambda path: path.name)
def test_finds(path):
    TARGETS[path.name.rpartition("-")[0]](path.read_bytes())


def test_a_target_fails_when_a_promise_is_broken(monkeypatch):
    monkeypatch.setattr("fuzz_targets.exact", lambda value: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        TARGETS["quantity"]("增长5%".encode())
    monkeypatch.setattr("topner.annotation.settle.trim", lambda text, start, end: (start, end - 1))
    with pytest.raises(AssertionError):
        TARGETS["jsonl"](seeds("jsonl")[0])
