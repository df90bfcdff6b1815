"""What a set of annotated documents holds: counts, lengths, spread, lexical diversity."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from topner.document import Document
from topner.labels import LabelSchema

_NO_WORD = re.compile(r"[\W_]+")
_SAMPLE = 10_000
_SAMPLES = 50
_GRAM = 4
PROVINCE_KEY = "province"
_PROVINCE = re.compile(
    r"(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|"
    r"海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门)"
)


@dataclass(frozen=True)
class Statistics:
    """Counts of a set of documents.

    Attributes:
        documents: how many.
        characters: code points of all texts.
        mentions: number by label, every label of the schema.
        lengths: by label the 5 %, 50 % and 95 % quantiles and the maximum of the mentions' lengths in code points.
        bare: documents without any mention.
        diversity: see :func:`diversity`.
    """

    documents: int
    characters: int
    mentions: Mapping[str, int]
    lengths: Mapping[str, tuple[int, int, int, int]]
    bare: int
    diversity: float


def describe(documents: Sequence[Document], schema: LabelSchema) -> Statistics:
    """Count a set of documents."""
    lengths = {
        name: [m.end - m.start for d in documents for m in d.mentions if m.label == name] for name in schema.names
    }
    return Statistics(
        documents=len(documents),
        characters=sum(len(d.text) for d in documents),
        mentions={name: len(values) for name, values in lengths.items()},
        lengths={name: _quantiles(values) for name, values in lengths.items()},
        bare=sum(not d.mentions for d in documents),
        diversity=diversity([d.text for d in documents]),
    )


def diversity(texts: Sequence[str], seed: int = 0) -> float:
    """Distinct character 4-grams in 10,000 characters, punctuation and white space left out.

    Whole texts are drawn in random order until 10,000 characters are full, fifty times over; the mean does not depend on
    the size of the set, so that sets of different sizes can be compared. A set of fewer characters is taken whole and
    scaled up, which flatters it.

    Args:
        texts: of the documents.
        seed: of the draws.
    """
    bare = [text for text in (_NO_WORD.sub("", text) for text in texts) if len(text) >= _GRAM]
    if not bare:
        return 0.0
    rng = random.Random(seed)  # noqa: S311 (no secret)
    counts = []
    for _ in range(_SAMPLES):
        sample, size = [], 0
        for text in rng.sample(bare, len(bare)):
            sample.append(text[: _SAMPLE - size])
            size += len(sample[-1])
            if size >= _SAMPLE:
                break
        counts.append(len({gram for text in sample for gram in _grams(text)}) * _SAMPLE / size)
    return float(np.mean(counts))


def spread(documents: Sequence[Document], key: str) -> dict[str, Counter[str]]:
    """Documents and mentions by label for each value of a metadata key, the commonest value first.

    The key ``province`` is the province at the head of ``place``.
    """
    found: dict[str, Counter[str]] = {}
    for document in documents:
        counts = found.setdefault(value_of(document, key), Counter())
        counts["documents"] += 1
        counts["characters"] += len(document.text)
        counts.update(m.label for m in document.mentions)
    return dict(sorted(found.items(), key=lambda item: (-item[1]["documents"], item[0])))


def value_of(document: Document, key: str) -> str:
    """A metadata value as text, ``-`` where there is none."""
    if key == PROVINCE_KEY:
        found = _PROVINCE.match(str(document.meta.get("place") or ""))
        return found[0] if found else str(document.meta.get("place") or "-")
    value = document.meta.get(key)
    return "-" if value is None else str(value)


def _quantiles(values: Sequence[int]) -> tuple[int, int, int, int]:
    if not values:
        return 0, 0, 0, 0
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95], method="nearest")
    return int(low), int(middle), int(high), max(values)


def _grams(text: str) -> Iterator[str]:
    return (text[i : i + _GRAM] for i in range(len(text) - _GRAM + 1))
