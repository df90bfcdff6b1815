"""Join annotations that stand apart (``data/real``) with the text they are about, into a file that ``topner`` reads."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli import run


@click.command()
@click.argument("annotations", type=click.Path(path_type=Path))
@click.argument("text", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="JSON lines file to write.")
def main(annotations: Path, text: Path, output: Path) -> None:
    """Put ANNOTATIONS (JSON lines of places and hashes) back on the lines of TEXT (.txt or .zst)."""
    from topner.annotation.jsonl import write
    from topner.corpus.standoff import join_standoff
    from topner.files import write_text
    from topner.pretraining.source import read_lines

    documents = join_standoff(annotations, list(read_lines(text)))
    write_text(output, write(documents))
    click.echo(f"{output}: {len(documents)} documents, {sum(len(d.mentions) for d in documents)} mentions")


if __name__ == "__main__":
    run(main)
