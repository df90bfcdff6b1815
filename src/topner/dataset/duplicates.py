"""Near-duplicate documents: reprints of one communiqué must not land on both sides of a split."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

_SHINGLE = 8
_SKETCH = 256
_IGNORED = re.compile(r"[\W_]+")


def sketch(text: str) -> frozenset[int]:
    """Bottom-k sketch of a text's character 8-grams, punctuation and white space left out.

    The ``k`` smallest hashes of a set are a fair sample of it (Broder 1997, On the resemblance and containment of
    documents). Texts shorter than a shingle are sketched whole.
    """
    bare = _IGNORED.sub("", text)
    grams = {bare[i : i + _SHINGLE] for i in range(max(1, len(bare) - _SHINGLE + 1))} - {""}
    hashes = (
        int.from_bytes(hashlib.blake2b(gram.encode("utf-8", "surrogatepass"), digest_size=8).digest()) for gram in grams
    )
    return frozenset(sorted(hashes)[:_SKETCH])


def resemblance(a: frozenset[int], b: frozenset[int]) -> float:
    """Estimated containment of the smaller text in the larger one, 0..1: high for a reprint with a new lead, too."""
    if not a or not b:
        return 0.0
    # Both sketches sample every hash below the smaller of their maxima (when full), so compare below that bound only.
    bounds = [max(s) for s in (a, b) if len(s) == _SKETCH]
    bound = min(bounds, default=None)
    left, right = ({h for h in s if bound is None or h <= bound} for s in (a, b))
    return len(left & right) / min(len(left), len(right))


def near_duplicate_groups(texts: Sequence[str], threshold: float = 0.3) -> list[list[int]]:
    """Group texts that repeat each other.

    Args:
        texts: the documents' texts.
        threshold: containment (0..1) of the smaller in the larger from which two count as near-duplicates; groups are
            the connected components.

    Returns:
        Lists of indices, each sorted, in order of their first index; a text without a near-duplicate stands alone.
    """
    sketches = [sketch(text) for text in texts]
    holders: dict[int, list[int]] = defaultdict(list)
    for i, hashes in enumerate(sketches):
        for value in hashes:
            holders[value].append(i)
    parent = np.arange(len(texts))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = int(parent[i])
        return i

    candidates = {(a, b) for found in holders.values() for k, a in enumerate(found) for b in found[k + 1 :]}
    for a, b in sorted(candidates):
        if root(a) != root(b) and resemblance(sketches[a], sketches[b]) >= threshold:
            parent[max(root(a), root(b))] = min(root(a), root(b))
    groups: dict[int, list[int]] = defaultdict(list)
    for i in range(len(texts)):
        groups[root(i)].append(i)
    return list(groups.values())
