"""``topner data check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("check")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--splits", type=click.Path(path_type=Path), help="Split file to hold against the documents.")
@click.option("--reference", type=click.Path(path_type=Path), help="Real documents to compare the diversity with.")
@click.option("--apart", multiple=True, metavar="KEY", help="Metadata key that train and test may not share values of.")
@click.option("--min-diversity", type=click.FloatRange(0, 1), default=0.8, show_default=True)
@click.option("--labels", metavar="A,B,C", help="Labels, the strongest first.  [default: TARGET,PROJECT,ORG]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="CSV file for the suspect spans.")
def check_command(
    data: Path,
    splits: Path | None,
    reference: Path | None,
    apart: tuple[str, ...],
    min_diversity: float,
    labels: str | None,
    output: Path | None,
) -> None:
    """Look over the annotated documents of DATA, a file or folder in any format.

    Exit status 1 when something is wrong (a lost annotation, half a pair of quotes, near-duplicates across splits ...);
    spans that are only suspect are counted, and listed with -o.
    """
    from topner.corpus.check import check_corpus
    from topner.labels import LabelSchema

    schema = LabelSchema.parse(labels)
    result = check_corpus(data, schema, splits, reference, apart, min_diversity)
    click.echo(result.table())
    if output is not None:
        result.write_suspicions(output)
        click.echo(f"listed in {output}")
    if result.errors:
        sys.exit(1)
