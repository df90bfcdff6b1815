"""Mentions that are unlike the others of their label."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from topner.corpus.suspicion import Suspicion, suspect
from topner.document import Document

_HEAD = 2
_COMMON = 20
"""Mentions that must share a head before one of another label is unusual."""

_USUAL = 0.95
_FENCE = 3.0
_LEAST = 0.3
"""Least interquartile range of log lengths, so that a label of equal lengths does not fence off the next longer one."""


def unusual_heads(documents: Sequence[Document], target: str = "TARGET") -> Iterator[Suspicion]:
    """Names whose last two characters belong, in nearly all other names, to another label; kind ``head``.

    Args:
        documents: with gold mentions.
        target: label that holds no names and is left out.
    """
    heads: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        for m in document.mentions:
            if m.label != target and len(m.text) > _HEAD:
                heads[m.text[-_HEAD:]][m.label] += 1
    for document in documents:
        for m in document.mentions:
            counts = heads.get(m.text[-_HEAD:])
            if m.label == target or len(m.text) <= _HEAD or counts is None:
                continue
            usual, most = counts.most_common(1)[0]
            if usual != m.label and most >= _COMMON and most >= _USUAL * counts.total():
                reason = f"names in …{m.text[-_HEAD:]} are {usual} {most} times of {counts.total()}"
                yield suspect("head", document, m, reason, (m.start, m.end, usual))


def unusual_lengths(documents: Sequence[Document]) -> Iterator[Suspicion]:
    """Mentions far longer than the others of their label, or of a single character; kind ``length``.

    Far longer is beyond the third quartile by more than three interquartile ranges (Tukey 1977, Exploratory Data Analysis:
    the outer fence), on the logarithm of the length in code points, for lengths are skewed. There is no fence below: a
    quantity whose indicator is carried over may be as short as 8%. Labels with few mentions have no fence.
    """
    lengths: defaultdict[str, list[int]] = defaultdict(list)
    for document in documents:
        for m in document.mentions:
            lengths[m.label].append(len(m.text))
    fences: dict[str, float] = {}
    for label, found in lengths.items():
        if len(found) >= _COMMON:
            low, high = np.quantile(np.log(found), [0.25, 0.75])
            fences[label] = float(np.exp(high + _FENCE * max(high - low, _LEAST)))
    for document in documents:
        for m in document.mentions:
            size = len(m.text)
            if size == 1 or size > fences.get(m.label, np.inf):
                reason = f"{size} characters; {m.label} has {np.median(lengths[m.label]):.0f} as a rule"
                yield suspect("length", document, m, reason)
