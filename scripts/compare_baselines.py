"""Score the baselines, and taggers beside them, on the same documents: what a trained model is measured against."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli import run


@click.command()
@click.argument("gold", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--model", "models", multiple=True, help="Model folder, or 'default'; may be given several times.")
@click.option(
    "--predictions",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON lines as topner predict writes them, for data whose documents they hold; several times.",
)
@click.option(
    "--splits",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("data/splits.json"),
    show_default=True,
    help="Frozen split: of data whose documents it names, only --part is scored.",
)
@click.option("--part", default="test", show_default=True, help="Split that is scored.")
@click.option("--resamples", default=2000, show_default=True, type=click.IntRange(1))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The table as JSON too.")
def main(
    gold: tuple[Path, ...],
    models: tuple[str, ...],
    predictions: tuple[Path, ...],
    splits: Path,
    part: str,
    resamples: int,
    output: Path | None,
) -> None:
    """Compare on annotated data GOLD...: TARGET by regular expressions, ORG by LAC, and what --model and --predictions find.

    The rules were written with the training documents of data/corpus in view, so score them on other documents.
    """
    from topner.baseline.compare import score_rows, table, tag
    from topner.baseline.organisations import organisation_finder
    from topner.baseline.targets import find_targets
    from topner.dataset.part import read_part
    from topner.encoder.locate import default_model_path
    from topner.evaluation.predictions import read_answers
    from topner.files import write_json
    from topner.inference.tagger import Tagger
    from topner.labels import ORG, TARGET, LabelSchema
    from topner.ledger import Ledger

    find_organisations = organisation_finder()
    taggers = {
        name: Tagger.from_pretrained(default_model_path() if name == "default" else Path(name)) for name in models
    }
    answers = {path: {document.id: document for document in read_answers(path)} for path in predictions}
    rows = []
    for source in gold:
        schema, ledger = LabelSchema(), Ledger()
        name, documents = read_part(source, schema, ledger, splits if splits.is_file() else None, part)
        ids = {document.id for document in documents}
        click.echo(f"{source}: {ledger.summary()}", err=True)
        systems = [
            ("rules", tag(documents, TARGET, find_targets), [TARGET]),
            ("LAC", tag(documents, ORG, find_organisations), [ORG]),
        ]
        for folder, tagger in taggers.items():
            found = list(tagger.pipe(document.with_mentions(()) for document in documents))
            systems.append((f"topner {folder}", found, list(tagger.schema.names)))
        for path, known in answers.items():
            if any(document.id in known for document in documents):
                systems.append((str(path), [d for d in known.values() if d.id in ids], list(schema.names)))
        for system, found, labels in systems:
            rows += score_rows(name, system, documents, found, labels, resamples=resamples)
    click.echo(table(rows))
    if output is not None:
        write_json(output, [row.to_json() for row in rows])


if __name__ == "__main__":
    run(main)
