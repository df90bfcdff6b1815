from pathlib import Path

import pytest

from topner.configuration import dump_config
from topner.errors import TopnerError
from topner.files import sha256, write_json, write_text
from topner.pretraining.config import PretrainConfig
from topner.pretraining.length import Length, change_length
from topner.training.run import RunFolder

VALUES = {
    "text": {"sources": [{"path": "公报.txt"}]},
    "training": {"tokens": 100_000, "length": 100, "batch_size": 10, "warmup": 0.1, "decay": 0.2},
}


def config(run, **training):
    return PretrainConfig.model_validate({**VALUES, "run": str(run), "training": {**VALUES["training"], **training}})


def begun(folder: Path, step: int) -> RunFolder:
    """A run of 100 steps, level from the 10th to the 80th, that stands at ``step``."""
    checkpoint = folder / "checkpoints" / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    write_json(checkpoint / "trainer_state.json", {"global_step": step})
    state = checkpoint / "trainer_state.json"
    facts = {"bytes": state.stat().st_size, "sha256": sha256(state)}
    write_json(checkpoint / "manifest.json", {"files": {state.name: facts}})
    write_text(folder / "config.yaml", dump_config(config(folder)))
    return RunFolder(folder)


def test_steps_are_counted_over_all_processes():
    assert Length.of(config("r"), 1) == Length(1000, 100, 10, 20)
    assert Length.of(config("r", accumulate=2, tokens=100_001), 2) == Length(4000, 26, 3, 5)


@pytest.mark.parametrize(
    ("step", "asked"), [(40, {"tokens": 50_000}), (80, {"tokens": 200_000}), (50, {"tokens": 60_000, "decay": 0.1})]
)
def test_a_level_run_becomes_longer_or_shorter(tmp_path, capsys, step, asked):
    run = begun(tmp_path / "run", step)
    change_length(run, config(run.path, **asked), 1)
    assert run.config.read_text(encoding="utf-8") == dump_config(config(run.path, **asked))
    assert f"goes on to {asked['tokens']:,} tokens" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("step", "asked", "message"),
    [
        (5, {"tokens": 50_000}, "until now the learning rate is level from step 10 to 80"),
        (90, {"tokens": 500_000}, "until now the learning rate is level from step 10 to 80"),
        (50, {"tokens": 60_000}, "from now on the learning rate is level from step 6 to 48"),
        (15, {"tokens": 200_000}, "from now on the learning rate is level from step 20 to 160"),
    ],
)
def test_elsewhere_it_is_refused_and_nothing_is_changed(tmp_path, step, asked, message):
    run = begun(tmp_path / "run", step)
    before = run.config.read_bytes()
    with pytest.raises(TopnerError, match=message):
        change_length(run, config(run.path, **asked), 1)
    assert run.config.read_bytes() == before


@pytest.mark.parametrize("asked", [{}, {"learning_rate": 1e-3, "tokens": 50_000}, {"schedule": "linear"}])
def test_what_differs_in_more_is_left_to_the_check_of_the_folder(tmp_path, asked):
    run = begun(tmp_path / "run", 40)
    before = run.config.read_bytes()
    change_length(run, config(run.path, **asked), 1)
    assert run.config.read_bytes() == before


def test_a_copy_of_a_run_goes_on_under_its_own_name(tmp_path):
    begun(tmp_path / "run", 40)
    (tmp_path / "run").rename(tmp_path / "副本")
    run = RunFolder(tmp_path / "副本")
    change_length(run, config(run.path, tokens=50_000), 1)
    assert run.config.read_text(encoding="utf-8") == dump_config(config(run.path, tokens=50_000))


def test_a_fresh_folder_is_left_alone(tmp_path):
    change_length(RunFolder(tmp_path / "none"), config(tmp_path / "none"), 1)
    assert not (tmp_path / "none").exists()
