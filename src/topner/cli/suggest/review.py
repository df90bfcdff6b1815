"""``topner suggest review``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click


@click.command("review")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for review.json and changes.csv.")
@click.option("--labels", metavar="A,B,C", help="Labels, the strongest first.  [default: TARGET,PROJECT,ORG]")
@click.option(
    "--merge", "corpus", type=click.Path(path_type=Path), help="Corpus folder to write the reviewed documents to."
)
@click.option("--replace", is_flag=True, help="Write over corpus documents of the same ids.")
@click.option("--allow-duplicates", is_flag=True, help="Merge documents that repeat others, too.")
def review_command(
    before: Path,
    after: Path | None,
    output: Path | None,
    labels: str | None,
    corpus: Path | None,
    replace: bool,
    allow_duplicates: bool,
) -> None:
    """Compare the suggestions BEFORE with the reviewed AFTER, files or folders in any format.

    BEFORE alone is an export of Label Studio that holds predictions and annotations. Of several annotations of a task the one
    marked as ground truth counts, else the latest; skipped tasks and tasks without an annotation are not reviewed.
    """
    from topner.labels import LabelSchema
    from topner.suggest.merge import merge, reviewed_documents
    from topner.suggest.read import read_review
    from topner.suggest.review_report import review_table, write_review

    schema = LabelSchema.parse(labels)
    result, read = read_review(before, after, schema)
    click.echo(review_table(result))
    for side, (ledger, notices) in read.items():
        click.echo(f"{side}: read {notices.summary()}; {ledger.summary()}")
    if output is not None:
        write_review(output, result, {side: ledger for side, (ledger, _) in read.items()})
        click.echo(f"written: {output / 'review.json'}, {output / 'changes.csv'}")
    if corpus is not None:
        documents = reviewed_documents(result)
        files = merge(documents, corpus, schema, replace=replace, allow_duplicates=allow_duplicates)
        counts = Counter(mention.label for document in documents for mention in document.mentions)
        mentions = ", ".join(f"{name} {counts[name]}" for name in schema.names)
        click.echo(f"merged into {corpus}: {len(files)} documents; {mentions}")
