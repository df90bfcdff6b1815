"""A place whose annotation may be wrong, as one rule or model sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from topner.document import Document, Mention
from topner.labels import OUTSIDE

Kind = Literal[
    "edge",
    "unbalanced",
    "two labels",
    "untagged here",
    "untagged elsewhere",
    "short form",
    "untagged target",
    "longer elsewhere",
    "cut",
    "intent",
    "subject",
    "verb outside",
    "wrapper",
    "no quantity",
    "name edge",
    "generic",
    "in a title",
    "quotes",
    "head",
    "length",
    "model: missed",
    "model: spurious",
    "model: boundary",
    "model: type",
    "model: both",
]
Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A stretch of text whose annotation may be wrong, and why.

    Attributes:
        kind: name of the rule, or what the model has in place of the gold; what each means stands with the functions
            that find it.
        document: id.
        start: first code point in the raw text.
        end: one past the last.
        label: gold label of the stretch, ``O`` when it is untagged.
        text: the stretch.
        reason: in words.
        suggested_start: where the mention should begin; ``None`` without a suggestion.
        suggested_end: one past where it should end, likewise.
        suggested_label: its label, ``O`` when it should not be tagged; empty without a suggestion.
        suggested_text: its text.
        score: how likely the annotation is wrong (0..1), where a model says so; ``None`` from a rule.
    """

    kind: Kind
    document: str
    start: int
    end: int
    label: str
    text: str
    reason: str
    suggested_start: int | None = None
    suggested_end: int | None = None
    suggested_label: str = ""
    suggested_text: str = ""
    score: float | None = None


def suspect(
    kind: Kind,
    document: Document,
    mention: Mention,
    reason: str,
    suggested: Span | None = None,
    score: float | None = None,
) -> Suspicion:
    """A suspicion about a gold mention.

    Args:
        kind: see :class:`Suspicion`.
        document: the document it stands in.
        mention: the gold mention.
        reason: in words.
        suggested: start, end and label that should stand there instead; label ``O`` for none.
        score: how likely the annotation is wrong (0..1).
    """
    place = (document.id, mention.start, mention.end, mention.label, mention.text)
    return _with(document, Suspicion(kind, *place, reason, score=score), suggested)


def suspect_untagged(
    kind: Kind, document: Document, suggested: Span, reason: str, score: float | None = None
) -> Suspicion:
    """A suspicion that a stretch without a gold mention should be one; arguments as for :func:`suspect`."""
    start, end, _ = suggested
    place = (document.id, start, end, OUTSIDE, document.text[start:end])
    return _with(document, Suspicion(kind, *place, reason, score=score), suggested)


def free(document: Document, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of the spans (half-open code points) that share no character with a mention."""
    mentions = document.mentions
    return [(a, b) for a, b in spans if not any(m.start < b and a < m.end for m in mentions)]


def _with(document: Document, suspicion: Suspicion, suggested: Span | None) -> Suspicion:
    if suggested is None:
        return suspicion
    start, end, label = suggested
    return replace(
        suspicion,
        suggested_start=start,
        suggested_end=end,
        suggested_label=label,
        suggested_text=document.text[start:end],
    )
