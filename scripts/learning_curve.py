"""Train on nested random subsets of the training documents and print how the score grows with their number.

A training that has been measured already (in the same folder, with the same configuration and data) is not done again, so a
curve that was cut off goes on where it stopped.
"""

from __future__ import annotations

from pathlib import Path

import click

from measure import measure
from topner.cli import run


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[key=value]...")
@click.option("--documents", default="25,50,100,200,all", show_default=True, help="Numbers of training documents.")
@click.option("--seeds", default="13,17,19", show_default=True, help="Separated by commas.")
@click.option("--on", "extra", multiple=True, type=click.Path(path_type=Path), help="More annotated data to score on.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("runs/curve"), show_default=True)
def main(
    config: Path, overrides: tuple[str, ...], documents: str, seeds: str, extra: tuple[Path, ...], output: Path
) -> None:
    """Draw the learning curve of CONFIG: strict F1 on the dev and test splits and on further data.

    With one seed a smaller subset is part of a larger one; each seed draws its own. Every training keeps its folder in the
    output folder, beside curve.json and curve.png.
    """
    from dataclasses import asdict

    from topner.errors import TopnerError
    from topner.evaluation.learning_curve import Point, draw, read_sizes, table
    from topner.files import write_json
    from topner.labels import LabelSchema
    from topner.ledger import Ledger
    from topner.training.config import load_config
    from topner.training.data import load_splits

    numbers = seeds.split(",")
    if not all(number.strip().isdigit() for number in numbers):
        raise TopnerError(f"{seeds!r} are no seeds", hint="write whole numbers separated by commas: 13,17,19")
    totals = {}  # without a frozen split each seed deals its own
    for seed in map(int, numbers):
        settings = load_config(config, (*overrides, f"seed={seed}", "data.train_share=1.0"))
        splits = load_splits(settings.data, LabelSchema.of(settings.labels), seed, Ledger())
        totals[seed] = len(splits["train"])
    total = min(totals.values())
    points: list[Point] = []
    for size in read_sizes(documents, total):
        for seed in totals:
            folder = output / f"documents-{size}" / f"seed-{seed}"
            chosen = (f"seed={seed}", f"data.train_share={size / totals[seed]!r}", f"run={folder}")
            points.append(Point(size, seed, measure(config, (*overrides, *chosen), folder, extra)))
            write_json(output / "curve.json", [asdict(point) for point in points])
    click.echo(f"\n{config}, {total} training documents in all\n{table(points)}")
    draw(points, output / "curve.png")
    click.echo(f"\nwritten: {output / 'curve.json'}, {output / 'curve.png'}")


if __name__ == "__main__":
    run(main)
