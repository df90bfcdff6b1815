import pytest

from topner.errors import TopnerError
from topner.training.config import TrainConfig
from topner.training.run import RunFolder, versions


@pytest.fixture
def config(settings):
    return TrainConfig.model_validate(settings)


def checkpoint(run, step):
    folder = run.checkpoints / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "trainer_state.json").write_text("{}")
    return folder


def test_a_fresh_start_clears_what_an_earlier_run_left(config):
    run = RunFolder(config.run)
    checkpoint(run, 5)
    run.model.mkdir()
    run.log.write_text("{}\n")
    assert run.start(config, {"data": "abc"}, resume=False) is None
    assert not run.checkpoints.exists()
    assert not run.model.exists()
    assert not run.log.exists()


def test_resuming_takes_the_newest_checkpoint(config):
    run = RunFolder(config.run)
    run.start(config, {"data": "abc"}, resume=False)
    checkpoint(run, 90)
    newest = checkpoint(run, 100)
    assert run.start(config, {"data": "abc"}, resume=True) == newest
    with pytest.raises(TopnerError, match="data changed"):
        run.start(config, {"data": "other"}, resume=True)


def test_resuming_without_a_checkpoint_starts_anew(config):
    assert RunFolder(config.run).start(config, {"data": "abc"}, resume=True) is None


def test_versions_name_what_shapes_a_result():
    assert {"python", "torch", "transformers", "tokenizers", "numpy"} <= versions().keys()
