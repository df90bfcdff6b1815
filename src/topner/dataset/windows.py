"""Windows over a long token sequence, cut at sentence ends, overlapping so that each token has context on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from topner.text.points import code_points

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
    if len(offsets) > 1:
        of_character = _cut_table()[code_points(text)]
        first = offsets[:-1, 1] - 1
        last = np.maximum(offsets[1:, 0], offsets[:-1, 1])
        side_by_side = (last - first == 1) & (first >= 0)
        costs[1:-1][side_by_side] = of_character[first[side_by_side]]
        for i in np.flatnonzero(~side_by_side):  # white space that is no token, or a token of no character
            costs[i + 1] = min(
                (_CUTS.get(character, _NO_CUT) for character in text[first[i] : last[i]]), default=_NO_CUT
            )
    costs[0] = costs[-1] = 0
    return costs


def joint_cost(between: str) -> int:
    """Cost of a cut between two tokens, by the last character of the first and what lies between them."""
    return min((_CUTS.get(character, _NO_CUT) for character in between), default=_NO_CUT)


@cache
def _cut_table() -> NDArray[np.int8]:
    """Cost of a cut after each code point."""
    table = np.full(0x110000, _NO_CUT, dtype=np.int8)
    for character, cost in _CUTS.items():
        table[ord(character)] = cost
    return table


def make_windows(costs: NDArray[np.int8], size: int, overlap: int) -> list[Window]:
    """Cut a whole sequence into windows, see :class:`WindowCutter`.

    Args:
        costs: from :func:`cut_costs`, shape ``(tokens + 1,)``.
        size: most tokens a window may have (special tokens not counted).
        overlap: tokens that neighbours should share; less than ``size``.

    Returns:
        Windows in order; their keep ranges partition ``[0, tokens)``.

    Raises:
        ValueError: ``size`` is not positive or ``overlap`` not in ``0..size - 1``.
    """
    return list(WindowCutter(size, overlap).cut(costs, 0, complete=True))


class WindowCutter:
    """Cuts a sequence that comes bit by bit into windows that begin and end where a cut costs least.

    Consecutive windows share about ``overlap`` tokens; each token is kept by the window in which it is most central, that
    is, ownership changes in the middle of the shared stretch. The windows are the same however the sequence comes.

    Attributes:
        needed: tokens before this position are in no window that is still to come.
    """

    def __init__(self, size: int, overlap: int) -> None:
        if size < 1 or not 0 <= overlap < size:
            raise ValueError(f"a window of {size} tokens cannot overlap by {overlap}")
        self._size, self._overlap = size, overlap
        self._start = self._border = 0  # where the next window starts; up to where tokens have their window
        self._open: tuple[int, int] | None = None  # the last window, until it is known where the next one starts
        self._finished = False

    @property
    def needed(self) -> int:
        """Tokens before this position are in no window that is still to come."""
        return self._start if self._open is None else self._open[0]

    def cut(self, costs: NDArray[np.int8], base: int, complete: bool) -> Iterator[Window]:
        """The windows that can be known by now and were not given before.

        Args:
            costs: of cuts before the tokens from ``base`` on, as far as they are known; with ``complete`` the last entry
                is that of the end.
            base: at most :attr:`needed`.
            complete: the sequence ends here.
        """
        known = base + len(costs) - 1  # the last position whose cost is known; with ``complete`` the sequence's length
        while not self._finished and (self._start < known if complete else self._start + self._size <= known):
            start, end = self._start, min(self._start + self._size, known)
            last = complete and end == known
            if not last:
                # Look back no further than half a window, and never so far that the next window would not advance.
                earliest = max(start + self._overlap + 1, start + self._size // 2)
                end = base + _cheapest(costs, min(earliest, end) - base, end - base)
            if self._open is not None:
                yield from self._close((start + self._open[1] + 1) // 2)
            self._open = (start, end)
            if last:
                yield from self._close(end)
                self._finished = True
            elif self._overlap:
                earliest = max(start + 1, end - self._overlap - self._overlap // 2)
                latest = end - self._overlap
                self._start = base + _cheapest(costs, min(earliest, latest) - base, latest - base)
            else:
                self._start = end

    def _close(self, border: int) -> Iterator[Window]:
        """The open window, which answers for the tokens up to ``border``."""
        if self._open is not None and self._border < border:
            yield Window(*self._open, self._border, border)
            self._border = border


def _cheapest(costs: NDArray[np.int8], first: int, last: int) -> int:
    """The latest position in ``[first, last]`` at which a cut costs least."""
    stretch = costs[first : last + 1][::-1]
    return last - int(np.argmin(stretch))
