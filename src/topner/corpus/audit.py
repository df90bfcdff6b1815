"""Suspected label errors of an annotated set, the likeliest first, as a list that a reviewer works down."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from topner.corpus.boundaries import boundary_suspicions, untagged_targets
from topner.corpus.consistency import suspicions
from topner.corpus.opinions import Opinion, contradictions
from topner.corpus.outliers import unusual_heads, unusual_lengths
from topner.corpus.repeats import longer_names, short_forms
from topner.corpus.suspicion import Kind, Suspicion
from topner.document import Document
from topner.labels import OUTSIDE, TARGET, LabelSchema

WEIGHTS: Mapping[Kind, float] = {
    "edge": 0.9,
    "unbalanced": 0.9,
    "in a title": 0.9,
    "cut": 0.8,
    "generic": 0.8,
    "intent": 0.7,
    "quotes": 0.7,
    "no quantity": 0.6,
    "name edge": 0.6,
    "wrapper": 0.6,
    "verb outside": 0.6,
    "subject": 0.5,
    "untagged target": 0.5,
    "untagged here": 0.5,
    "short form": 0.5,
    "two labels": 0.5,
    "untagged elsewhere": 0.4,
    "head": 0.4,
    "longer elsewhere": 0.3,
    "length": 0.1,
}
"""What a rule's suspicion counts (0..1): an order of how often each kind is right, put down by hand, no measured probability."""

_CONTEXT = 20


@dataclass(frozen=True, slots=True)
class Suspect:
    """One place for a person to look at, with everything that speaks against its annotation.

    Attributes:
        score: 0..1, what places are ranked by; see :func:`audit`.
        document: id.
        start: first code point in the raw text.
        end: one past the last.
        label: gold label, ``O`` when the stretch is untagged.
        text: the stretch.
        suggested_start: where the mention should begin; ``None`` without a suggestion.
        suggested_end: one past where it should end, likewise.
        suggested_label: its label, ``O`` when it should not be tagged; empty without a suggestion.
        suggested_text: its text.
        kinds: kinds of the suspicions, the weightiest first.
        reasons: of each, in words.
        before: the text in front, on one line.
        after: the text behind, likewise.
    """

    score: float
    document: str
    start: int
    end: int
    label: str
    text: str
    suggested_start: int | None
    suggested_end: int | None
    suggested_label: str
    suggested_text: str
    kinds: tuple[Kind, ...]
    reasons: tuple[str, ...]
    before: str
    after: str


def audit(
    documents: Sequence[Document], schema: LabelSchema, predictions: Sequence[Opinion] = ()
) -> tuple[Suspect, ...]:
    """Rank the places whose annotation may be wrong.

    Suspicions about one gold mention are one suspect, and so are those about untagged stretches that overlap. Its score is
    ``1 - (1 - a)(1 - b)...`` over its kinds, each with its score from the models or its weight (:data:`WEIGHTS`), as if the
    sources were independent. The suggestion is that of the weightiest suspicion that has one.

    Args:
        documents: with gold mentions, ids unique.
        schema: the labels.
        predictions: what models that were not trained on the documents make of them; see
            :func:`topner.corpus.opinions.contradictions`.

    Returns:
        Suspects, the highest score first; equal ones in the order of the documents.

    Raises:
        TopnerError: two documents share an id, or a prediction does not fit the documents.
    """
    found = [
        *contradictions(documents, predictions, schema),
        *suspicions(documents),
        *short_forms(documents),
        *longer_names(documents),
        *boundary_suspicions(documents),
        *(untagged_targets(documents) if TARGET in schema.names else ()),
        *unusual_heads(documents),
        *unusual_lengths(documents),
    ]
    by_document: defaultdict[str, list[Suspicion]] = defaultdict(list)
    for suspicion in found:
        by_document[suspicion.document].append(suspicion)
    suspects = [_suspect(d, group) for d in documents for group in _places(by_document[d.id])]
    return tuple(sorted(suspects, key=lambda suspect: -suspect.score))


def _places(found: Sequence[Suspicion]) -> list[list[Suspicion]]:
    """The suspicions of one document by place, the weightiest first; places in order of position."""
    places: list[list[Suspicion]] = []
    for suspicion in sorted(found, key=lambda s: (-_weight(s), s.start, s.end)):
        for place in places:
            if _same(place[0], suspicion):
                place.append(suspicion)
                break
        else:
            places.append([suspicion])
    return sorted(places, key=lambda place: (place[0].start, place[0].end))


def _same(one: Suspicion, other: Suspicion) -> bool:
    if one.label == OUTSIDE or other.label == OUTSIDE:
        return one.label == other.label and one.start < other.end and other.start < one.end
    return (one.start, one.end) == (other.start, other.end)


def _suspect(document: Document, place: Sequence[Suspicion]) -> Suspect:
    kinds: dict[Kind, Suspicion] = {}
    for suspicion in place:
        kinds.setdefault(suspicion.kind, suspicion)
    sound = 1.0
    for suspicion in kinds.values():
        sound *= 1 - _weight(suspicion)
    first = place[0]
    advised = next((s for s in place if s.suggested_label), first)
    return Suspect(
        score=1 - sound,
        document=document.id,
        start=first.start,
        end=first.end,
        label=first.label,
        text=first.text,
        suggested_start=advised.suggested_start,
        suggested_end=advised.suggested_end,
        suggested_label=advised.suggested_label,
        suggested_text=advised.suggested_text,
        kinds=tuple(kinds),
        reasons=tuple(dict.fromkeys(s.reason for s in place)),
        before=flat(document.text[max(first.start - _CONTEXT, 0) : first.start]),
        after=flat(document.text[first.end : first.end + _CONTEXT]),
    )


def _weight(suspicion: Suspicion) -> float:
    return WEIGHTS[suspicion.kind] if suspicion.score is None else suspicion.score


def flat(text: str) -> str:
    """The text on one line: line ends as ⏎, other characters that cannot be seen as ·."""
    return "".join("⏎" if c == "\n" else "·" if unicodedata.category(c)[0] == "C" else c for c in text)
