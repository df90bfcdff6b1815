"""How far the F1 would move with other documents: percentile bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topner.labels import LabelSchema

_CELLS = 4_000_000  # weights held at a time, so that memory does not grow with the data set


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile interval.

    Attributes:
        low: lower bound.
        high: upper bound.
        level: confidence level, such as 0.95.
        resamples: number of resamples drawn.
        documents: number of documents drawn from; below about ten the interval is too narrow to be trusted, and
            with one it is that document's score.
    """

    low: float
    high: float
    level: float
    resamples: int
    documents: int


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of the strict F1.

    Attributes:
        micro: over all labels.
        labels: by label.
    """

    micro: Interval
    labels: Mapping[str, Interval]


def bootstrap_f1(
    counts: NDArray[np.int64], schema: LabelSchema, *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> Intervals:
    """Percentile bootstrap (Efron 1979) of the strict F1, by document.

    Documents are drawn with replacement, not mentions: mentions of one text share its style and its errors, and
    drawing them one by one would make the interval too narrow. Resamples in which nothing is gold and nothing
    predicted have no F1 and are left out.

    Args:
        counts: shape ``(documents, labels, 3)``, see :func:`topner.evaluation.scores.count_by_document`.
        schema: the labels, in the order of the second axis.
        level: confidence level, between 0 and 1.
        resamples: number of resamples, at least 1.
        seed: the same seed gives the same intervals.

    Raises:
        ValueError: ``level`` or ``resamples`` is out of range.
    """
    if not 0 < level < 1 or resamples < 1:
        raise ValueError(f"level {level} is not between 0 and 1, or resamples {resamples} is below 1")
    documents, labels, _ = counts.shape
    table = np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)  # micro first, then the labels
    flat = table.reshape(documents, 3 * (labels + 1)).astype(np.float64)
    rng = np.random.default_rng(seed)
    f1: NDArray[np.float64] = np.full((resamples, labels + 1), np.nan)
    if documents:
        rows = max(1, _CELLS // documents)
        chances = np.full(documents, 1 / documents)
        for first in range(0, resamples, rows):
            draws = min(rows, resamples - first)
            weights = rng.multinomial(documents, chances, size=draws).astype(np.float64)
            sums = (weights @ flat).reshape(draws, labels + 1, 3)
            total = sums[..., 1] + sums[..., 2]
            np.divide(2 * sums[..., 0], total, out=f1[first : first + draws], where=total > 0)
    intervals = [_percentiles(column, level, documents) for column in f1.T]
    return Intervals(intervals[0], dict(zip(schema.names, intervals[1:], strict=True)))


def _percentiles(values: NDArray[np.float64], level: float, documents: int) -> Interval:
    defined = values[~np.isnan(values)]
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail]) if defined.size else (0.0, 0.0)
    return Interval(float(low), float(high), level, len(values), documents)
