import errno
import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import TrainerCallback

import topner.training.train as training
import topner.training.trainer as trainer_module
from topner.encoder.locate import cache_folder
from topner.errors import TopnerError
from topner.evaluation.judge import evaluate_model
from topner.training.checkpoint import checkpoint_folders
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
    assert [path.name for path in resumed.checkpoints.iterdir()].count("checkpoint-9999") == 0
    assert [row["step"] for row in records(resumed)] == [row["step"] for row in records(whole)]


def records(run) -> list[dict]:
    rows = [json.loads(line) for line in run.log.open(encoding="utf-8")]
    return [row for row in rows if "loss" in row or "eval_f1" in row]


@pytest.mark.parametrize("damage", ["flip", "cut"])
def test_from_a_damaged_checkpoint_the_run_goes_back_one(settings, damage, capsys):
    settings["training"].update(epochs=3, evaluate="end")
    config = TrainConfig.model_validate(settings)
    run, _ = train(config)
    whole = weights(run.model)
    newest = checkpoint_folders(run.checkpoints)[0]
    for path in newest.iterdir():
        assert path.suffix in (".safetensors", ".json"), path.name  # nothing pickled
    data = bytearray((newest / "optimizer.safetensors").read_bytes())
    data[-3] ^= 16
    (newest / "optimizer.safetensors").write_bytes(data if damage == "flip" else data[:-3])
    shutil.rmtree(run.model)
    capsys.readouterr()
    train(config, resume=True)
    assert f"{newest.name} is broken: optimizer.safetensors" in capsys.readouterr().out
    assert same(weights(run.model), whole)


def test_patience_and_the_best_model_outlive_a_kill(settings, monkeypatch):
    """Scores fall from the first epoch on: training stops after three, wherever it is broken off in between."""
    settings["training"].update(epochs=6, patience=2)
    falling = {}

    def scores(model):
        def compute(prediction):
            name = float(next(model.parameters()).detach().double().sum())  # what is scored is told by its weights
            falling.setdefault(name, {"f1": 0.9 - len(falling) / 10})
            return falling[name]

        return compute

    monkeypatch.setattr(training, "_window_scores", scores)
    config = TrainConfig.model_validate(settings)
    run, _ = train(config)
    assert len(falling) == 3
    stopped, best = weights(run.model), checkpoint_folders(run.checkpoints)[-1]
    assert same(load_file(best / "model.safetensors"), plain_names(run.model))
    shutil.rmtree(run.model)  # killed after it had stopped
    train(config, resume=True)
    assert len(falling) == 3
    assert same(weights(run.model), stopped)
    shutil.rmtree(checkpoint_folders(run.checkpoints)[0])  # killed while the third epoch was saved
    train(config, resume=True)
    assert len(falling) == 3
    assert same(weights(run.model), stopped)


def plain_names(folder: Path) -> dict[str, torch.Tensor]:
    return {f"network.{key}": value for key, value in load_file(folder / "model.safetensors").items()}


def test_accumulated_batches_equal_the_large_batch(settings, tmp_path):
    """Windows of unequal length: a mean of the batches' means would weigh their tokens differently."""
    settings["model"].update(dropout=0.0, attention_dropout=0.0)
    settings["training"].update(epochs=2, evaluate="end", layer_decay=1.0)
    found = []
    for name, batch, accumulate in (("large", 4, 1), ("halves", 2, 2), ("singles", 1, 4)):
        changed = {**settings["training"], "batch_size": batch, "accumulate": accumulate}
        run, _ = train(TrainConfig.model_validate({**settings, "run": str(tmp_path / name), "training": changed}))
        found.append(weights(run.model))
    for other in found[1:]:
        for key, value in found[0].items():
            torch.testing.assert_close(other[key], value, rtol=1e-4, atol=2e-5)


def test_a_full_disk_ends_in_words_and_the_run_goes_on_later(settings, tmp_path, monkeypatch):
    settings["training"].update(epochs=3, evaluate="end")
    whole, _ = train(TrainConfig.model_validate({**settings, "run": str(tmp_path / "whole")}))
    config = TrainConfig.model_validate(settings)
    save, calls = trainer_module.save_optimizer, []

    def full(optimizer, path):
        calls.append(path)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(optimizer, path)

    monkeypatch.setattr(trainer_module, "save_optimizer", full)
    with pytest.raises(TopnerError, match=r"No space left.*--resume; checkpoint-\d+ is untouched"):
        train(config)
    run, _ = train(config, resume=True)
    assert same(weights(run.model), weights(whole.model))


def test_a_full_disk_while_the_model_is_written(settings, monkeypatch):
    def full(*_):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    config = TrainConfig.model_validate(settings)
    monkeypatch.setattr(training, "save_model", full)
    with pytest.raises(TopnerError, match=r"model: cannot be written: .*No space left.*--resume"):
        train(config)
    assert not (config.run / "model").exists()


def test_data_that_vanished_or_changed(settings, tmp_path, corpus):
    folder = tmp_path / "data"
    shutil.copytree(corpus, folder)
    settings["data"]["path"] = str(folder)
    config = TrainConfig.model_validate(settings)
    train(config)
    (folder / "nw-01.txt").unlink()
    with pytest.raises(TopnerError, match="data changed since"):
        train(config, resume=True)
    shutil.rmtree(folder)
    with pytest.raises(TopnerError, match=r"data: "):
        train(config, resume=True)


@pytest.mark.parametrize("damage", ["gone", "cut", "ledger"])
def test_cached_windows_that_are_damaged_are_made_anew(settings, damage, capsys):
    settings["training"]["epochs"] = 1
    config = TrainConfig.model_validate(settings)
    run, _ = train(config)
    before = weights(run.model)
    for folder in (cache_folder() / "datasets").iterdir():
        if damage == "gone":
            shutil.rmtree(folder / "windows")
        elif damage == "cut":
            os.truncate(next(folder.glob("windows/*.arrow")), 200)
        else:
            os.truncate(folder / "ledger.json", 3)
    train(config)
    assert capsys.readouterr().out.count("made anew") == 2
    assert same(weights(run.model), before)


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
    settings["model"]["encoder"] = "starting"
    with pytest.raises(TopnerError, match=r"build_encoder\.py"):
        train(TrainConfig.model_validate(settings))
