"""Which documents to annotate next: uncertain, rich in rare labels, unlike each other and unlike what is already held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topner.document import Document
from topner.errors import TopnerError
from topner.suggest.likeness import Holdings, vectors

PER = 1000
SHORTEST = 200
"""A text shorter than this counts as long as this, so that a single doubtful mention does not make a headline first."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tagged document and how much there is to gain from annotating it.

    Attributes:
        document: with predicted mentions.
        uncertainty: expected number of wrong mentions in 1,000 characters, see :func:`uncertainty`.
        rarity: mentions in 1,000 characters, counted by how rare their label is, see :func:`rarity`.
        novelty: 1 less the highest cosine with what is held and with what was chosen before it.
        total: what it was ranked by, 0..1; see :func:`choose`.
        rank: 1 for the first that was chosen; ``None`` when it was not.
        reason: ``chosen``, ``not chosen``, or what it repeats.
    """

    document: Document
    uncertainty: float
    rarity: float
    novelty: float
    total: float
    rank: int | None
    reason: str


def uncertainty(document: Document) -> float:
    """Expected number of wrong mentions in 1,000 characters: the sum over mentions of ``1 - score``.

    0 for a document without mentions. What the tagger missed altogether is not in it, so it is a lower bound for the errors.
    """
    doubts = sum(1 - (1.0 if mention.score is None else mention.score) for mention in document.mentions)
    return PER * doubts / max(len(document.text), SHORTEST)


def rarity(document: Document, counts: Mapping[str, int]) -> float:
    """Mentions in 1,000 characters, one of the rarest label counted 1 and one of another ``(rarest + 1) / (its count + 1)``.

    Args:
        document: with predicted mentions.
        counts: how often each label of the schema occurs in what is already annotated.
    """
    rarest = 1 + min(counts.values(), default=0)
    worth = sum(rarest / (1 + counts.get(mention.label, 0)) for mention in document.mentions)
    return PER * worth / max(len(document.text), SHORTEST)


def label_counts(documents: Sequence[Document], labels: Sequence[str]) -> dict[str, int]:
    """How often each of the labels occurs."""
    counts = Counter(mention.label for document in documents for mention in document.mentions)
    return {label: counts[label] for label in labels}


def choose(
    pool: Sequence[Document],
    held: Sequence[Document],
    number: int,
    counts: Mapping[str, int],
    *,
    diversity: float = 0.5,
    rare: float = 0.3,
) -> list[Suggestion]:
    """Choose documents one by one, each time the one with the highest total that repeats none chosen before.

    The total is the maximal marginal relevance (Carbonell and Goldstein 1998, The use of MMR) up to a constant::

        (1 - diversity) * ((1 - rare) * uncertainty + rare * rarity) + diversity * novelty

    with uncertainty and rarity divided by the largest of the pool.

    Args:
        pool: tagged documents with distinct ids, in any order: the outcome does not depend on it.
        held: documents already annotated, to keep away from.
        number: how many to choose; fewer are chosen when the pool has no more that do not repeat each other.
        counts: label counts for :func:`rarity`.
        diversity: weight of novelty, 0..1.
        rare: weight of rarity beside uncertainty, 0..1.

    Returns:
        Every document of the pool: the chosen by rank, then the others by total, ties by id.

    Raises:
        TopnerError: the number is not positive or a weight is not in 0..1.
    """
    if number < 1 or not (0 <= diversity <= 1 and 0 <= rare <= 1):
        raise TopnerError(f"choosing {number} documents with weights {diversity} and {rare} makes no sense")
    ordered = sorted(pool, key=lambda document: document.id)
    doubts = [uncertainty(document) for document in ordered]
    worths = [rarity(document, counts) for document in ordered]
    relevance = (1 - rare) * _scaled(doubts) + rare * _scaled(worths)
    like = vectors([document.text for document in (*ordered, *held)])
    size = len(ordered)
    nearest = np.zeros(size)
    for row in range(size, size + len(held)):
        nearest = np.maximum(nearest, like.cosines(row, size))
    chosen_texts = Holdings()
    open_ = np.ones(size, dtype=bool)
    found: list[Suggestion] = []

    def entry(i: int, rank: int | None, reason: str) -> Suggestion:
        total = (1 - diversity) * float(relevance[i]) + diversity * (1 - float(nearest[i]))
        return Suggestion(ordered[i], doubts[i], worths[i], 1 - float(nearest[i]), total, rank, reason)

    repeats: list[Suggestion] = []
    while open_.any() and len(found) < number:
        totals = (1 - diversity) * relevance + diversity * (1 - nearest)
        best = int(np.argmax(np.where(open_, totals, -np.inf)))
        open_[best] = False
        document = ordered[best]
        if (other := chosen_texts.repeated_by(document.text)) is not None:
            repeats.append(entry(best, None, f"near-duplicate of {other}, which was chosen"))
            continue
        found.append(entry(best, len(found) + 1, "chosen"))
        chosen_texts.add(document.id, document.text)
        nearest = np.maximum(nearest, like.cosines(best, size))
    others = [entry(i, None, "not chosen") for i in np.flatnonzero(open_).tolist()]
    return found + sorted([*others, *repeats], key=lambda one: (-one.total, one.document.id))


def _scaled(values: Sequence[float]) -> NDArray[np.float64]:
    largest = max(values, default=0.0)
    return np.asarray(values, dtype=np.float64) / (largest or 1.0)
