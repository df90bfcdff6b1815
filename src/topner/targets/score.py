"""How well records agree with hand-made ones, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from topner.errors import TopnerError
from topner.files import read_text
from topner.targets.record import TargetRecord

FIELDS = (
    *("indicator", "inherited", "direction", "comparator", "value", "value_max", "unit", "unit_implied"),
    *("base", "period", "scope"),
)  # fmt: skip
RECORD = ("indicator", "direction", "comparator", "value", "value_max", "unit", "period")
"""The fields that must all be right for the record to be right."""

Gold = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldScores:
    """Agreement of records with the gold.

    Attributes:
        gold: number of gold records.
        found: number of them whose span was read at all.
        right: by field, number that are exactly right.
        whole: number with every field of :data:`RECORD` right.
        wrong: gold records with their answers, where a field of :data:`RECORD` is wrong.
    """

    gold: int
    found: int
    right: Mapping[str, int]
    whole: int
    wrong: tuple[tuple[Gold, TargetRecord | None], ...]

    def table(self) -> str:
        """Exact match by field and of the whole record, for the terminal."""
        lines = [f"{self.gold} gold records, {self.found} spans found"]
        lines += [f"{name:13} {self.right[name] / max(self.gold, 1):.3f}" for name in FIELDS]
        lines.append(f"{'whole record':13} {self.whole / max(self.gold, 1):.3f}  ({', '.join(RECORD)})")
        return "\n".join(lines)


def read_gold(path: str | Path) -> list[dict[str, Any]]:
    """Hand-made records, one JSON object a line, with ``document``, ``start``, ``end``, ``text`` and the fields.

    Raises:
        TopnerError: a line is no such object.
    """
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            missing = {"document", "start", "end", "text", *FIELDS} - row.keys()
        except (ValueError, AttributeError):
            raise TopnerError(f"line {number} is no JSON object", path=path) from None
        if missing:
            raise TopnerError(f"line {number} lacks {', '.join(sorted(missing))}", path=path)
        rows.append(row)
    return rows


def score_records(gold: Sequence[Gold], records: Iterable[TargetRecord]) -> FieldScores:
    """Compare records with gold ones that stand at the same span of the same document.

    The indicator is compared as written. A gold record whose span was not read has every field wrong.

    Args:
        gold: see :func:`read_gold`.
        records: what was read.
    """
    held = {(r.document, r.start, r.end): r for r in records}
    right = dict.fromkeys(FIELDS, 0)
    whole = found = 0
    wrong: list[tuple[Gold, TargetRecord | None]] = []
    for row in gold:
        record = held.get((row["document"], row["start"], row["end"]))
        if record is None:
            wrong.append((row, None))
            continue
        found += 1
        agree = {name: _same(name, row[name], record) for name in FIELDS}
        for name, same in agree.items():
            right[name] += same
        if all(agree[name] for name in RECORD):
            whole += 1
        else:
            wrong.append((row, record))
    return FieldScores(len(gold), found, right, whole, tuple(wrong))


def _same(name: str, gold: Any, record: TargetRecord) -> bool:
    if name in ("value", "value_max"):
        value: Fraction | None = getattr(record, name)
        return value == (None if gold in (None, "") else Fraction(gold))
    return bool(gold == (record.written if name == "indicator" else getattr(record, name)))
