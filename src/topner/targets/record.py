"""The record of one TARGET: what is promised, how much of it, by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Literal

from topner.targets.quantity import Comparator

Direction = Literal["benchmark", "rank", "growth", "decrease", "ratio", "count", "level"]
Part = Literal["indicator", "quantity", "period", "base"]


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """A commitment that can be sorted, added up and compared. ``data/TARGETS.md`` defines the fields.

    Attributes:
        document: id of the document.
        start: first code point of the mention in the raw text.
        end: one past its last.
        text: the mention's raw text.
        indicator: what is measured or delivered, under its canonical name where one is known.
        written: the same as the text writes it.
        inherited: the words were taken from the goal or statement before.
        direction: how the quantity binds to the indicator.
        comparator: ``=``, ``>=``, ``>``, ``<=``, ``<``, ``about``, ``between``; empty without a value.
        value: in the base unit, exact; ``None`` where none is said.
        value_max: upper end of a range.
        unit: base unit, 元 and not 亿元.
        unit_implied: the unit was not written.
        base: what growth is measured against, as written.
        period: when it is due: ``2025``, ``2021-2025``, ``2024H1``, ``2024Q1``, ``2024-06``.
        scope: 全市, 规上, ...: the part of the whole that the indicator is of.
        score: the mention's score.
        parts: raw ``(start, end)`` of the words each field was read from; an inherited indicator lies outside the mention.
        sentence: raw ``(start, end)`` of the sentence.
    """

    document: str
    start: int
    end: int
    text: str
    indicator: str
    written: str
    inherited: bool
    direction: Direction
    comparator: Comparator
    value: Fraction | None
    value_max: Fraction | None
    unit: str
    unit_implied: bool
    base: str
    period: str
    scope: str
    score: float | None = None
    parts: Mapping[Part, tuple[int, int]] = field(default_factory=dict)
    sentence: tuple[int, int] = (0, 0)

    def to_json(self) -> dict[str, Any]:
        """The object of ``topner targets --format jsonl``. Values are strings, exact: ``11500000000``, ``5.5``, ``100/3``."""
        record: dict[str, Any] = {
            "document": self.document,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "indicator": self.indicator,
            "indicator_written": self.written,
            "inherited": self.inherited,
            "direction": self.direction,
            "comparator": self.comparator,
            "value": exact(self.value),
            "value_max": exact(self.value_max),
            "unit": self.unit,
            "unit_implied": self.unit_implied,
            "base": self.base,
            "period": self.period,
            "scope": self.scope,
            "parts": {name: list(span) for name, span in self.parts.items()},
            "sentence": list(self.sentence),
        }
        if self.score is not None:
            record["score"] = round(self.score, 4)
        return record


def exact(value: Fraction | None) -> str | None:
    """A value as text without loss: a plain decimal where there is a finite one, else ``numerator/denominator``."""
    if value is None:
        return None
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(value)
    with localcontext() as context:
        context.prec = len(str(value.numerator)) + len(str(value.denominator)) * 4
        return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
