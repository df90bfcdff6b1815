"""A text that knows, for each of its characters, which raw characters it came from.

A cleaning step is a function that looks at a text and returns edits; :meth:`AlignedText.apply` makes the new text and
carries the way back to the raw text along. Steps never see offsets other than those of the text they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Edit(NamedTuple):
    """Replace ``text[start:end]`` by ``new``; an empty ``new`` deletes.

    When ``new`` has as many characters as it replaces, they correspond one to one; otherwise each new character comes
    from the whole replaced stretch.
    """

    start: int
    end: int
    new: str


Step = Callable[[str], Iterable[Edit]]


@dataclass(frozen=True, eq=False)
class AlignedText:
    """A clean text over a raw one.

    Attributes:
        raw: the text as it was read.
        text: the text after the steps so far.
        starts: for each character of ``text`` the first raw code point it came from; shape ``(len(text),)``, not decreasing.
        ends: one past the last raw code point it came from; same shape, not decreasing.
    """

    raw: str
    text: str
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]

    @classmethod
    def of(cls, raw: str) -> AlignedText:
        """The raw text over itself."""
        starts = np.arange(len(raw), dtype=np.int32)
        return cls(raw, raw, starts, starts + 1)

    def apply(self, edits: Iterable[Edit]) -> AlignedText:
        """The text after the edits, with the alignment composed.

        Args:
            edits: in order of position, not overlapping, in code points of ``self.text``; none is a pure insertion.

        Raises:
            ValueError: an edit is empty, out of order, overlapping or outside the text.
        """
        pieces: list[str] = []
        starts: list[NDArray[np.int32]] = []
        ends: list[NDArray[np.int32]] = []
        position = 0
        for start, end, new in edits:
            if not position <= start < end <= len(self.text):
                raise ValueError(f"edit [{start}, {end}) is empty, overlaps an earlier one or leaves the text")
            pieces += (self.text[position:start], new)
            starts.append(self.starts[position:start])
            ends.append(self.ends[position:start])
            if len(new) == end - start:
                starts.append(self.starts[start:end])
                ends.append(self.ends[start:end])
            elif new:
                starts.append(np.full(len(new), self.starts[start], dtype=np.int32))
                ends.append(np.full(len(new), self.ends[end - 1], dtype=np.int32))
            position = end
        if position == 0:
            return self
        pieces.append(self.text[position:])
        starts.append(self.starts[position:])
        ends.append(self.ends[position:])
        return AlignedText(self.raw, "".join(pieces), np.concatenate(starts), np.concatenate(ends))

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span that the clean span ``[start, end)`` came from.

        It begins with the first raw character of the first clean character and ends with the last of the last: what was
        removed in between is inside, what was removed before or after is not.

        Raises:
            ValueError: the span is empty or leaves the clean text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"[{start}, {end}) is not a span of a text of {len(self.text)} characters")
        return int(self.starts[start]), int(self.ends[end - 1])

    def clean_span(self, start: int, end: int) -> tuple[int, int] | None:
        """The clean span that stands for the raw span ``[start, end)``: every clean character that came from a part of it.

        Returns ``None`` when cleaning left nothing of it.
        """
        # a plain int would make numpy copy the whole table to another type at each call
        first = int(np.searchsorted(self.ends, self.ends.dtype.type(start), side="right"))
        last = int(np.searchsorted(self.starts, self.starts.dtype.type(end), side="left"))
        return (first, last) if first < last else None
