"""``topner targets FILES``."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli.reading import finish, reading_options

FORMATS = ("xlsx", "csv", "jsonl", "parquet")


@click.command("list")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Table to write [default: a view on the screen].")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format of the table [default: its ending].")
@click.option("--annotated", is_flag=True, help="FILES hold annotated documents, in any format; no tagger is run.")
@click.option("--model", type=click.Path(path_type=Path), help="Model folder [default: the shipped tagger].")
@click.option(
    "--year", type=click.IntRange(1900, 2100), help="Year the documents speak from [default: read from them]."
)
@reading_options
def list_command(
    files: tuple[Path, ...],
    output: Path | None,
    format_: str | None,
    annotated: bool,
    model: Path | None,
    year: int | None,
    column: str | None,
    id_column: str | None,
    encoding: str | None,
) -> None:
    """Write one row a commitment of FILES, with value, unit, period, who answers for it, and the sentence.

    Files, folders and patterns are read as topner predict reads them. A file that cannot be read is named on standard error,
    the others go on, and the exit status is 1.
    """
    from topner.sources.read import Reading
    from topner.sources.remarks import Remarks
    from topner.targets.files import read_commitments
    from topner.targets.table import write_commitments
    from topner.targets.view import view

    reading, remarks = Reading.of(column, id_column, encoding), Remarks()
    rows = [row for _, found in read_commitments(files, model, annotated, year, remarks, reading) for row in found]
    if output is None:
        click.echo(view(rows))
    else:
        write_commitments(output, rows, format_)  # type: ignore[arg-type]
        click.echo(f"{len(rows)} commitments: {output}")
    finish(remarks)
