"""From the score a tagger gives to the probability that the mention is right, and the thresholds people set on it.

The tagger runs :func:`apply` over the mentions of a document after decoding, with the maps under ``confidence`` in the model
folder's ``topner.json`` and the thresholds its caller gives. Spans and labels never change: a map is monotone in the score and
a threshold only drops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topner.document import Mention
from topner.errors import TopnerError

KEY = "confidence"
"""Name of the maps in ``topner.json``."""
_EDGE = 1e-4  # scores nearer to 0 or 1 are taken for this: files keep four digits


@dataclass(frozen=True, slots=True)
class Curve:
    """``sigmoid(a * log(p) - b * log(1 - p) + c)``: beta calibration (Kull et al. 2017).

    With ``a == b == 1 / T`` and ``c == 0`` it is temperature scaling (Guo et al. 2017) of the mention's log-odds; with
    ``T == 1`` it leaves the score alone, but for clipping at 0.0001 from either end.

    Attributes:
        a: weight of ``log(p)``, not negative.
        b: weight of ``-log(1 - p)``, not negative.
        c: shift in log-odds.
    """

    a: float = 1.0
    b: float = 1.0
    c: float = 0.0

    def __call__(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of the scores, both in 0..1, same shape."""
        low, high = log_odds_parts(scores)
        return np.asarray(1 / (1 + np.exp(-np.clip(self.a * low + self.b * high + self.c, -50, 50))), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Knots:
    """Straight lines between points, level outside of them: isotonic regression, interpolated.

    Attributes:
        scores: rising strictly.
        probabilities: of these scores, not falling.
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __call__(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of the scores, both in 0..1, same shape."""
        return np.asarray(
            np.interp(np.asarray(scores, dtype=np.float64), self.scores, self.probabilities), dtype=np.float64
        )


ScoreMap = Curve | Knots


def log_odds_parts(scores: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``log(p)`` and ``-log(1 - p)`` of scores, which are kept 0.0001 away from 0 and 1."""
    clipped = np.clip(np.asarray(scores, dtype=np.float64), _EDGE, 1 - _EDGE)
    return np.log(clipped), -np.log1p(-clipped)


def apply(
    mentions: Iterable[Mention], maps: Mapping[str, ScoreMap], thresholds: Mapping[str, float] | None = None
) -> list[Mention]:
    """Mentions with calibrated scores, without those below the threshold of their label.

    Args:
        mentions: predicted; one without a score passes as it is.
        maps: by label; a label without one keeps its scores.
        thresholds: least calibrated score (0..1, kept when equal) by label; none for a label keeps all.
    """
    least = thresholds or {}
    kept = []
    for mention in mentions:
        if mention.score is not None and mention.label in maps:
            mention = replace(mention, score=float(maps[mention.label](mention.score)))
        if mention.score is None or mention.score >= least.get(mention.label, 0.0):
            kept.append(mention)
    return kept


def check_thresholds(thresholds: Mapping[str, float], labels: Iterable[str]) -> dict[str, float]:
    """The thresholds, when all are for known labels and in 0..1.

    Raises:
        TopnerError: one is not.
    """
    known = list(labels)
    for label, value in thresholds.items():
        if label not in known:
            raise TopnerError(f"a threshold is given for {label!r}", hint=f"the labels are {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise TopnerError(f"the threshold of {label} is {value!r}", hint="a number from 0 to 1 was expected")
    return {label: float(value) for label, value in thresholds.items()}


def maps_to_json(maps: Mapping[str, ScoreMap]) -> dict[str, Any]:
    """What :func:`maps_from_json` reads back, to the last bit."""
    return {
        label: {"kind": "beta", "a": found.a, "b": found.b, "c": found.c}
        if isinstance(found, Curve)
        else {"kind": "isotonic", "scores": list(found.scores), "probabilities": list(found.probabilities)}
        for label, found in maps.items()
    }


def maps_from_json(value: Any) -> dict[str, ScoreMap]:
    """The maps of a ``topner.json``.

    Args:
        value: what stands under ``confidence``; ``None`` for nothing.

    Raises:
        ValueError: it is not of the form :func:`maps_to_json` writes, or a map would fall.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{KEY}: an object by label was expected")
    return {str(label): _map(str(label), item) for label, item in value.items()}


def _map(label: str, item: Any) -> ScoreMap:
    problem = f"{KEY}: {label} has no map of kind beta or isotonic that rises"
    try:
        if item["kind"] == "beta":
            curve = Curve(*(_number(item[name]) for name in "abc"))
            if curve.a >= 0 and curve.b >= 0:
                return curve
        elif item["kind"] == "isotonic":
            knots = Knots(*(tuple(_number(x) for x in item[name]) for name in ("scores", "probabilities")))
            if (
                0 < len(knots.scores) == len(knots.probabilities)
                and all(one < other for one, other in pairwise(knots.scores))
                and all(one <= other for one, other in pairwise(knots.probabilities))
                and 0 <= knots.probabilities[0] <= knots.probabilities[-1] <= 1
            ):
                return knots
    except (KeyError, TypeError):
        pass
    raise ValueError(problem)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise TypeError
    return float(value)
