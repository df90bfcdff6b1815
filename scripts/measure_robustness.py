"""Score a tagger on the same documents in the conditions that pages arrive in: ruby, traditional script, no punctuation ..."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli import run


@click.command()
@click.argument("model")
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--splits",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("data/splits.json"),
    show_default=True,
    help="Frozen split: of data whose documents it names, only --part is scored.",
)
@click.option("--part", default="test", show_default=True, help="Split that is scored.")
@click.option("--resamples", default=2000, show_default=True, type=click.IntRange(1))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("robustness.json"))
def main(model: str, data: Path, splits: Path, part: str, resamples: int, output: Path) -> None:
    """Measure MODEL (a folder, or "default") on annotated DATA; print a table and write it as JSON."""
    from topner.dataset.part import read_part
    from topner.encoder.locate import default_model_path
    from topner.evaluation.robustness import measure_robustness, table
    from topner.files import write_json
    from topner.inference.tagger import Tagger
    from topner.ledger import Ledger

    folder = default_model_path() if model == "default" else Path(model)
    tagger, ledger = Tagger.from_pretrained(folder), Ledger()
    name, gold = read_part(data, tagger.schema, ledger, splits if splits.is_file() else None, part)
    rows = measure_robustness(tagger.pipe, gold, tagger.schema, resamples=resamples)
    click.echo(f"{folder} on {name}, {len(gold)} documents ({ledger.summary()}), strict F1")
    click.echo(table(rows))
    for row in rows:
        if row.left_out:
            click.echo(f"{row.condition}: gold not carried in {', '.join(row.left_out)}")
    write_json(output, {"model": str(folder), "data": name, "conditions": [row.to_json() for row in rows]})
    click.echo(f"written: {output}")


if __name__ == "__main__":
    run(main)
