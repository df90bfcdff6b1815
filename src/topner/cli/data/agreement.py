"""``topner data agreement``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from topner.corpus.agreement import Agreement
    from topner.evaluation.scores import Score


@click.command("agreement")
@click.argument("layers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--labels", metavar="A,B,C", help="Labels, the strongest first.  [default: TARGET,PROJECT,ORG]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="CSV file for the spans in dispute.")
def agreement_command(layers: tuple[Path, ...], labels: str | None, output: Path | None) -> None:
    """Compare the annotators of LAYERS, files or folders in any format, one an annotator; documents are matched by id."""
    from topner.annotation.formats import read_documents
    from topner.corpus.agreement import agreement
    from topner.labels import LabelSchema
    from topner.ledger import Ledger

    schema = LabelSchema.parse(labels)
    result = agreement({str(path): read_documents(path, None, schema, Ledger()) for path in layers}, schema)
    click.echo(_table(result))
    if output is not None:
        _write(result, output)
        click.echo(f"{len(result.disagreements)} spans in dispute, listed in {output}")


def _table(result: Agreement) -> str:
    names = [name for name in result.alpha if name != "micro"] + ["micro"]
    lines = [f"{result.documents} documents, {result.characters} characters"]
    lines.append(f"{'':24}" + "".join(f"{name:>9}" for name in names))
    for pair, scores in result.pairs.items():
        lines.append(f"{pair[0]} : {pair[1]}")
        lines.append(f"{'  spans in either':24}" + "".join(f"{_union(scores[name]):>9}" for name in names))
        lines.append(f"{'  span F1':24}" + "".join(f"{scores[name].f1:>9.3f}" for name in names))
        lines.append(f"{'  kappa by character':24}" + "".join(f"{result.kappa[pair][name]:>9.3f}" for name in names))
    lines.append(f"{'alpha by character':24}" + "".join(f"{result.alpha[name]:>9.3f}" for name in names))
    return "\n".join(lines)


def _union(score: Score) -> int:
    return score.predicted + score.support - score.correct


def _write(result: Agreement, path: Path) -> None:
    from topner.ledger import write_table

    rows = (
        (
            row.document,
            row.mention.start,
            row.mention.end,
            row.mention.label,
            row.mention.text,
            " ".join(row.annotators),
        )
        for row in result.disagreements
    )
    write_table(path, ("document", "start", "end", "label", "text", "annotators"), rows)
