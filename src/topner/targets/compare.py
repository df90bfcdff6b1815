"""The same indicators in several documents: last year's report beside this year's, or one city's beside another's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from topner.columns import display_width, padded
from topner.ledger import write_table
from topner.targets.record import TargetRecord, exact
from topner.targets.table import amount

Kind = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator across documents.

    Attributes:
        indicator: canonical name.
        measure: ``growth``, ``decrease`` or ``amount`` (a level, a count, a ratio, a rank).
        unit: base unit.
        records: the record of each document, in their order; ``None`` where the document has none.
    """

    indicator: str
    measure: str
    unit: str
    records: tuple[TargetRecord | None, ...]

    @property
    def values(self) -> tuple[Fraction | None, ...]:
        """The values, the middle of a range."""
        return tuple(None if r is None else _middle(r) for r in self.records)

    @property
    def change(self) -> Fraction | None:
        """Last value minus first, of the documents that have one; ``None`` with fewer than two."""
        known = [value for value in self.values if value is not None]
        return known[-1] - known[0] if len(known) > 1 else None

    @property
    def relative(self) -> Fraction | None:
        """The change as a share of the first value; ``None`` where that is 0, or for percentages, whose change is in points."""
        known = [value for value in self.values if value is not None]
        if self.change is None or self.unit in ("%", "‰", "个百分点") or known[0] == 0:
            return None
        return self.change / abs(known[0])


def line_up(documents: Sequence[tuple[str, Sequence[TargetRecord]]], *, everything: bool = False) -> tuple[Line, ...]:
    """Line up the records of documents by canonical indicator, measure and unit.

    Where a document names an indicator more than once, its first record stands. Records without a value have no place.

    Args:
        documents: name and records of each.
        everything: also indicators that only one document has.

    Returns:
        Lines in the order of first appearance, those that most documents share first.
    """
    held: defaultdict[Kind, dict[int, TargetRecord]] = defaultdict(dict)
    for place, (_, records) in enumerate(documents):
        for record in records:
            if record.value is not None and record.indicator:
                measure = record.direction if record.direction in ("growth", "decrease") else "amount"
                held[record.indicator, measure, record.unit].setdefault(place, record)
    lines = [
        Line(*kind, tuple(found.get(place) for place in range(len(documents))))
        for kind, found in held.items()
        if everything or len(found) > 1
    ]
    return tuple(sorted(lines, key=lambda line: -sum(record is not None for record in line.records)))


def table(lines: Sequence[Line], names: Sequence[str]) -> str:
    """The lines for the terminal, with the change."""
    if not lines:
        return "no indicator with a value stands in two of the documents"
    cells = [("indicator", "measure", *names, "change")]
    for line in lines:
        amounts = (amount(record) if record else "—" for record in line.records)
        cells.append((line.indicator, line.measure, *amounts, change_text(line)))
    widths = [max(display_width(row[i]) for row in cells) for i in range(len(cells[0]))]
    return "\n".join("  ".join(padded(cell, w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in cells)


def write_lines(path: str | Path, lines: Sequence[Line], names: Sequence[str]) -> None:
    """Write the lines as CSV: values exact and in the base unit, the words of each document beside them."""
    columns = ("indicator", "measure", "unit", *names, "change", "relative_change", *(f"{name} text" for name in names))
    rows = (
        (
            *(line.indicator, line.measure, line.unit),
            *(exact(value) for value in line.values),
            exact(line.change),
            None if line.relative is None else round(float(line.relative), 4),
            *(record.text if record else "" for record in line.records),
        )
        for line in lines
    )
    write_table(path, columns, rows)


def change_text(line: Line) -> str:
    """The change as people say it: ``+0.5`` points for percentages, ``+12.0%`` for the rest."""
    if line.change is None:
        return ""
    if line.relative is not None:
        return f"{float(line.relative):+.1%}"
    points = "个百分点" if line.unit in ("%", "个百分点") else line.unit
    return f"{'+' if line.change >= 0 else ''}{exact(line.change)}{points}"


def names_of(paths: Sequence[Path]) -> tuple[str, ...]:
    """Short names of files, the whole path where two stems are the same."""
    stems: Mapping[str, int] = {stem: sum(p.stem == stem for p in paths) for stem in {p.stem for p in paths}}
    return tuple(path.stem if stems[path.stem] == 1 else str(path) for path in paths)


def _middle(record: TargetRecord) -> Fraction | None:
    if record.value is None or record.value_max is None:
        return record.value
    return (record.value + record.value_max) / 2
