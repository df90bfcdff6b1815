"""``topner convert``: annotations from one format to another."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from topner.annotation.convert import convert
from topner.annotation.detect import FORMATS
from topner.labels import LabelSchema

UNKNOWN = "unknown label "


@click.command("convert")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--from", "from_", type=click.Choice(FORMATS), help="Format of SOURCE.  [default: told by the content]")
@click.option("--to", required=True, type=click.Choice(FORMATS), help="Format to write.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="File or folder to write.")
@click.option("--labels", metavar="A,B,C", help="Labels to keep, the strongest first.  [default: TARGET,PROJECT,ORG]")
@click.option(
    "--max-loss",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Fail when a larger share of the annotations is dropped.",
)
@click.option("--force", is_flag=True, help="Write into a folder that holds other files.")
def convert_command(
    source: Path, from_: str | None, to: str, output: Path, labels: str | None, max_loss: float, force: bool
) -> None:
    """Convert the annotations of SOURCE, a file or a folder of files.

    Every annotation that is dropped, moved or repaired is listed in OUTPUT.losses.csv.
    """
    done = convert(source, output, from_, to, LabelSchema.parse(labels), max_loss, force)
    counts = Counter(mention.label for document in done.documents for mention in document.mentions)
    many, bare = len(done.documents), sum(not document.mentions for document in done.documents)
    mentions = ", ".join(f"{label} {n}" for label, n in counts.most_common()) or "no mentions"
    empty = f" ({bare} without a mention)" if bare else ""
    click.echo(f"{output}: {many} document{'s' * (many != 1)}{empty}; {mentions}; read {done.notices.summary()}")
    lies = "" if done.ledger_path is None else f"; listed in {done.ledger_path}"
    click.echo(f"losses: {done.ledger.summary()}{lies}")
    unknown = {loss.label for loss in done.ledger if loss.reason.startswith(UNKNOWN)}
    if unknown:
        click.echo(f"labels left out: {', '.join(sorted(unknown))}; name the labels to keep with --labels", err=True)
