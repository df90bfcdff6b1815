"""Fit, on documents the model was not trained on, what a mention's score says about its being right."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize, minimize_scalar

from topner.document import Document
from topner.errors import TopnerError
from topner.evaluation.calibration import Calibration, measure
from topner.model.confidence import Curve, Knots, ScoreMap, log_odds_parts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST = 30
"""With fewer scored mentions of a label its scores are left alone."""
_FOLDS = 5
_WEIGHT = 1.0  # of the pull towards leaving the score alone, as so many mentions


@dataclass(frozen=True, slots=True)
class Fit:
    """The map of a label and what it brings.

    Attributes:
        label: the label.
        kind: ``identity``, ``temperature``, ``beta`` or ``isotonic``: the simplest not clearly worse than the best.
        map: fitted on all the documents.
        losses: cross-validated mean log loss by kind; empty when there were fewer than :data:`LEAST` mentions.
        before: calibration of the scores as they came.
        after: of what maps fitted on the other folds make of them, choice of the kind included.
    """

    label: str
    kind: str
    map: ScoreMap
    losses: Mapping[str, float]
    before: Calibration
    after: Calibration


@dataclass(frozen=True, slots=True)
class Fits:
    """The maps of all labels, and what they bring over all mentions together.

    Attributes:
        labels: by label.
        before: calibration of the scores as they came, all labels together.
        after: of what maps fitted on the other folds make of them.
    """

    labels: Mapping[str, Fit]
    before: Calibration
    after: Calibration

    @property
    def maps(self) -> dict[str, ScoreMap]:
        """The maps that do something, by label: what goes into a model folder."""
        return {name: found.map for name, found in self.labels.items() if found.kind != "identity"}


def fit(gold: Sequence[Document], predicted: Sequence[Document], labels: Sequence[str], *, folds: int = _FOLDS) -> Fits:
    """Fit one map a label; the same documents give the same maps, in whatever order they come.

    A prediction is right when its whole span and its label are gold. Kinds are compared by the log loss on documents that
    were not fitted on, in folds of documents, since the mentions of one share its errors; the simplest kind that is not
    clearly worse than the best is taken.

    Args:
        gold: documents with gold mentions, ids unique.
        predicted: the same documents, in the same order, with predicted mentions that carry scores.
        labels: label names.
        folds: number of folds, at least 2.

    Raises:
        TopnerError: nothing predicted carries a score, or there are fewer than two documents.
        ValueError: ``folds`` is below 2, or the two are not the same documents.
    """
    if folds < 2:
        raise ValueError("folds must be at least 2")
    rows = _rows(gold, predicted)
    if not rows:
        raise TopnerError("no predicted mention carries a score", hint="give predictions of topner evaluate or predict")
    if len(gold) < 2:
        raise TopnerError("calibration needs two documents or more, to fit on some and check on others")
    places = _fold_of([document.id for document in gold], folds)
    fits: dict[str, Fit] = {}
    parts: list[tuple[Floats, Floats, Bools]] = []
    for label in labels:
        chosen = [(score, right, places[id]) for name, score, right, id in rows if name == label]
        scores = np.asarray([row[0] for row in chosen], dtype=np.float64)
        right = np.asarray([row[1] for row in chosen], dtype=bool)
        fits[label], outside = _fit(label, scores, right, np.asarray([row[2] for row in chosen], dtype=np.int64))
        parts.append((scores, outside, right))
    scores, outside, right = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Fits(fits, measure(scores, right), measure(outside, right))


def right_and_wrong(
    gold: Sequence[Document], predicted: Sequence[Document], maps: Mapping[str, ScoreMap]
) -> dict[str, tuple[Floats, Bools]]:
    """Scores of the predicted mentions after the maps, and whether each is right, by label and under ``micro``.

    Args:
        gold: documents with gold mentions.
        predicted: the same documents, in the same order, with predicted mentions; those without a score are left out.
        maps: by label; none for those whose scores stay.

    Raises:
        ValueError: the two are not the same documents.
    """
    by_label: dict[str, list[tuple[float, bool]]] = {}
    for label, score, right, _ in _rows(gold, predicted):
        value = float(maps[label](score)) if label in maps else score
        for name in (label, "micro"):
            by_label.setdefault(name, []).append((value, right))
    return {
        name: (np.asarray([row[0] for row in rows]), np.asarray([row[1] for row in rows], dtype=bool))
        for name, rows in by_label.items()
    }


def threshold_for(scores: Floats, right: Bools, precision: float) -> float | None:
    """The least threshold at which the mentions that pass reach a precision; ``None`` when none does.

    Args:
        scores: calibrated or not, shape ``(mentions,)``.
        right: whether each is right, same shape.
        precision: 0..1, wanted of all mentions with this score or a greater one.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(right[order])
    last = np.append(ranked[1:] < ranked[:-1], True) if len(ranked) else np.zeros(0, dtype=bool)
    good = np.flatnonzero(last & (hits >= precision * np.arange(1, len(ranked) + 1)))
    return float(ranked[good[-1]]) if len(good) else None


