import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from topner.training.checkpoint import checkpoint_folders
from topner.training.config import TrainConfig
from topner.training.train import train

ROOT = Path(__file__).parents[2]


def together(config: Path, *options: str) -> subprocess.CompletedProcess:
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launch, str(ROOT / "scripts" / "train.py"), str(config), *options]
    one = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=one)


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_file(run / "model" / "model.safetensors")


def test_two_processes_take_the_steps_of_one_and_go_on_after_a_break(settings, corpus, tmp_path):
    settings["data"] = {"train": str(corpus), "dev": str(corpus)}
    settings["window"] = {"size": 36, "overlap": 8}  # 15 windows: three are left for the last step, shared two and one
    settings["model"].update(dropout=0.0, attention_dropout=0.0)
    alone, _ = train(TrainConfig.model_validate(settings))
    shared = {**settings, "run": str(tmp_path / "two"), "training": {**settings["training"], "batch_size": 2}}
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(shared), encoding="utf-8")
    done = together(tmp_path / "c.yaml")
    assert done.returncode == 0, done.stderr[:2000]
    for said in ("nothing lost", "model: ", "report: "):
        assert done.stdout.count(said) == 1, done.stdout
    run = tmp_path / "two"
    logs = [[json.loads(line) for line in (folder / "log.jsonl").open()] for folder in (alone.path, run)]
    for one, two in zip(*logs, strict=True):
        assert one["step"] == two["step"]
        assert one.get("eval_support") == two.get("eval_support")  # windows of the longer share are not counted twice
        assert one.get("loss", 0) == pytest.approx(two.get("loss", 0), rel=1e-3)
    for key, value in weights(alone.path).items():
        torch.testing.assert_close(weights(run)[key], value, rtol=1e-3, atol=1e-4)

    before, newest = weights(run), checkpoint_folders(run / "checkpoints")[0]
    os.truncate(newest / "model.safetensors", 50)
    done = together(tmp_path / "c.yaml", "--resume")
    assert done.returncode == 0, done.stderr[:2000]
    assert done.stdout.count("is broken") == 1
    assert all(torch.equal(value, before[key]) for key, value in weights(run).items())
    config = TrainConfig.model_validate(shared)
    with pytest.raises(Exception, match="number of processes changed"):
        train(config, resume=True)
