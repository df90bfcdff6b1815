"""A review as tables for the terminal, and as the files review.json, changes.csv and losses.csv."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from topner.columns import display_width, padded
from topner.document import Mention
from topner.files import write_json
from topner.ledger import Ledger, write_losses, write_table
from topner.suggest.review import VERDICTS, Review, Tally

_SHOWN = 10


def review_table(result: Review) -> str:
    """Verdicts by label, acceptance by score, and which documents did not come back."""
    return "\n".join(_lines(result))


def write_review(folder: Path, result: Review, ledgers: Mapping[str, Ledger]) -> None:
    """Write ``review.json``, ``changes.csv`` (every mention that was not accepted) and, when there are any, ``losses.csv``.

    Args:
        folder: made when it is not there; files of these names are replaced.
        result: the review.
        ledgers: of reading the suggestions and the review, by ``before`` and ``after``.

    Raises:
        TopnerError: the folder cannot be written to.
    """
    losses = {
        side: {"seen": ledger.seen, "dropped": ledger.dropped, "rows": len(ledger)} for side, ledger in ledgers.items()
    }
    write_json(folder / "review.json", {**result.to_json(), "losses": losses})
    sides = [f"{name}_{side}" for side in ("before", "after") for name in ("start", "end", "label", "text")]
    rows = (
        (c.document, c.verdict, *_cells(c.before), *_cells(c.after), "" if c.before is None else c.before.score)
        for c in result.changes
        if c.verdict != "accepted"
    )
    write_table(folder / "changes.csv", ("document", "verdict", *sides, "score"), rows)
    entered = [loss for ledger in ledgers.values() for loss in ledger]
    if entered:
        write_losses(folder / "losses.csv", entered)
    else:
        (folder / "losses.csv").unlink(missing_ok=True)


def _lines(result: Review) -> Iterator[str]:
    models = f", suggested by {', '.join(result.models)}" if result.models else ""
    yield f"{len(result.pairs)} documents reviewed{models}"
    columns = ("suggested", *VERDICTS, "acceptance")
    yield from _grid("label", columns, result.by_label(), _verdicts)
    yield ""
    yield from _grid("score", ("suggested", "accepted", "mean score", "acceptance"), result.by_score(), _honesty)
    for ids, told in (
        (result.not_reviewed, "not reviewed"),
        (result.strangers, "not among the suggested documents, passed over"),
        ([f"{back} is {id}" for id, back in result.renamed.items()], "known by their text alone"),
    ):
        if ids:
            more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
            yield f"{told}: {len(ids)} ({', '.join(ids[:_SHOWN])}{more})"


def _grid(
    title: str, columns: Sequence[str], tallies: Mapping[str, Tally], row: Callable[[Tally], list[str]]
) -> Iterator[str]:
    width = max(display_width(name) for name in (title, *tallies))
    yield padded(title, width) + "".join(f"  {column:>10}" for column in columns)
    for name, tally in tallies.items():
        yield padded(name, width) + "".join(f"  {cell:>10}" for cell in row(tally))


def _verdicts(tally: Tally) -> list[str]:
    return [str(tally.suggested), *(str(tally.counts[verdict]) for verdict in VERDICTS), _rate(tally.acceptance)]


def _honesty(tally: Tally) -> list[str]:
    return [str(tally.suggested), str(tally.counts["accepted"]), _rate(tally.mean_score), _rate(tally.acceptance)]


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _cells(mention: Mention | None) -> tuple[object, ...]:
    return ("", "", "", "") if mention is None else (mention.start, mention.end, mention.label, mention.text)
