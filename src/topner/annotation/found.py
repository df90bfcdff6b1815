"""What a reader found in a file, before any of it is believed: :class:`Found` and its :class:`Candidate` spans."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from topner.document import MetaValue
from topner.ledger import Ledger

MODEL_KEY = "model_version"
"""Metadata key of a document with predicted mentions: the model that made them."""

_LARGEST = 2**53  # where programs that count in floats lose count
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Candidate(NamedTuple):
    """A span as its source gives it.

    Attributes:
        start: first character, in whatever unit the source counts; -1 when it gives none.
        end: one past the last, likewise.
        label: label name as spelled.
        text: the characters the source says it covers; ``None`` when it does not say.
        score: confidence of a prediction.
    """

    start: int
    end: int
    label: str
    text: str | None = None
    score: float | None = None


@dataclass(frozen=True)
class Found:
    """A document as its source gives it: id, text, unverified spans, flat metadata."""

    id: str
    text: str
    candidates: Sequence[Candidate] = ()
    meta: Mapping[str, MetaValue] = field(default_factory=dict)


@dataclass
class Notices:
    """What reading met that is no loss of an annotation, for the summary a person reads.

    Attributes:
        shapes: documents by the shape of the export they came from.
        notes: other remarks, with how often each applied.
    """

    shapes: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def summary(self) -> str:
        """One line: the shapes with their numbers of documents, then the remarks."""
        parts = [f"{n} x {shape}" for shape, n in self.shapes.most_common()]
        parts += [f"{note} ({n})" for note, n in self.notes.most_common()]
        return "; ".join(parts)


def scrub(text: str) -> str:
    """The text with half surrogate pairs, which no UTF-8 file can hold, replaced one for one by U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def flat(values: Mapping[str, Any]) -> dict[str, MetaValue]:
    """Metadata made flat: scalars as they are, anything nested as JSON text; the key ``id`` becomes ``source_id``.

    Infinite numbers, which JSON has not, become text.
    """
    meta: dict[str, MetaValue] = {}
    for key, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            value = str(value)
        if value is not None and not isinstance(value, str | int | float | bool):
            value = json.dumps(value, ensure_ascii=False)
        name = "source_id" if key == "id" else scrub(str(key))
        meta[name] = scrub(value) if isinstance(value, str) else value
    return meta


def offset(value: Any) -> int:
    """An offset as an integer, -1 for anything that is none (a float with a fraction, an XPath, nothing, a huge number)."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value < _LARGEST or value != value // 1:
        return -1
    return max(int(value), -1)


def score(value: Any) -> float | None:
    """A confidence as a number, ``None`` for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        return None
    return float(value)


def drop_all(id: str, candidates: Sequence[Candidate], kept: Sequence[Candidate], reason: str, ledger: Ledger) -> None:
    """Enter the candidates of a version that is not taken, less those that the version taken has too."""
    ledger.seen += len(candidates)
    same = {(c.start, c.end, c.label) for c in kept}
    for c in candidates:
        if (c.start, c.end, c.label) not in same:
            ledger.add(id, "convert", "dropped", c.label, c.start, c.end, scrub(c.text or ""), reason)
