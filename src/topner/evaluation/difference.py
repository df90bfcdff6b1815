"""The difference of two strict F1 on the same documents, over one or several pairs of predictions."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass
from typing import Any

from topner.evaluation.bootstrap import Interval
from topner.evaluation.paired import Paired
from topner.evaluation.scores import Score


@dataclass(frozen=True, slots=True)
class Difference:
    """The strict F1 of A and B on some of the mentions: all, those of a label, or those of a group of documents.

    Attributes:
        a: A's score in each pair.
        b: B's score in each pair.
        test: the difference with its interval and p value.
    """

    a: tuple[Score, ...]
    b: tuple[Score, ...]
    test: Paired

    @property
    def f1(self) -> tuple[float, float]:
        """F1 of A and of B, each the mean over the pairs."""
        return statistics.fmean(score.f1 for score in self.a), statistics.fmean(score.f1 for score in self.b)

    @property
    def value(self) -> float:
        """F1 of B less that of A, the mean over the pairs."""
        return self.test.difference

    @property
    def interval(self) -> Interval:
        """Bootstrap interval of :attr:`value`."""
        return self.test.interval

    @property
    def by_pair(self) -> tuple[float, ...]:
        """The difference in each pair."""
        return tuple(b.f1 - a.f1 for a, b in zip(self.a, self.b, strict=True))

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the differences of the pairs; ``None`` for a single one."""
        return statistics.stdev(self.by_pair) if len(self.a) > 1 else None

    @property
    def defined(self) -> bool:
        """Whether there was anything to find or anything found."""
        return any(score.defined for score in (*self.a, *self.b))

    @property
    def clear(self) -> bool:
        """Whether the difference is more than chance: p at most 1 - level, and the interval on one side of zero."""
        bounds = self.test.interval
        return self.test.p <= 1 - bounds.level + 1e-9 and (bounds.low > 0 or bounds.high < 0)

    def to_json(self) -> dict[str, Any]:
        """Both F1, their difference with interval and p value, and the scores of each pair."""
        one, other = self.f1
        return {
            "f1_a": round(one, 6),
            "f1_b": round(other, 6),
            "difference": round(self.value, 6),
            "interval": _rounded(asdict(self.interval)),
            "p": round(self.test.p, 6),
            "by_pair": [round(value, 6) for value in self.by_pair],
            "deviation": None if self.deviation is None else round(self.deviation, 6),
            "a": [_rounded(asdict(score)) for score in self.a],
            "b": [_rounded(asdict(score)) for score in self.b],
        }


def signed(value: float) -> str:
    """A difference to three places with its sign; what rounds to zero has none."""
    return f"{value:+.3f}" if round(value, 3) else "0.000"


def probability(p: float) -> str:
    """A p value: two places, more where it is small."""
    return f"{p:.4f}" if p < 0.01 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _rounded(record: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in record.items()}
