"""Windows of many texts through the network, in batches that pad little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topner.backends.network import Network, Pass

BUDGET = 2048
"""Most tokens in one pass of the network, padding included."""


@dataclass
class Workload:
    """What the network computed so far.

    Attributes:
        positions: tokens, special ones and padding among them.
        padding: those among them that are padding.
    """

    positions: int = 0
    padding: int = 0

    @property
    def padding_share(self) -> float:
        """Padding by positions (0..1)."""
        return self.padding / self.positions if self.positions else 0.0


def batches(sizes: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Group indices so that each group's longest size times its count stays within ``budget`` tokens.

    Indices come sorted by size, so that a group pads little; a single size above the budget stands alone.
    """
    group: list[int] = []
    for i in sorted(range(len(sizes)), key=sizes.__getitem__):
        if group and sizes[i] * (len(group) + 1) > budget:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


def score_windows(
    windows: Sequence[NDArray[np.int64]], network: Network, padding: int, budget: int, workload: Workload
) -> list[NDArray[np.float32]]:
    """Tag scores of each window, whatever the others are.

    Args:
        windows: token ids, special ones included, each of shape ``(tokens,)``.
        network: the network.
        padding: id of the padding token.
        budget: most tokens in one pass, padding included.
        workload: takes the count of what is computed.

    Returns:
        By window, shape ``(tokens, tags)``.
    """
    scores: list[NDArray[np.float32]] = [_NONE] * len(windows)
    groups = list(batches([len(window) for window in windows], budget))
    passes = [_framed([windows[i] for i in group], padding) for group in groups]
    for group, (ids, mask), found in zip(groups, passes, network.each(passes), strict=True):
        for row, i in enumerate(group):
            scores[i] = found[row, : len(windows[i])]
        workload.positions += ids.size
        workload.padding += ids.size - int(mask.sum())
    return scores


def _framed(windows: Sequence[NDArray[np.int64]], padding: int) -> Pass:
    """Windows as one pass of the network."""
    ids = np.full((len(windows), max(map(len, windows))), padding, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
        mask[row, : len(window)] = 1
    return ids, mask


_NONE = np.zeros((0, 0), dtype=np.float32)
