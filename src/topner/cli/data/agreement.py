"""``topner data agreement``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from topner.errors import TopnerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from topner.corpus.agreement import Agreement
    from topner.document import Document
    from topner.evaluation.scores import Score
    from topner.labels import LabelSchema


@click.command("agreement")
@click.argument("layers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--labels", metavar="A,B,C", help="Labels, the strongest first.  [default: TARGET,PROJECT,ORG]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for agreement.json, disputes.csv and the page to adjudicate on, agreement.html; or a .csv file for the "
    "spans in dispute.",
)
@click.option("--decisions", type=click.Path(path_type=Path), help="Decisions saved by the page; with --merge.")
@click.option(
    "--merge", type=click.Path(path_type=Path), help="Folder to write the adjudicated documents to, as inline."
)
@click.option(
    "--undecided",
    type=click.Choice(["drop", "first"]),
    help="What becomes of disputes without a decision: no mention, or the first annotator's reading.  [default: an error]",
)
def agreement_command(
    layers: tuple[Path, ...],
    labels: str | None,
    output: Path | None,
    decisions: Path | None,
    merge: Path | None,
    undecided: Literal["drop", "first"] | None,
) -> None:
    """Compare the annotators of LAYERS, and merge them once their disputes are decided.

    Two or more files or folders in any format are one annotator each. One alone is split by annotator: a Label Studio or
    doccano export, or a folder that holds one folder for each. Documents are matched by id.
    """
    from topner.annotation.found import Notices
    from topner.corpus.agreement import agreement
    from topner.corpus.annotators import read_layers
    from topner.labels import LabelSchema
    from topner.ledger import Ledger

    if merge is None and (decisions is not None or undecided is not None):
        raise click.UsageError("--decisions and --undecided go with --merge FOLDER")
    schema, ledger, notices = LabelSchema.parse(labels), Ledger(), Notices()
    read = read_layers(layers, schema, ledger, notices)
    result = agreement(read, schema)
    click.echo(_table(result))
    if len(ledger):
        click.echo(f"losses on reading: {ledger.summary()}", err=True)
    for note, count in notices.notes.items():
        click.echo(f"note: {note} ({count})", err=True)
    if output is not None and output.suffix.lower() == ".csv":
        _write(result, output)
        click.echo(f"{len(result.disagreements)} spans in dispute, listed in {output}")
    elif output is not None:
        from topner.corpus.agreement_page import write_report

        sources = {"layers": ", ".join(map(str, layers)), "read": notices.summary(), "losses": ledger.summary()}
        write_report(result, read, schema, output, sources)
        if len(ledger):
            ledger.write(output / "ledger.csv")
        click.echo(f"{len(result.disagreements)} spans in dispute; to adjudicate: {output / 'agreement.html'}")
    if merge is not None:
        _merge(read, layers, schema, decisions, merge, undecided)


def _merge(
    read: Mapping[str, Sequence[Document]],
    layers: Sequence[Path],
    schema: LabelSchema,
    decisions: Path | None,
    target: Path,
    undecided: Literal["drop", "first"] | None,
) -> None:
    from topner.corpus.adjudication import adjudicate, read_decisions, write_adjudicated

    done = adjudicate(read, schema, None if decisions is None else read_decisions(decisions), undecided)
    for dispute in done.undecided:
        place = f"{dispute.document} [{dispute.start}, {dispute.end})"
        click.echo(f"undecided: {place} {dispute.kind} {'/'.join(dispute.labels)}", err=True)
    if done.undecided and undecided is None:
        raise TopnerError(
            f"{len(done.undecided)} of {done.disputes} disputes are not decided, nothing was written",
            path=decisions,
            hint="decide them on the page, or say --undecided drop or --undecided first",
        )
    write_adjudicated(done, target, layers, schema)
    mentions = sum(len(document.mentions) for document in done.documents)
    click.echo(
        f"{target}: {len(done.documents)} documents, {mentions} mentions; "
        f"{done.disputes - len(done.undecided)} of {done.disputes} disputes decided"
        + (f"; {len(done.undecided)} by --undecided {undecided}" if done.undecided else "")
        + (f"; {done.alone} documents with a single annotator as they were" if done.alone else "")
    )


def _table(result: Agreement) -> str:
    names = [name for name in result.alpha if name != "micro"] + ["micro"]
    lines = [f"{result.documents} documents, {result.characters} characters"]
    if result.complete != result.documents:
        lines[0] += f"; {result.complete} annotated by all {len(result.annotators)}"
    if result.alone:
        lines[0] += f"; {result.alone} with a single annotator left out"
    lines.append(f"{'':24}" + "".join(f"{name:>9}" for name in names))
    for pair, shared in result.shared.items():
        lines.append(f"{pair[0]} : {pair[1]}  ({shared} documents)")
        if pair not in result.pairs:
            continue
        scores, kappa = result.pairs[pair], result.kappa[pair]
        lines.append(f"{'  spans in either':24}" + "".join(f"{_union(scores[name]):>9}" for name in names))
        lines.append(f"{'  span F1':24}" + "".join(f"{scores[name].f1:>9.3f}" for name in names))
        lines.append(f"{'  kappa by character':24}" + "".join(f"{kappa[name]:>9.3f}" for name in names))
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
