"""``topner targets FILES``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

FORMATS = ("xlsx", "csv", "jsonl", "parquet")


@click.command("list")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Table to write [default: a view on the screen].")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format of the table [default: its ending].")
@click.option("--annotated", is_flag=True, help="FILES hold annotated documents, in any format; no tagger is run.")
@click.option(
    "--model", type=click.Path(path_type=Path), help="Model folder [default: the shipped or installed tagger]."
)
@click.option(
    "--year", type=click.IntRange(1900, 2100), help="Year the documents speak from [default: read from them]."
)
def list_command(
    files: tuple[Path, ...],
    output: Path | None,
    format_: str | None,
    annotated: bool,
    model: Path | None,
    year: int | None,
) -> None:
    """Write one row a commitment of text FILES, with value, unit, period, who answers for it, and the sentence.

    A file that cannot be read is named on standard error, the others go on, and the exit status is 1.
    """
    from topner.targets.files import read_commitments
    from topner.targets.table import write_commitments
    from topner.targets.view import view

    problems: list[str] = []
    rows = [row for _, found in read_commitments(files, model, annotated, year, problems) for row in found]
    if output is None:
        click.echo(view(rows))
    else:
        write_commitments(output, rows, format_)  # type: ignore[arg-type]
        click.echo(f"{len(rows)} commitments: {output}")
    for problem in problems:
        click.echo(f"topner: {problem}", err=True)
    if problems:
        sys.exit(1)
