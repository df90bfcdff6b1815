"""Do the scores mean what they say, and how much does reviewing the least certain mentions buy?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topner.document import Document

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Predicted mentions whose scores are alike.

    Attributes:
        low: least score, included.
        high: greatest score; included in the last bin alone.
        count: number of predicted mentions.
        score: their mean score; 0.0 when there are none.
        precision: share of them that is right; 0.0 when there are none.
    """

    low: float
    high: float
    count: int
    score: float
    precision: float


@dataclass(frozen=True, slots=True)
class Load:
    """What remains when the least certain mentions go to a person.

    Attributes:
        share: share of the predicted mentions, the least certain ones, that a person reviews.
        threshold: the score below which they are; mentions at or above it pass unseen.
        precision: strict precision of the mentions that pass unseen.
        caught: share of all wrong predictions that are among the reviewed.
    """

    share: float
    threshold: float
    precision: float
    caught: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far scores and precision agree.

    Attributes:
        count: number of predicted mentions that carry a score.
        error: expected calibration error, the mean distance between score and precision, weighted by count (Guo et al. 2017).
        brier: mean squared distance between score and 1 (right) or 0 (wrong) (Brier 1950).
        bins: ten of equal width from 0 to 1.
        loads: the review loads 0 %, 5 %, ... 50 %, in order; empty when nothing carries a score.
    """

    count: int
    error: float
    brier: float
    bins: tuple[Bin, ...]
    loads: tuple[Load, ...]


def calibration(
    gold: Sequence[Document], predicted: Sequence[Document], labels: Sequence[str]
) -> dict[str, Calibration]:
    """Calibration of the predicted mentions' scores, by label and under ``micro``.

    A prediction is right when its whole span and its label are gold. Mentions without a score are left out.

    Args:
        gold: documents with gold mentions.
        predicted: the same documents in the same order with predicted mentions.
        labels: label names.
    """
    rows = []
    for document, answer in zip(gold, predicted, strict=True):
        keys = {m.key for m in document.mentions}
        rows += [(m.label, m.score, m.key in keys) for m in answer.mentions if m.score is not None]
    measured = {}
    for name in (*labels, "micro"):
        chosen = [(score, right) for label, score, right in rows if name in (label, "micro")]
        scores = np.asarray([score for score, _ in chosen], dtype=np.float64)
        measured[name] = measure(scores, np.asarray([right for _, right in chosen], dtype=bool))
    return measured


def measure(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> Calibration:
    """Calibration of scores.

    Args:
        scores: in 0..1, shape ``(mentions,)``.
        right: whether each was right, same shape.
    """
    if not scores.size:
        return Calibration(0, 0.0, 0.0, (), ())
    edges = np.linspace(0, 1, BINS + 1)
    place = np.clip(np.searchsorted(edges, scores, side="right") - 1, 0, BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    filled = np.maximum(counts, 1)
    means = np.bincount(place, scores, BINS) / filled
    precisions = np.bincount(place, right, BINS) / filled
    bins = tuple(
        Bin(float(edges[i]), float(edges[i + 1]), int(counts[i]), float(means[i]), float(precisions[i]))
        for i in range(BINS)
    )
    error = float(np.abs(means - precisions) @ counts / scores.size)
    return Calibration(len(scores), error, float(np.mean((scores - right) ** 2)), bins, _loads(scores, right))


def review_load(scores: NDArray[np.float64], right: NDArray[np.bool_], share: float) -> Load | None:
    """What remains when a share of the mentions, the least certain ones, goes to a person.

    Args:
        scores: in 0..1, shape ``(mentions,)``.
        right: whether each was right, same shape.
        share: of the mentions, 0..1, rounded to whole mentions.

    Returns:
        ``None`` when nothing is left to pass unseen.
    """
    order = np.argsort(scores, kind="stable")
    wrong = ~right[order]
    reviewed, mistakes = round(len(scores) * share), int(wrong.sum())
    if reviewed >= len(scores):
        return None
    missed = int(wrong[reviewed:].sum())
    left = len(scores) - reviewed
    caught = (mistakes - missed) / mistakes if mistakes else 0.0
    return Load(share, float(scores[order[reviewed]]), (left - missed) / left, caught)


def _loads(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Load, ...]:
    loads = (review_load(scores, right, percent / 100) for percent in range(0, 51, 5))
    return tuple(load for load in loads if load is not None)
