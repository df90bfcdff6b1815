"""How much texts are like each other: cosine of character 3-grams, and what repeats a text that is already held."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topner.dataset.duplicates import resemblance, sketch

DUPLICATE = 0.3
"""Containment (0..1) from which a text repeats another, the threshold by which splits keep near-duplicates together."""

_BITS = 18
_IGNORED = re.compile(r"[\W_]+")
_MULTIPLIERS = np.asarray([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


@dataclass(frozen=True)
class Vectors:
    """TF-IDF vectors of unit length over hashed character 3-grams, sparse, one text after the other.

    Attributes:
        starts: where the entries of each text begin, and where the last one's end; shape ``(texts + 1,)``.
        grams: hashed 3-gram of each entry; shape ``(entries,)``.
        weights: its weight, likewise.
    """

    starts: NDArray[np.int64]
    grams: NDArray[np.int64]
    weights: NDArray[np.float64]

    def cosines(self, text: int, among: int) -> NDArray[np.float64]:
        """Cosine (0..1) of a text with each of the first ``among`` texts, shape ``(among,)``; 0 with one that has no 3-gram."""
        mine = slice(self.starts[text], self.starts[text + 1])
        dense = np.zeros(1 << _BITS)
        dense[self.grams[mine]] = self.weights[mine]
        last = self.starts[among]
        rows = np.repeat(np.arange(among), np.diff(self.starts[: among + 1]))
        products = self.weights[:last] * dense[self.grams[:last]]
        return np.minimum(np.bincount(rows, weights=products, minlength=among), 1.0)


def vectors(texts: Sequence[str]) -> Vectors:
    """TF-IDF vectors of texts, punctuation and white space left out.

    A 3-gram weighs ``(1 + ln tf) * (1 + ln((1 + n) / (1 + df)))``; 3-grams are hashed into 2^18 places (Weinberger et al.
    2009, Feature hashing for large scale multitask learning), the same on every machine.
    """
    counted = [_grams(text) for text in texts]
    sizes = np.asarray([len(grams) for grams, _ in counted], dtype=np.int64)
    grams = np.concatenate([np.zeros(0, np.int64), *(grams for grams, _ in counted)])
    counts = np.concatenate([np.zeros(0, np.int64), *(counts for _, counts in counted)])
    frequency = np.bincount(grams, minlength=1 << _BITS)
    weights = (1 + np.log(counts)) * (1 + np.log((1 + len(texts)) / (1 + frequency[grams])))
    rows = np.repeat(np.arange(len(texts)), sizes)
    lengths = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(texts)))
    return Vectors(np.concatenate([[0], np.cumsum(sizes)]), grams, weights / lengths[rows])


class Holdings:
    """Texts already held, asked for what a new text repeats."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._sketches: list[frozenset[int]] = []
        self._holders: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, id: str, text: str) -> None:
        """Hold a text under an id."""
        hashes = sketch(text)
        for value in hashes:
            self._holders[value].append(len(self._ids))
        self._ids.append(id)
        self._sketches.append(hashes)

    def repeated_by(self, text: str) -> str | None:
        """Id of the held text that the text repeats most (:data:`DUPLICATE` or more), ``None`` when there is none."""
        hashes = sketch(text)
        shared = Counter(i for value in hashes for i in self._holders.get(value, ()))
        likest = max(
            ((resemblance(hashes, self._sketches[i]), -i) for i in shared),
            default=(0.0, 0),
        )
        return self._ids[-likest[1]] if likest[0] >= DUPLICATE else None


def _grams(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The hashed 3-grams of a text, each once, and how often each occurs."""
    codes = np.frombuffer(_IGNORED.sub("", text).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(
        np.uint64
    )
    if len(codes) < 3:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    mixed = np.zeros(len(codes) - 2, dtype=np.uint64)
    for i, multiplier in enumerate(_MULTIPLIERS):
        mixed = (mixed ^ codes[i : i + len(mixed)]) * multiplier
    places, counts = np.unique((mixed >> np.uint64(64 - _BITS)).astype(np.int64), return_counts=True)
    return places, counts.astype(np.int64)
