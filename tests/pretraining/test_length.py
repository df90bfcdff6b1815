import json
from pathlib import Path

import pytest

from topner.configuration import dump_config
from topner.errors import TopnerError
from topner.files import write_text
from topner.pretraining.config import PretrainConfig
from topner.pretraining.length import Length, may_change_length
from topner.training.run import RunFolder

VALUES = {
    "text": {"sources": [{"path": "公报.txt"}]},
    "training": {"tokens": 100_000, "length": 100, "batch_size": 10, "warmup": 0.1, "decay": 0.2},
}


def config(run, **training):
    return PretrainConfig.model_validate({**VALUES, "run": str(run), "training": {**VALUES["training"], **training}})


def begun(folder: Path) -> RunFolder:
    """A run of 100 steps, level from the 10th to the 80th."""
    folder.mkdir()
    write_text(folder / "config.yaml", dump_config(config(folder)))
    return RunFolder(folder)


def may(run, step, processes=1, **asked):
    return may_change_length(run, config(run.path, **asked), processes, run.checkpoints / f"checkpoint-{step}")


def test_steps_are_counted_over_all_processes():
    assert Length.of(config("r"), 1) == Length(1000, 100, 10, 20)
    assert Length.of(config("r", accumulate=2, tokens=100_001), 2) == Length(4000, 26, 3, 5)


@pytest.mark.parametrize(
    ("step", "asked"), [(40, {"tokens": 50_000}), (80, {"tokens": 200_000}), (50, {"tokens": 60_000, "decay": 0.1})]
)
def test_a_level_run_becomes_longer_or_shorter(tmp_path, capsys, step, asked):
    run = begun(tmp_path / "run")
    assert may(run, step, **asked)
    assert f"goes on to {asked['tokens']:,} tokens" in capsys.readouterr().out
    noted = json.loads(run.log.read_text(encoding="utf-8"))
    assert (noted["step"], noted["planned_tokens"]) == (step, asked["tokens"])


@pytest.mark.parametrize(
    ("step", "asked", "message"),
    [
        (5, {"tokens": 50_000}, "until now the learning rate is level from step 10 to 80"),
        (90, {"tokens": 500_000}, "until now the learning rate is level from step 10 to 80"),
        (50, {"tokens": 60_000}, "from now on the learning rate is level from step 6 to 48"),
        (15, {"tokens": 200_000}, "from now on the learning rate is level from step 20 to 160"),
        (60, {"tokens": 60_000, "decay": 0.0}, "from now on the learning rate is level from step 6 to 59"),
    ],
)
def test_elsewhere_it_is_refused_and_nothing_is_written(tmp_path, step, asked, message):
    run = begun(tmp_path / "run")
    before = run.config.read_bytes()
    with pytest.raises(TopnerError, match=message):
        may(run, step, **asked)
    assert run.config.read_bytes() == before
    assert not run.log.exists()


@pytest.mark.parametrize("asked", [{"learning_rate": 1e-3, "tokens": 50_000}, {"schedule": "linear"}])
def test_what_differs_in_more_is_another_run(tmp_path, asked):
    assert not may(begun(tmp_path / "run"), 40, **asked)


@pytest.mark.parametrize("step", [3, 40, 90])
def test_a_folder_may_be_called_otherwise_at_any_step(tmp_path, capsys, step):
    begun(tmp_path / "run")
    (tmp_path / "run").rename(tmp_path / "副本")
    assert may(RunFolder(tmp_path / "副本"), step)
    assert not capsys.readouterr().out
