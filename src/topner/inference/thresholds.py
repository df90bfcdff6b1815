"""Thresholds as they are given on a command line."""

from __future__ import annotations

from collections.abc import Sequence

from topner.errors import TopnerError
from topner.model.confidence import check_thresholds


def read_thresholds(words: Sequence[str], labels: Sequence[str]) -> dict[str, float]:
    """The least score by label.

    Args:
        words: each a number (0..1) for all labels, or ``LABEL=number``, which counts more than the former; of two for one label
            the later one counts.
        labels: that the model knows.

    Raises:
        TopnerError: a word is neither, a number is out of range, or a label unknown.
    """
    of_all: dict[str, float] = {}
    of_one: dict[str, float] = {}
    for word in words:
        label, sign, number = word.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            hint = "0.5 for all labels, or LABEL=0.5"
            raise TopnerError(f"the threshold {word!r} is no number", hint=hint) from None
        (of_one if sign else of_all).update({label: value} if sign else dict.fromkeys(labels, value))
    return check_thresholds(of_all | of_one, labels)
