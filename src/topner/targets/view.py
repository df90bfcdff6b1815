"""Commitments on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from topner.columns import display_width, padded
from topner.targets.table import Commitment, amount

_COLUMNS = ("indicator", "direction", "amount", "period", "responsible", "text")
_WIDEST = 36


def view(rows: Sequence[Commitment]) -> str:
    """A table for a terminal, one line a commitment; ``*`` marks an inherited indicator."""
    cells = [_COLUMNS, *map(_cells, rows)]
    widths = [max(display_width(row[i]) for row in cells) for i in range(len(_COLUMNS))]
    return "\n".join("  ".join(padded(cell, w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in cells)


def _cells(row: Commitment) -> tuple[str, ...]:
    r = row.record
    party = row.party.mention.text if row.party else ""
    cells = (r.indicator + "*" * r.inherited, r.direction, amount(r), r.period, party, r.text)
    return tuple(_short("".join(c if c.isprintable() else " " for c in cell)) for cell in cells)


def _short(text: str) -> str:
    if display_width(text) <= _WIDEST:
        return text
    kept = text
    while display_width(kept) > _WIDEST - 1:
        kept = kept[:-1]
    return kept + "…"
