"""Windows over a long token sequence, cut at sentence ends, overlapping so that each token has context on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

# How good it is to cut right after a character; elsewhere a cut costs most. A line break ends a paragraph or heading.
_CUTS = {"\n": 0, "。": 1, "！": 1, "？": 1, "；": 2, ";": 2, "!": 1, "?": 1, "：": 3, "，": 3, ",": 3, "、": 4}
_NO_CUT = 5


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens ``[start, end)`` of a document; the window answers for ``[keep_start, keep_end)`` of them."""

    start: int
    end: int
    keep_start: int
    keep_end: int


def cut_costs(text: str, offsets: NDArray[np.int64]) -> NDArray[np.int8]:
    """Cost of a cut before each token, and one entry for the end.

    Args:
        text: the tokenised text.
        offsets: half-open code-point offsets of the tokens, shape ``(tokens, 2)``.

    Returns:
        Shape ``(tokens + 1,)``; 0 where a paragraph ends, more inside a sentence. White space between two tokens belongs to
        the first, so that a line break that is no token still counts.
    """
    costs = np.full(len(offsets) + 1, _NO_CUT, dtype=np.int8)
    for i in range(1, len(offsets)):
        between = text[offsets[i - 1, 1] - 1 : max(offsets[i, 0], offsets[i - 1, 1])]
        costs[i] = min((_CUTS.get(character, _NO_CUT) for character in between), default=_NO_CUT)
    costs[0] = costs[-1] = 0
    return costs


def make_windows(costs: NDArray[np.int8], size: int, overlap: int) -> list[Window]:
    """Cut a sequence into windows of at most ``size`` tokens that begin and end where a cut costs least.

    Consecutive windows share about ``overlap`` tokens; each token is kept by the window in which it is most central, that
    is, ownership changes in the middle of the shared stretch.

    Args:
        costs: from :func:`cut_costs`, shape ``(tokens + 1,)``.
        size: most tokens a window may have (special tokens not counted).
        overlap: tokens that neighbours should share; less than ``size``.

    Returns:
        Windows in order; their keep ranges partition ``[0, tokens)``.

    Raises:
        ValueError: ``size`` is not positive or ``overlap`` not in ``0..size - 1``.
    """
    if size < 1 or not 0 <= overlap < size:
        raise ValueError(f"a window of {size} tokens cannot overlap by {overlap}")
    length = len(costs) - 1
    spans: list[tuple[int, int]] = []
    start = 0
    while start < length:
        end = min(start + size, length)
        if end < length:
            # Look back no further than half a window, and never so far that the next window would not advance.
            earliest = max(start + overlap + 1, start + size // 2)
            end = _cheapest(costs, min(earliest, end), end)
        spans.append((start, end))
        if end == length:
            break
        earliest = max(start + 1, end - overlap - overlap // 2)
        start = _cheapest(costs, min(earliest, end - overlap), end - overlap) if overlap else end
    borders = [0, *((b[0] + a[1] + 1) // 2 for a, b in pairwise(spans)), length]
    return [
        Window(start, end, borders[i], borders[i + 1])
        for i, (start, end) in enumerate(spans)
        if borders[i] < borders[i + 1]
    ]


def _cheapest(costs: NDArray[np.int8], first: int, last: int) -> int:
    """The latest position in ``[first, last]`` at which a cut costs least."""
    stretch = costs[first : last + 1][::-1]
    return last - int(np.argmin(stretch))
