"""Print what a tagger gets wrong, by cause and with examples, as Markdown for a model card."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli import run


@click.command()
@click.argument("evaluation", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--corpus",
    type=click.Path(exists=True, path_type=Path),
    default=Path("data/corpus"),
    show_default=True,
    help="The documents that may be quoted; errors in others are left out.",
)
@click.option("--examples", default=3, show_default=True, type=click.IntRange(0), help="Most examples of a cause.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file in place of the terminal."
)
def main(evaluation: Path, corpus: Path, examples: int, output: Path | None) -> None:
    """Show the errors of EVALUATION, the folder of a ``topner evaluate`` (or its predictions.jsonl)."""
    from topner.annotation.formats import read_documents
    from topner.errors import TopnerError
    from topner.evaluation.gallery import failures, markdown
    from topner.evaluation.predictions import read_predictions
    from topner.files import write_text
    from topner.labels import DEFAULT_LABELS, LabelSchema
    from topner.ledger import Ledger

    gold, predicted = read_predictions(evaluation)
    used = {mention.label for side in (gold, predicted) for document in side for mention in document.mentions}
    schema = LabelSchema((*DEFAULT_LABELS, *sorted(used - set(DEFAULT_LABELS))))
    known = {document.id: document.text for document in read_documents(corpus, None, schema, Ledger())}
    quotable = [document for document in gold if known.get(document.id) == document.text]
    if not quotable:
        hint = "the gallery quotes documents of the corpus alone"
        raise TopnerError(f"holds no document of {corpus}", path=evaluation, hint=hint)
    if len(quotable) < len(gold):
        click.echo(f"{len(gold) - len(quotable)} documents are not of {corpus} and left out", err=True)
    ids = {document.id for document in quotable}
    found = failures(quotable, [document for document in predicted if document.id in ids], schema)
    page = markdown(found, schema.names, len(quotable), examples)
    if output is None:
        click.echo(page, nl=False)
    else:
        write_text(output, page)


if __name__ == "__main__":
    run(main)
