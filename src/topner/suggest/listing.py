"""What was chosen, as a table for the terminal and as CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from topner.columns import display_width, padded
from topner.ledger import write_table
from topner.suggest.choose import Suggestion
from topner.suggest.pool import LeftOut

CHOICE = ".choice.csv"
"""What the name of the CSV beside an output ends with."""

_FIGURES = ("uncertainty", "rarity", "novelty", "total")


def choice_table(suggestions: Sequence[Suggestion], left_out: Sequence[LeftOut], labels: Sequence[str]) -> str:
    """The chosen documents, one a line, then how many were not chosen and why."""
    return "\n".join(_lines(suggestions, left_out, labels))


def write_choice(
    path: Path, suggestions: Sequence[Suggestion], left_out: Sequence[LeftOut], labels: Sequence[str]
) -> None:
    """Write every document of the pool as CSV, chosen or not, with the reason and, of a passage, where it begins."""
    columns = ("rank", "id", "source", "source_start", "characters", *labels, *_FIGURES, "reason")
    rows: list[tuple[object, ...]] = []
    for one in suggestions:
        document = one.document
        where = (document.meta.get("source"), document.meta.get("source_start"))
        figures = (f"{value:.4f}" for value in (one.uncertainty, one.rarity, one.novelty, one.total))
        rows.append((one.rank, document.id, *where, len(document.text), *_counts(one, labels), *figures, one.reason))
    for out in left_out:
        where = (out.document.meta.get("source"), out.document.meta.get("source_start"))
        blank = ("",) * (len(labels) + len(_FIGURES))
        rows.append((None, out.document.id, *where, len(out.document.text), *blank, out.reason))
    write_table(path, columns, rows)


def _lines(suggestions: Sequence[Suggestion], left_out: Sequence[LeftOut], labels: Sequence[str]) -> Iterator[str]:
    chosen = [one for one in suggestions if one.rank is not None]
    width = max(display_width(id) for id in ("id", *(one.document.id for one in chosen)))
    spaces = [max(len(label), 3) for label in labels]
    heads = "".join(f"  {label:>{space}}" for label, space in zip(labels, spaces, strict=True))
    yield f"rank  {padded('id', width)}  characters{heads}  uncertainty  rarity  novelty  total"
    for one in chosen:
        counts = "".join(f"  {n:>{space}}" for n, space in zip(_counts(one, labels), spaces, strict=True))
        figures = f"  {one.uncertainty:11.2f}  {one.rarity:6.2f}  {one.novelty:7.2f}  {one.total:5.2f}"
        yield f"{one.rank:>4}  {padded(one.document.id, width)}  {len(one.document.text):>10,}{counts}{figures}"
    others = [one.reason for one in suggestions if one.rank is None] + [out.reason for out in left_out]
    reasons = Counter(reason.partition(" of ")[0] for reason in others)
    told = ", ".join(f"{reason} {n}" for reason, n in sorted(reasons.items()))
    yield f"chosen {len(chosen)} of {len(suggestions) + len(left_out)}" + (f"; {told}" if told else "")


def _counts(one: Suggestion, labels: Sequence[str]) -> list[int]:
    counts = Counter(mention.label for mention in one.document.mentions)
    return [counts[label] for label in labels]
