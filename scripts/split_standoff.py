"""Take annotated stretches of a text that may not be copied apart from it: places, hashes and labels, as in ``data/real``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from topner.cli import run


@click.command()
@click.argument("documents", type=click.Path(path_type=Path))
@click.argument("text", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="JSON lines file to write.")
def main(documents: Path, text: Path, output: Path) -> None:
    """Find annotated DOCUMENTS on the lines of TEXT (.txt or .zst); the way back is join_standoff.py."""
    from topner.annotation.formats import read_documents
    from topner.corpus.standoff import split_standoff
    from topner.files import write_text
    from topner.labels import LabelSchema
    from topner.ledger import Ledger
    from topner.pretraining.source import read_lines

    found = read_documents(documents, None, LabelSchema(), Ledger())
    records = split_standoff(found, list(read_lines(text)))
    write_text(output, "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records))
    click.echo(f"{output}: {len(records)} documents, {sum(len(d.mentions) for d in found)} mentions")


if __name__ == "__main__":
    run(main)
