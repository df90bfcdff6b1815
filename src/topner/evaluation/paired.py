"""Whether the F1 of two predictions of the same documents differ by more than the choice of documents explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topner.evaluation.bootstrap import Interval

_CELLS = 4_000_000  # weights held at a time, so that memory does not grow with the data set
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Paired:
    """A difference of two F1, B less A; the mean over the pairs where there are several.

    Attributes:
        difference: the difference on the documents as they are.
        interval: bootstrap interval of the difference.
        p: two-sided p value of the hypothesis that A and B are the same, by approximate randomisation.
    """

    difference: float
    interval: Interval
    p: float


def paired_tests(
    a: NDArray[np.int64], b: NDArray[np.int64], *, level: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> list[Paired]:
    """Interval and p value of each difference, both by document: mentions of one text share its style and its errors.

    The interval is the percentile interval (Efron 1979) of the paired bootstrap (Berg-Kirkpatrick, Burkett and Klein
    2012): A and B are scored on the same documents, drawn with replacement; draws in which nothing is gold and nothing
    predicted are left out. The p value is by approximate randomisation (Noreen 1989; for F1 Yeh 2000): in each of ``n``
    shuffles every document's two predictions change sides with chance 1/2, and with ``r`` shuffles whose absolute
    difference is at least the observed one p is ``(r + 1) / (n + 1)``. Of several pairs (seeds), documents are drawn and
    shuffled for all at once: interval and p speak of other documents, not of other seeds.

    Args:
        a: A's counts, shape ``(pairs, documents, columns, 3)``: correct, predicted, gold mentions, as
            :func:`topner.evaluation.scores.count_by_document` has them; every column is tested by itself.
        b: B's counts, likewise.
        level: confidence level, between 0 and 1.
        resamples: number of resamples, and of shuffles, at least 1.
        seed: the same seed gives the same result.

    Returns:
        One result a column.

    Raises:
        ValueError: ``level`` or ``resamples`` is out of range, or the shapes differ.
    """
    if not 0 < level < 1 or resamples < 1:
        raise ValueError(f"level {level} is not between 0 and 1, or resamples {resamples} is below 1")
    if a.shape != b.shape:
        raise ValueError(f"the counts have the shapes {a.shape} and {b.shape}")
    documents, columns = a.shape[1], a.shape[2]
    # (documents, side, pairs, columns, 3): one matrix product sums all of it over the documents of a draw
    table = np.moveaxis(np.stack([a, b]), 2, 0).astype(np.float64)
    whole = table.sum(axis=0)
    observed = _difference(whole)
    rng = np.random.default_rng(seed)
    drawn = np.full((resamples, columns), np.nan)
    reached = np.zeros(columns, dtype=np.int64)
    rows = max(1, _CELLS // max(1, documents))
    blocks = [min(rows, resamples - first) for first in range(0, resamples, rows)]
    if documents:
        chances = np.full(documents, 1 / documents)
        for i, draws in enumerate(blocks):
            weights = rng.multinomial(documents, chances, size=draws).astype(np.float64)
            sums = np.tensordot(weights, table, axes=1)
            something = (sums[..., 1:] > 0).any(axis=(1, 2, 4))
            drawn[i * rows : i * rows + draws] = np.where(something, _difference(sums), np.nan)
    moves = table[:, 1] - table[:, 0]
    for draws in blocks:
        swapped = (rng.random((draws, documents)) < 0.5).astype(np.float64)
        moved = np.tensordot(swapped, moves, axes=1)
        shuffled = _difference(np.stack([whole[0] + moved, whole[1] - moved], axis=1))
        reached += (np.abs(shuffled) >= np.abs(observed) - _ROUNDING).sum(axis=0)
    return [
        Paired(
            float(observed[i]), _percentiles(drawn[:, i], level, documents), float((reached[i] + 1) / (resamples + 1))
        )
        for i in range(columns)
    ]


def _difference(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of B less that of A, the mean over pairs; from ``(..., side, pairs, columns, 3)`` to ``(..., columns)``."""
    total = sums[..., 1] + sums[..., 2]
    f1 = np.divide(2 * sums[..., 0], total, out=np.zeros_like(total), where=total > 0)
    difference: NDArray[np.float64] = (f1[..., 1, :, :] - f1[..., 0, :, :]).mean(axis=-2)
    return difference


def _percentiles(values: NDArray[np.float64], level: float, documents: int) -> Interval:
    defined = values[~np.isnan(values)]
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail]) if defined.size else (0.0, 0.0)
    return Interval(float(low), float(high), level, len(values), documents)
