import subprocess
import sys

import pytest

from topner.errors import TopnerError
from topner.training.checkpoint import new_checkpoint
from topner.training.config import TrainConfig
from topner.training.run import RunFolder, versions


@pytest.fixture
def config(settings):
    return TrainConfig.model_validate(settings)


def checkpoint(run, step):
    path = run.checkpoints / f"checkpoint-{step}"
    with new_checkpoint(path) as folder:
        (folder / "trainer_state.json").write_text("{}")
    return path


def test_a_fresh_start_clears_what_an_earlier_run_left(config):
    run = RunFolder(config.run)
    checkpoint(run, 5)
    run.model.mkdir()
    (run.path / ".model.x1.part").mkdir()
    (run.path / ".config.yaml.x1.part").touch()
    run.log.write_text("{}\n")
    assert run.start(config, {"data": "abc"}, resume=False) is None
    assert not run.checkpoints.exists()
    assert not run.model.exists()
    assert not run.log.exists()
    assert sorted(path.name for path in run.path.iterdir()) == ["config.yaml", "run.json"]


def test_resuming_takes_the_newest_checkpoint(config):
    run = RunFolder(config.run)
    run.start(config, {"data": "abc"}, resume=False)
    checkpoint(run, 90)
    newest = checkpoint(run, 100)
    assert run.start(config, {"data": "abc"}, resume=True) == newest
    with pytest.raises(TopnerError, match="data changed"):
        run.start(config, {"data": "other"}, resume=True)
    with pytest.raises(TopnerError, match="number of processes changed"):
        run.start(config, {"data": "abc", "processes": 2}, resume=True)
    run.provenance.write_text("{")
    with pytest.raises(TopnerError, match="not JSON"):
        run.start(config, {"data": "abc"}, resume=True)


def test_resuming_without_a_checkpoint_starts_anew(config):
    assert RunFolder(config.run).start(config, {"data": "abc"}, resume=True) is None


def test_versions_name_what_shapes_a_result():
    assert {"python", "torch", "transformers", "tokenizers", "numpy"} <= versions().keys()


HOLD = """
import sys, time
from pathlib import Path
from topner.training.run import RunFolder
with RunFolder(Path(sys.argv[1])).locked():
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_second_training_in_a_folder_refuses_until_the_first_is_gone(config):
    run = RunFolder(config.run)
    with run.locked(), RunFolder(config.run).locked():  # blocks of one process may be nested
        pass
    with subprocess.Popen([sys.executable, "-c", HOLD, str(run.path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(TopnerError, match="another training"), run.locked():
            pass
        with run.locked(held=False):  # the second process of one run does not lock
            pass
        other.kill()
    with run.locked():
        pass


def test_a_run_folder_that_cannot_be_made(config, tmp_path):
    (tmp_path / "file").write_text("x")
    run = RunFolder(tmp_path / "file" / "run")
    with pytest.raises(TopnerError, match="cannot be written"), run.locked():
        pass
