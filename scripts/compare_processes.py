"""Train the same recipe with one process and with two that share each batch, and compare scores and weights.

Recipe: configs/smoke.yaml with a narrow encoder made on the spot and a few documents of the corpus, or any other with --config.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
import torch
from safetensors.torch import load_file

from topner.cli import run as run_command
from topner.errors import TopnerError
from topner.evaluation.runs import spread
from topner.promises import Promise, promise_table, write_promises
from topner.training.config import load_config
from topner.training.tiny import write_recipe

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS, DEV = 30, 6
MASKS = {"drawn": [], "none": ["model.dropout=0", "model.attention_dropout=0"]}


@dataclass(frozen=True)
class Trained:
    """What a run left.

    Attributes:
        f1: strict micro F1 on the dev documents.
        steps: weight updates.
        counted: gold mentions that each evaluation between epochs counted.
        loss: of the last epoch.
        weights: by name.
    """

    f1: float
    steps: int
    counted: list[int]
    loss: float
    weights: dict[str, torch.Tensor]


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="Another recipe; it must evaluate on dev every epoch.")
@click.option("--seeds", default="13,14,15", show_default=True, help="Separated by commas.")
@click.option("--epochs", default=8, show_default=True)
@click.option("--results", type=click.Path(path_type=Path), help="JSON lines for scripts/trust.py.")
def main(config: Path | None, seeds: str, epochs: int, results: Path | None) -> None:
    """Print a table of one process beside two; exit with status 1 when they do not agree."""
    rows: dict[str, list[tuple[Trained, Trained]]] = {}
    with tempfile.TemporaryDirectory(prefix="processes-") as name:
        folder = Path(name)
        if config is None:
            documents = sorted((ROOT / "data" / "corpus").glob("*.txt"))[:DOCUMENTS]
            changes = {"batch_size": 16, "threads": 1, "bf16": False}
            config = write_recipe(ROOT / "configs" / "smoke.yaml", documents, DEV, folder / "recipe", changes)
        size = load_config(config).training.batch_size
        for masks, options in MASKS.items():
            for seed in seeds.split(",") if masks == "drawn" else seeds.split(",")[:1]:
                settings = [f"seed={seed}", f"training.epochs={epochs}", *options]
                alone = train(config, 1, [*settings, f"training.batch_size={size}"], folder / f"{masks}-{seed}-1")
                two = train(config, 2, [*settings, f"training.batch_size={size // 2}"], folder / f"{masks}-{seed}-2")
                rows.setdefault(masks, []).append((alone, two))
                click.echo(line(masks, seed, alone, two))
    promises = judge(rows)
    click.echo(f"\n{promise_table(promises)}")
    if results is not None:
        write_promises(results, promises, Path(__file__).name)
    sys.exit(any(promise.failures for promise in promises))


def train(config: Path, processes: int, options: list[str], run: Path) -> Trained:
    """Train in processes of their own and read what they left."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    command = [sys.executable, *(launch if processes > 1 else []), str(ROOT / "scripts" / "train.py"), str(config)]
    own = {"OMP_NUM_THREADS": "1", "TOPNER_CACHE": str(run.parent / "cache"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(  # noqa: S603 (this repository's own script)
        [*command, f"run={run}", *options], capture_output=True, text=True, env={**os.environ, **own}, check=False
    )
    if done.returncode:
        raise TopnerError(f"{processes} processes: {done.stderr.strip()[-1000:]}", path=run)
    log = [json.loads(record) for record in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    metrics = json.loads((run / "evaluation" / "dev" / "metrics.json").read_text(encoding="utf-8"))
    return Trained(
        metrics["strict"]["micro"]["f1"],
        log[-1]["step"],
        [int(record["eval_support"]) for record in log if "eval_support" in record],
        [record["loss"] for record in log if "loss" in record][-1],
        {key: value for path in (run / "model").glob("*.safetensors") for key, value in load_file(path).items()},
    )


def apart(alone: Trained, two: Trained) -> float:
    """The largest difference of a weight."""
    return max(float((alone.weights[key] - two.weights[key]).abs().max()) for key in alone.weights)


def line(masks: str, seed: str, alone: Trained, two: Trained) -> str:
    """One pair of runs as a line."""
    return (
        f"dropout masks {masks:<5}  seed {seed}  F1 {alone.f1:.4f} {two.f1:.4f}  loss {alone.loss:.4f} {two.loss:.4f}  "
        f"steps {alone.steps} {two.steps}  largest difference of a weight {apart(alone, two):.1e}"
    )


def judge(rows: dict[str, list[tuple[Trained, Trained]]]) -> list[Promise]:
    """Whether what was promised holds in these pairs of runs."""
    drawn, pairs = rows["drawn"], [pair for found in rows.values() for pair in found]
    ones, twos = ([pair[i].f1 for pair in drawn] for i in (0, 1))
    click.echo(f"\nstrict micro F1 on dev, {len(drawn)} seeds: one process {spread(ones)}, two {spread(twos)}")
    errors = [statistics.variance(scores) / len(scores) if len(scores) > 1 else 0.0 for scores in (ones, twos)]
    far = abs(statistics.mean(ones) - statistics.mean(twos)) > max(2 * sum(errors) ** 0.5, 0.01)
    how = "torchrun with two processes beside one, the same global batch"
    changed = min(apart(a, b) for a, b in drawn)  # rounding grows over the steps: it is held against another draw
    return [
        Promise(
            "two processes score as one does: means within two standard errors, or 0.01",
            how,
            len(drawn),
            far * len(drawn),
        ),
        Promise(
            "without dropout two processes end as one: losses within 1%, weights within a twentieth of what other masks change",
            how,
            len(rows["none"]),
            sum(apart(a, b) > changed / 20 or abs(a.loss - b.loss) > 0.01 * a.loss for a, b in rows["none"]),
        ),
        Promise(
            "two processes make as many steps and count each gold mention of dev once",
            how,
            len(pairs),
            sum(a.steps != b.steps or set(a.counted) != set(b.counted) or len(set(b.counted)) > 1 for a, b in pairs),
        ),
    ]


if __name__ == "__main__":
    run_command(main)