def _rows(gold: Sequence[Document], predicted: Sequence[Document]) -> list[tuple[str, float, bool, str]]:
    rows = []
    for document, answer in zip(gold, predicted, strict=True):
        if document.id != answer.id:
            raise ValueError(f"the prediction of {answer.id!r} stands beside the gold of {document.id!r}")
        keys = {mention.key for mention in document.mentions}
        rows += [(m.label, m.score, m.key in keys, document.id) for m in answer.mentions if m.score is not None]
    return sorted(rows)


def _fold_of(ids: Sequence[str], folds: int) -> dict[str, int]:
    order = sorted(ids)
    random.Random(0).shuffle(order)  # noqa: S311 (no secret)
    return {id: number % folds for number, id in enumerate(order)}


def _fit(label: str, scores: Floats, right: Bools, places: NDArray[np.int64]) -> tuple[Fit, Floats]:
    before = measure(scores, right)
    if len(scores) < LEAST or len(set(places.tolist())) < 2:
        return Fit(label, "identity", Curve(), {}, before, before), scores
    kind, losses = _choose(scores, right, places)
    outside = np.zeros_like(scores)
    for place in sorted(set(places.tolist())):
        rest = places != place
        inner, _ = _choose(scores[rest], right[rest], places[rest])
        outside[~rest] = _KINDS[inner](scores[rest], right[rest])(scores[~rest])
    return Fit(label, kind, _KINDS[kind](scores, right), losses, before, measure(outside, right)), outside


def _choose(scores: Floats, right: Bools, places: NDArray[np.int64]) -> tuple[str, dict[str, float]]:
    """The kind for these mentions, and the mean log loss of each on left-out folds.

    Of the kinds whose loss is within one standard error of the least (of the mean difference to it), the simplest: what a
    map of more parameters wins by less than that it often loses again on new documents (Breiman et al. 1984).
    """
    parts = sorted(set(places.tolist()))
    if len(parts) < 2:
        return "identity", {}
    losses = {kind: np.zeros_like(scores) for kind in _KINDS}
    for kind, make in _KINDS.items():
        for place in parts:
            rest = places != place
            losses[kind][~rest] = _losses(make(scores[rest], right[rest])(scores[~rest]), right[~rest])
    means = {kind: round(float(found.mean()), 9) for kind, found in losses.items()}
    best = losses[min(means, key=means.__getitem__)]
    for kind, found in losses.items():
        difference = found - best
        if difference.mean() <= difference.std() / np.sqrt(len(scores)) + 1e-9:
            return kind, means
    raise AssertionError("the best kind is within the error of itself")


def _losses(probabilities: Floats, right: Bools) -> Floats:
    kept = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return -np.log(np.where(right, kept, 1 - kept))


def _identity(scores: Floats, right: Bools) -> ScoreMap:
    return Curve()


def _temperature(scores: Floats, right: Bools) -> ScoreMap:
    def cost(logarithm: float) -> float:
        sharpness = float(np.exp(logarithm))
        return float(_losses(Curve(sharpness, sharpness)(scores), right).sum()) + _WEIGHT * logarithm**2 / 2

    best = float(np.exp(minimize_scalar(cost, bounds=(-3.0, 3.0), method="bounded").x))
    return Curve(best, best)


def _beta(scores: Floats, right: Bools) -> ScoreMap:
    low, high = log_odds_parts(scores)
    design = np.stack([low, high, np.ones_like(low)])
    start = np.asarray([1.0, 1.0, 0.0])

    def cost(x: Floats) -> tuple[float, Floats]:
        odds = np.clip(x @ design, -50, 50)
        loss = float(np.logaddexp(0, np.where(right, -odds, odds)).sum())
        slope = design @ (1 / (1 + np.exp(-odds)) - right)
        return loss + _WEIGHT * float(((x - start) ** 2).sum()) / 2, slope + _WEIGHT * (x - start)

    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=[(0, 20), (0, 20), (-20, 20)])
    a, b, c = (float(value) for value in found.x)
    return Curve(a, b, c)


def _isotonic(scores: Floats, right: Bools) -> ScoreMap:
    """Pool adjacent violators on scores that are distinct; one knot at each pool's mean score."""
    distinct, place = np.unique(scores, return_inverse=True)
    counts = np.bincount(place)
    pools = isotonic_regression(np.bincount(place, right) / counts, weights=counts)
    margin = 1 / (len(scores) + 2)  # certainty is not to be had from a sample
    knots, levels = [], []
    for start, end in pairwise(pools.blocks.tolist()):
        knots.append(float(np.average(distinct[start:end], weights=counts[start:end])))
        levels.append(float(np.clip(pools.x[start], margin, 1 - margin)))
    return Knots(tuple(knots), tuple(levels))


_KINDS: dict[str, Callable[[Floats, Bools], ScoreMap]] = {
    "identity": _identity,
    "temperature": _temperature,
    "beta": _beta,
    "isotonic": _isotonic,
}
