"""``topner predict``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

FORMATS = ("jsonl", "csv", "table", "html", "label-studio")


@click.command("predict")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--model", type=click.Path(path_type=Path), help="Model folder [default: the shipped or installed tagger]."
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write [default: standard output].")
@click.option("--batch-size", type=click.IntRange(1), default=16, show_default=True, help="Documents read ahead.")
@click.option("--device", help="cpu or cuda [default: cuda when there is one].")
def predict_command(
    files: Sequence[Path], model: Path | None, format_: str, output: Path | None, batch_size: int, device: str | None
) -> None:
    """Tag text FILES (UTF-8, one document each; - or nothing: standard input).

    A file that cannot be read is named on standard error, the others are tagged all the same, and the exit status is 1.
    """
    from topner.document import Document
    from topner.inference.files import tag_files, write_tagged
    from topner.inference.tagger import Tagger

    tagger = Tagger.from_pretrained(model, device=device)
    problems: list[str] = []

    def documents() -> Iterator[Document]:
        return tag_files(tagger, files or [Path("-")], batch_size, problems)

    write_tagged(documents(), format_, tagger.schema.names, output)  # type: ignore[arg-type]
    for problem in problems:
        click.echo(f"topner: {problem}", err=True)
    if problems:
        sys.exit(1)
