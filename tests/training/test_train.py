import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import TrainerCallback

import topner.training.train as training
from topner.encoder.locate import default_model_path
from topner.errors import TopnerError
from topner.evaluation.judge import evaluate_model
from topner.training.config import TrainConfig
from topner.training.train import train, train_and_evaluate


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in one order, so that equal runs are equal to the bit
    yield
    torch.set_num_threads(threads)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return {path.name + key: value for path in folder.glob("*.safetensors") for key, value in load_file(path).items()}


def same(a, b) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("head", ["softmax", "crf"])
def test_a_run_leaves_all_that_was_promised(settings, head, capsys):
    settings["model"]["head"] = head
    settings["training"]["epochs"] = 8
    settings["install"] = True
    config = TrainConfig.model_validate(settings)
    results = train_and_evaluate(config)
    assert set(results) == {"dev", "test"}
    run = Path(settings["run"])
    for name in ("config.yaml", "run.json", "log.jsonl", "losses.csv", "model/topner.json"):
        assert (run / name).is_file(), name
    for split in ("dev", "test"):
        metrics = json.loads((run / "evaluation" / split / "metrics.json").read_text(encoding="utf-8"))
        assert metrics["strict"]["micro"]["f1"] == round(results[split].strict.micro.f1, 6)
        assert (run / "evaluation" / split / "report.html").is_file()
    losses = [row["loss"] for line in (run / "log.jsonl").open() if "loss" in (row := json.loads(line))]
    assert losses[-1] < 0.8 * losses[0]
    provenance = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert sum(map(len, provenance["splits"].values())) == 8
    assert default_model_path().joinpath("config.json").is_file()
    printed = capsys.readouterr().out
    assert "nothing lost" in printed
    assert "report: " in printed


def test_the_model_learns_the_documents_it_saw(settings, corpus, tmp_path):
    settings["data"] = {"train": str(corpus), "dev": str(corpus)}
    settings["training"].update(epochs=60, learning_rate=3e-3, evaluate="end")
    settings["model"]["head"] = "crf"
    run, _ = train(TrainConfig.model_validate(settings))
    result = evaluate_model(run.model, corpus, tmp_path / "report")
    assert result.strict.micro.f1 > 0.8


def test_equal_runs_are_equal_to_the_bit(settings, tmp_path):
    first, _ = train(TrainConfig.model_validate(settings))
    kept = weights(first.model)
    second, _ = train(TrainConfig.model_validate({**settings, "run": str(tmp_path / "again")}))
    assert same(kept, weights(second.model))
    third, _ = train(TrainConfig.model_validate({**settings, "seed": 4}))
    assert not same(kept, weights(third.model))


class Stop(TrainerCallback):
    """The power fails in the middle of the third epoch."""

    def on_step_end(self, args, state, control, **kwargs):
        if state.epoch > 2.2:
            raise KeyboardInterrupt


def test_a_resumed_run_ends_as_if_never_interrupted(settings, tmp_path, monkeypatch):
    settings["training"].update(epochs=4, batch_size=2, evaluate="end")
    whole, _ = train(TrainConfig.model_validate({**settings, "run": str(tmp_path / "whole")}))
    config = TrainConfig.model_validate(settings)
    make = training._trainer

    def failing(*arguments):
        trainer = make(*arguments)
        trainer.add_callback(Stop())
        return trainer

    monkeypatch.setattr(training, "_trainer", failing)
    with pytest.raises(KeyboardInterrupt):
        train(config)
    monkeypatch.setattr(training, "_trainer", make)
    last = sorted(Path(settings["run"], "checkpoints").iterdir())[-1]
    shutil.copytree(last, last.parent / "checkpoint-9999")  # cut off while being written
    (last.parent / "checkpoint-9999" / "trainer_state.json").unlink()
    resumed, _ = train(config, resume=True)
    assert same(weights(resumed.model), weights(whole.model))


def test_resuming_another_run_is_refused(settings):
    train(TrainConfig.model_validate(settings))
    settings["training"]["learning_rate"] = 5e-4
    with pytest.raises(TopnerError, match="another configuration"):
        train(TrainConfig.model_validate(settings), resume=True)


def test_annotations_lost_in_reading_stop_the_run(settings, tmp_path):
    folder = tmp_path / "bad"
    shutil.copytree(settings["data"]["path"], folder)
    (folder / "z.txt").write_text("---\nid: z\n---\n[市财政局](OFFICE)\n", encoding="utf-8")
    settings["data"]["path"] = str(folder)
    settings["data"]["max_loss"] = 0.0
    with pytest.raises(TopnerError, match="were dropped"):
        train(TrainConfig.model_validate(settings))


def test_an_encoder_that_is_not_built_yet(settings):
    settings["model"]["encoder"] = "embedded"
    with pytest.raises(TopnerError, match=r"build_encoder\.py"):
        train(TrainConfig.model_validate(settings))
