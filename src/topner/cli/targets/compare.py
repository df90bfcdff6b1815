"""``topner targets compare``."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli.reading import finish


@click.command("compare")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder for compare.csv, changes.pdf and changes.png."
)
@click.option("--annotated", is_flag=True, help="FILES hold annotated documents, in any format; no tagger is run.")
@click.option("--model", type=click.Path(path_type=Path), help="Model folder [default: the shipped tagger].")
@click.option("--all", "everything", is_flag=True, help="Also indicators that only one document has.")
def compare_command(
    files: tuple[Path, ...], output: Path | None, annotated: bool, model: Path | None, everything: bool
) -> None:
    """Line up the same indicators of FILES, in their order: last year and this year, or place beside place."""
    from topner.errors import TopnerError
    from topner.sources.remarks import Remarks
    from topner.targets.chart import draw_changes
    from topner.targets.compare import line_up, names_of, table, write_lines
    from topner.targets.files import read_commitments

    if len(files) < 2:
        raise TopnerError("comparing needs two files or more")
    remarks = Remarks()
    documents = [
        (name, [row.record for _, rows in read_commitments([path], model, annotated, None, remarks) for row in rows])
        for name, path in zip(names_of(files), files, strict=True)
    ]
    if remarks.problems:
        finish(remarks)
    names = [name for name, _ in documents]
    lines = line_up(documents, everything=everything)
    click.echo(table(lines, names))
    if output is not None:
        write_lines(output / "compare.csv", lines, names)
        for suffix in ("pdf", "png"):
            draw_changes(output / f"changes.{suffix}", lines, names)
        click.echo(f"written: {output / 'compare.csv'}, {output / 'changes.pdf'}, {output / 'changes.png'}")
    finish(remarks)
