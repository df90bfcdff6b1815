"""Mutation testing of the modules every offset goes through: change them a little, see whether their tests notice.

Works on a copy of src and tests in a temporary folder (pip install mutmut). Prints each change that no test noticed;
docs/mutation.md explains those that stay.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = {
    "text/alignment": ["text/test_alignment.py"],
    "dataset/tags": ["dataset/test_tags.py"],
    "annotation/tags": ["annotation/test_annotation_tags.py"],
}
CONFIG = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/topner/{module}.py"]
also_copy = ["tests"]
pytest_add_cli_args_test_selection = [{tests}]
pytest_add_cli_args = ["-q", "-x", "-p", "no:cacheprovider"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""


def main() -> None:
    """Mutate each module and print what survived; the exit status tells whether anything did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", nargs="*", choices=[[], *MODULES], help="[default: all]")
    survivors = 0
    for module in parser.parse_args().module or MODULES:
        with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
            survivors += mutate(module, Path(folder))
    sys.exit(1 if survivors else 0)


def mutate(module: str, folder: Path) -> int:
    """Mutate one module in a copy of the project.

    Args:
        module: a key of :data:`MODULES`.
        folder: empty; takes the copy.

    Returns:
        The number of mutants that no test noticed.
    """
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("assets", "*.egg-info", "__pycache__"))
    for name in ("conftest.py", "strategies.py", *MODULES[module]):
        (folder / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / name, folder / "tests" / name)
    tests = ", ".join(f'"tests/{name}"' for name in MODULES[module])
    (folder / "pyproject.toml").write_text(CONFIG.format(module=module, tests=tests), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "OMP_NUM_THREADS": "1"}

    def mutmut(*words: str) -> str:
        command = [sys.executable, "-m", "mutmut", *words]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        return done.stdout + done.stderr

    log = mutmut("run", "--max-children", "1")
    results = [line.split(": ") for line in mutmut("results", "--all", "true").splitlines() if ": " in line]
    states = [state.strip() for _, state in results]
    survived = [name.strip() for name, state in results if state.strip() in ("survived", "no tests", "suspicious")]
    if not states:
        sys.exit(f"mutate: mutmut did not run: {log[-2000:]}")
    counts = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    print(f"{module}: {len(states)} mutants, {counts}")
    for name in survived:
        changes = re.findall(r"^[-+] .*$", mutmut("show", name), re.MULTILINE)
        print(f"  {name}\n    " + "\n    ".join(changes))
    return len(survived)


if __name__ == "__main__":
    main()
