"""Print the worst errors that several trainings share: what the training documents do not teach yet."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from statistics import mean

import click

from topner.cli import run

GROUPS = {"missed": ["missed"], "too many": ["spurious"], "wrong boundary or label": ["boundary", "type", "both"]}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-n", "--number", default=30, show_default=True)
def main(files: tuple[Path, ...], number: int) -> None:
    """Rank the errors in FILES, the ``errors.csv`` of evaluations on the same documents by models of several seeds.

    A third of the list each for mentions missed, mentions too many, and mentions with a wrong boundary or label; first those
    errors that most models make, among these the ones they are surest of. A string that is repeated in a document counts once.
    """
    made: dict[tuple[str, str, str], dict[Path, float]] = defaultdict(dict)
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                sides = [f"{row[f'{side}_label']} {row[f'{side}_text']}".strip() for side in ("gold", "predicted")]
                error = (row["document"], row["kind"], sides[row["kind"] == "spurious"])
                made[error][path] = max(made[error].get(path, 0.0), float(row["score"] or 1))
    for title, kinds in GROUPS.items():
        found = {error: list(scores.values()) for error, scores in made.items() if error[1] in kinds}
        order = sorted(found, key=lambda error: (-len(found[error]), -mean(found[error]), error))
        click.echo(f"\n{title}: {sum(len(s) == len(files) for s in found.values())} made by all {len(files)} models")
        for error in order[: number // len(GROUPS)]:
            click.echo(
                f"{len(found[error])}/{len(files)}  {mean(found[error]):.2f}  {error[0]}  {error[1]}  {error[2]}"
            )


if __name__ == "__main__":
    run(main)
