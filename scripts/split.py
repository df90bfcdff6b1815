"""Deal the corpus out to train, dev and test by document and freeze the split as a file of ids and hashes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from topner.cli import run


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The split file to write.")
@click.option("--dev", default=0.1, show_default=True, help="Share of documents for dev.")
@click.option("--test", default=0.1, show_default=True, help="Share of documents for test, without --apart.")
@click.option("--apart", metavar="KEY=A,B,C", help="Documents with these values of a metadata key make up test.")
@click.option("--keep", is_flag=True, help="Keep the split of OUTPUT as it is and renew its hashes.")
@click.option("--seed", default=13, show_default=True)
def main(source: Path, output: Path, dev: float, test: float, apart: str | None, keep: bool, seed: int) -> None:
    """Split SOURCE, annotated documents in any format; stratified by genre, near-duplicates kept together.

    The key "province" is the head of the metadata key "place".
    """
    from topner.annotation.formats import read_documents
    from topner.corpus.statistics import value_of
    from topner.dataset.split import read_splits, split_documents, write_splits
    from topner.labels import LabelSchema
    from topner.ledger import Ledger

    documents = read_documents(source, None, LabelSchema(), Ledger())
    if keep:
        splits = read_splits(output, documents)
    elif apart:
        key, values = parse_apart(apart)
        held = [d for d in documents if value_of(d, key) in values]
        rest = [d for d in documents if value_of(d, key) not in values]
        splits = {**split_documents(rest, {"train": 1 - dev, "dev": dev}, seed), "test": held}
    else:
        splits = split_documents(documents, {"train": 1 - dev - test, "dev": dev, "test": test}, seed)
    write_splits(output, splits)
    click.echo(f"{output}: " + ", ".join(f"{name} {len(members)}" for name, members in splits.items()))


def parse_apart(text: str) -> tuple[str, Sequence[str]]:
    """Key and values of ``KEY=A,B,C``."""
    key, equals, values = text.partition("=")
    if not equals or not values:
        raise click.BadParameter("write KEY=A,B,C", param_hint="--apart")
    return key, values.split(",")


if __name__ == "__main__":
    run(main)
