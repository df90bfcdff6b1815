"""``topner data audit``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from topner.corpus.opinions import Opinion
    from topner.document import Document
    from topner.labels import LabelSchema
    from topner.training.config import TrainConfig


@click.command("audit")
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Model that was not trained on DATA; of a run folder's model the run's train documents are passed over.",
)
@click.option(
    "--predictions",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Predictions by such a model, as topner predict --format jsonl writes them; matched by document id.",
)
@click.option("--folds", type=click.IntRange(2), help="Train that many models, each to read what it has not seen.")
@click.option("--config", type=click.Path(path_type=Path), help="Training configuration for --folds.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("runs/audit"),
    show_default=True,
    help="Folder of the runs of --folds; finished folds in it are not trained again.",
)
@click.option("--labels", metavar="A,B,C", help="Labels, the strongest first.  [default: TARGET,PROJECT,ORG]")
@click.option("--max-suspects", type=click.IntRange(0), help="Exit with status 1 when there are more.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="CSV file for all suspects.")
def audit_command(
    data: Path,
    models: tuple[Path, ...],
    predictions: tuple[Path, ...],
    folds: int | None,
    config: Path | None,
    work: Path,
    labels: str | None,
    max_suspects: int | None,
    output: Path | None,
) -> None:
    """Rank the places of DATA, a file or folder in any format, whose annotation may be wrong.

    Rules look for contradictions and for broken guidelines; models, if any, for spans they read otherwise. Each place
    stands once, with all its reasons and, where one follows, what should stand there instead.
    """
    from topner.annotation.formats import read_documents
    from topner.corpus.audit import audit
    from topner.corpus.suspect_list import table, write_suspects
    from topner.labels import LabelSchema
    from topner.ledger import Ledger

    settings = _settings(folds, config, labels)
    schema = LabelSchema.of(settings.labels) if settings else LabelSchema.parse(labels)
    ledger = Ledger()
    documents = read_documents(data, None, schema, ledger)
    if ledger.losses:
        click.echo(f"{data}: {ledger.summary()}", err=True)
    opinions = _opinions(documents, schema, models, predictions)
    if settings and folds:
        from topner.corpus.folds import cross_validate

        opinions += cross_validate(data, documents, settings, folds, work)
    suspects = audit(documents, schema, opinions)
    click.echo(table(suspects))
    if output is not None:
        write_suspects(output, suspects)
        click.echo(f"listed in {output}")
    if max_suspects is not None and len(suspects) > max_suspects:
        click.echo(f"topner: {len(suspects)} suspects, more than the {max_suspects} allowed", err=True)
        sys.exit(1)


def _settings(folds: int | None, config: Path | None, labels: str | None) -> TrainConfig | None:
    if (folds is None) != (config is None):
        raise click.UsageError("--folds and --config go together")
    if config is None:
        return None
    from topner.training.config import load_config

    return load_config(config, () if labels is None else (f"labels=[{labels}]",))


def _opinions(
    documents: Sequence[Document], schema: LabelSchema, models: Sequence[Path], predictions: Sequence[Path]
) -> list[Opinion]:
    from topner.corpus.readings import model_opinions, read_opinions
    from topner.ledger import Ledger

    opinions: list[Opinion] = []
    for path in predictions:
        ledger = Ledger()
        opinions += _told(path, documents, read_opinions(path, documents, schema, ledger))
        if ledger.losses:
            click.echo(f"{path}: {ledger.summary()}", err=True)
    for folder in models:
        opinions += _told(folder, documents, model_opinions(folder, documents))
    return opinions


def _told(source: Path, documents: Sequence[Document], opinions: list[Opinion]) -> list[Opinion]:
    click.echo(f"{source}: {len(opinions)} of {len(documents)} documents")
    return opinions
