"""The list of suspects, as a CSV file to work down and as plain text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from topner.columns import display_width, padded
from topner.corpus.audit import Suspect, flat
from topner.labels import OUTSIDE
from topner.ledger import write_table

COLUMNS = (
    "rank", "score", "document", "start", "end", "label", "text", "suggested_start", "suggested_end", "suggested_label",
    "suggested_text", "kinds", "reasons", "before", "after",
)  # fmt: skip
_SHOWN = 20
_AROUND = 12


def write_suspects(path: Path, suspects: Sequence[Suspect]) -> None:
    """Write the list as CSV, one suspect a row, with the columns of :data:`COLUMNS`."""
    write_table(path, COLUMNS, (_row(rank, suspect) for rank, suspect in enumerate(suspects, 1)))


def table(suspects: Sequence[Suspect], shown: int = _SHOWN) -> str:
    """Counts by kind, then the first suspects, as plain text.

    Args:
        suspects: ranked.
        shown: how many of them to list.
    """
    return "\n".join(_lines(suspects, shown))


def _lines(suspects: Sequence[Suspect], shown: int) -> Iterator[str]:
    counts = Counter(kind for suspect in suspects for kind in suspect.kinds)
    yield f"{len(suspects)} suspects"
    yield from (f"  {kind:<20}{count:>7,}" for kind, count in counts.most_common())
    if not suspects:
        return
    width = max(display_width(suspect.document) for suspect in suspects[:shown])
    yield ""
    for rank, s in enumerate(suspects[:shown], 1):
        yield f"{rank:>4}  {s.score:.2f}  {padded(s.document, width)}  {s.start}-{s.end}  {', '.join(s.kinds)}"
        yield f"            {s.before[-_AROUND:]}[{flat(s.text)}]{s.after[:_AROUND]}  {s.label}{_arrow(s)}"
    if len(suspects) > shown:
        yield f"... {len(suspects) - shown} more"


def _arrow(s: Suspect) -> str:
    if not s.suggested_label:
        return ""
    return f" -> {s.suggested_label}" + (f" {flat(s.suggested_text)}" if s.suggested_label != OUTSIDE else "")


def _row(rank: int, s: Suspect) -> tuple[object, ...]:
    return (
        rank, f"{s.score:.4f}", s.document, s.start, s.end, s.label, s.text, s.suggested_start, s.suggested_end,
        s.suggested_label, s.suggested_text, "; ".join(s.kinds), "; ".join(s.reasons), s.before, s.after,
    )  # fmt: skip
