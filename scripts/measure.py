"""Train one configuration with several seeds, score each model, and print mean and spread: every accuracy claim's source.

A seed that has been measured already (in the same folder, with the same configuration) is not trained again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from topner.cli import run
from topner.evaluation.runs import spread


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[key=value]...")
@click.option("--seeds", default="13,14,15", show_default=True, help="Separated by commas.")
@click.option("--shares", default="1.0", show_default=True, help="Shares of the training documents: a learning curve.")
@click.option("--on", "extra", multiple=True, type=click.Path(path_type=Path), help="More annotated data to score on.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("runs/measure"), show_default=True)
def main(
    config: Path, overrides: tuple[str, ...], seeds: str, shares: str, extra: tuple[Path, ...], output: Path
) -> None:
    """Measure CONFIG: strict F1 by label on the dev and test splits and on further data."""
    tables: dict[str, list[dict[str, dict[str, float]]]] = {}
    for share in shares.split(","):
        for seed in seeds.split(","):
            folder = output / f"share-{share}" / f"seed-{seed}"
            settings = (*overrides, f"seed={seed}", f"data.train_share={share}", f"run={folder}")
            tables.setdefault(share, []).append(measure(config, settings, folder, extra))
    for share, rows in tables.items():
        click.echo(
            f"\nshare of the training documents {share}, strict F1, {len(rows)} seeds: mean ± standard deviation"
        )
        click.echo(table(rows))


def measure(config: Path, overrides: Sequence[str], folder: Path, extra: Sequence[Path]) -> dict[str, dict[str, float]]:
    """F1 by data set and label of one run; from ``scores.json`` in its folder when all of it stands there."""
    from topner.configuration import dump_config
    from topner.document import documents_hash
    from topner.evaluation.judge import evaluate_model, judge
    from topner.files import read_text, write_json
    from topner.inference.tagger import Tagger
    from topner.labels import LabelSchema
    from topner.ledger import Ledger
    from topner.training.config import load_config
    from topner.training.data import load_splits
    from topner.training.train import train

    settings = load_config(config, overrides)
    splits = load_splits(settings.data, LabelSchema.of(settings.labels), settings.seed, Ledger())
    key = {"config": dump_config(settings), "data": {name: documents_hash(splits[name]) for name in sorted(splits)}}
    known: dict[str, Any] = {}
    if (folder / "scores.json").is_file():
        known = json.loads(read_text(folder / "scores.json"))
    if known.get("key") != key or not (folder / "model" / "config.json").is_file():
        train(settings)
        tagger = Tagger.from_pretrained(folder / "model")
        known = {"key": key, "scores": {}}
        for name in ("dev", "test"):
            if splits.get(name):
                known["scores"][name] = scores_of(judge(tagger, splits[name]).to_json())
        write_json(folder / "scores.json", known)
    for path in extra:
        if path.name not in known["scores"]:
            result = evaluate_model(folder / "model", path, folder / "evaluation" / path.stem)
            known["scores"][path.name] = scores_of(result.to_json())
            write_json(folder / "scores.json", known)
    return {name: dict(values) for name, values in known["scores"].items()}


def scores_of(metrics: Mapping[str, Any]) -> dict[str, float]:
    """F1 by label, and micro."""
    strict = metrics["strict"]
    return {**{name: score["f1"] for name, score in strict["labels"].items()}, "micro": strict["micro"]["f1"]}


def table(rows: Sequence[Mapping[str, Mapping[str, float]]]) -> str:
    """Mean and standard deviation over the rows by data set and label."""
    labels = list(next(iter(rows[0].values())))
    lines = [f"{'':14}" + "".join(f"{label:>16}" for label in labels)]
    for name in rows[0]:
        cells = (spread([row[name][label] for row in rows]) for label in labels)
        lines.append(f"{name:14}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)


if __name__ == "__main__":
    run(main)
