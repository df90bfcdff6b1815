import importlib.util
import random
import sys
from pathlib import Path

import pytest

from topner.training.checkpoint import new_checkpoint, what_is_broken


@pytest.fixture(scope="module")
def soak():
    path = Path(__file__).parents[2] / "scripts" / "soak.py"
    spec = importlib.util.spec_from_file_location("soak", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["soak"] = module
    spec.loader.exec_module(module)
    return module


def test_every_damage_that_soak_does_is_noticed(soak, tmp_path):
    rng = random.Random(5)
    kinds = set()
    for number in range(60):
        path = tmp_path / f"checkpoint-{number}"
        with new_checkpoint(path) as folder:
            (folder / "model.safetensors").write_bytes(rng.randbytes(300))
            (folder / "trainer_state.json").write_text('{"epoch": 1.0}')
        what = soak.damage(path, rng)
        assert what_is_broken(path), what
        kinds.add(what.split(" at ")[0].split(" ", 1)[1])
    assert kinds == {"bit flipped", "cut off", "removed"}


@pytest.mark.parametrize(
    ("said", "good"),
    [
        ("topner: 数据: no such file\n", True),
        ("a warning\ntopner: x: cannot be written: No space left on device (make room)\n", True),
        ("", False),
        ("Traceback (most recent call last):\n  File ...\ntopner: x\n", False),
        ("OSError: No space left on device\n", False),
    ],
)
def test_what_counts_as_words(soak, said, good):
    assert soak.in_words(said) is good


def test_a_run_that_is_not_the_same_is_a_failure(soak, tmp_path, monkeypatch):
    class Child:
        """A training that is killed at once and resumed to other weights every second time."""

        runs = 0

        def __init__(self, run, resumed):
            self.run, self.resumed = run, resumed

        def alive(self):
            return True

        def kill(self):
            pass

        def communicate(self):
            (self.run / "model").mkdir(parents=True, exist_ok=True)
            Child.runs += self.resumed
            (self.run / "model" / "model.safetensors").write_text(str(Child.runs % 2))
            return 0, "", ""

    recipe = soak.Recipe("train.py", tmp_path / "c.yaml", tmp_path)
    (tmp_path / "whole" / "model").mkdir(parents=True)
    (tmp_path / "whole" / "model" / "model.safetensors").write_text("1")
    recipe.weights = soak.hashes(tmp_path / "whole")
    monkeypatch.setattr(soak.Recipe, "start", lambda self, run, *options: Child(run, "--resume" in options))
    row = soak.killed(recipe, 4, lambda run, process: None, "training", "now")
    assert (row.tries, row.failures) == (4, 2)
