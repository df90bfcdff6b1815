"""Deal the corpus out to train, dev and test by document and freeze the split as a file of ids."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli import run


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The split file to write.")
@click.option("--dev", default=0.1, show_default=True, help="Share of documents for dev.")
@click.option("--test", default=0.1, show_default=True, help="Share of documents for test.")
@click.option("--seed", default=13, show_default=True)
def main(source: Path, output: Path, dev: float, test: float, seed: int) -> None:
    """Split SOURCE, annotated documents in any format; stratified by genre, near-duplicates kept together."""
    from topner.annotation.formats import read_documents
    from topner.dataset.split import split_documents, write_splits
    from topner.labels import LabelSchema
    from topner.ledger import Ledger

    documents = read_documents(source, None, LabelSchema(), Ledger())
    splits = split_documents(documents, {"train": 1 - dev - test, "dev": dev, "test": test}, seed)
    write_splits(output, splits)
    click.echo(f"{output}: " + ", ".join(f"{name} {len(members)}" for name, members in splits.items()))


if __name__ == "__main__":
    run(main)
