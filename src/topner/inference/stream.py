"""One text on its way through the tagger: tokens come in pieces, scores come back by window, lines leave decoded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from topner.dataset.reader import TokenReader
from topner.dataset.tokens import Tokens
from topner.dataset.windows import Window, WindowCutter, cut_costs, joint_cost
from topner.document import Mention
from topner.inference.decode import CONTEXT, Decoded, Row, join, line_rows, spans
from topner.model.pairs import pair_marks
from topner.text.alignment import AlignedText

_CHUNK = 65536  # most characters that are tokenised at once, where a text may be cut anywhere


class TextStream:
    """Holds of a text only what is not done yet; positions count the text's tokens from its beginning.

    The order of calls is: :meth:`take`, then :meth:`put` for every window taken, then :meth:`rows`, then :meth:`finish` with
    the rows decoded; until :attr:`finished`.

    Attributes:
        scores: tag scores of the tokens held, shape ``(tokens, tags)``.
    """

    def __init__(
        self, raw: str, pieces: Iterator[AlignedText], reader: TokenReader, room: int, overlap: int, tags: int
    ) -> None:
        self._raw, self._reader = raw, reader
        self._pieces = _chunks(pieces, reader)
        self._cutter = WindowCutter(room, overlap)
        self._windows: deque[Window] = deque()
        self._complete = False
        self._base = 0  # position of the first token held
        self._ids = np.zeros(0, dtype=np.int64)
        self._offsets = np.zeros((0, 2), dtype=np.int32)  # of the tokens in the raw text
        self._marks = np.zeros(0, dtype=np.int8)  # which tokens are marks of a pair
        self._costs = np.zeros(0, dtype=np.int8)  # of a cut before each token; one more at the end when complete
        self.scores = np.zeros((0, tags), dtype=np.float32)
        self._tail = ""  # the text from the last token's last character on
        self._scored = self._decoded = self._line = 0  # tokens done so far; where the line of the next one begins
        self._answers: list[tuple[int, int]] = []  # the tokens for which the rows handed out answer
        self._open: list[Decoded] = []  # decoded tokens in the last span, which may go on
        self._begins: list[NDArray[np.bool_]] = []
        self._first = 0  # position of the first of them
        self._mentioned = 0  # end of the last mention in the raw text

    @property
    def exhausted(self) -> bool:
        """All windows were taken."""
        return self._complete and not self._windows

    @property
    def finished(self) -> bool:
        """All lines are decoded."""
        return self.exhausted and self._decoded == self._base + len(self._ids)

    def take(self, tokens: int) -> list[Window]:
        """The next windows, of about so many tokens; at least one if there is one."""
        taken: list[Window] = []
        while tokens > 0 and not self.exhausted:
            if self._windows:
                taken.append(self._windows.popleft())
                tokens -= taken[-1].end - taken[-1].start
            else:
                self._read()
        return taken

    def ids(self, window: Window) -> NDArray[np.int64]:
        """The token ids of a window."""
        return self._ids[window.start - self._base : window.end - self._base]

    def put(self, window: Window, scores: NDArray[np.float32]) -> None:
        """Give a window's tag scores, shape ``(tokens, tags)``; of those the ones are kept for which it answers."""
        kept = scores[window.keep_start - window.start : window.keep_end - window.start]
        self.scores[window.keep_start - self._base : window.keep_end - self._base] = kept
        self._scored = max(self._scored, window.keep_end)

    def lines(self) -> list[tuple[int, int]]:
        """Token spans between line ends, of the tokens held that are scored."""
        start = max(self._line, self._base)  # the beginning of a long line may be gone
        borders = (
            np.flatnonzero(self._costs[start - self._base : self._scored - self._base + 1] == 0) + start
        ).tolist()
        return list(pairwise([self._line, *borders] if start > self._line else borders))

    def rows(self) -> list[Row]:
        """What can be decoded by now."""
        cuts: list[tuple[int, int, tuple[int, int, int, int], bool]] = []
        for begin, end in self.lines():
            cuts += [(begin, end, cut, True) for cut in line_rows(max(begin, self._decoded), begin, end, True)]
            self._line = self._decoded = end
        for cut in line_rows(self._decoded, self._line, self._scored, False):
            cuts.append((self._line, self._scored, cut, False))
            self._decoded = cut[2]
        self._answers = [(cut[1], begin) for begin, _, cut, _ in cuts]
        found = []
        for begin, end, (start, first, last, stop), complete in cuts:
            held = slice(start - self._base, stop - self._base)
            ends = (start == begin, complete and stop == end)
            found.append(Row(self.scores[held], first - start, last - start, *ends, self._marks[held]))
        return found

    def finish(self, decoded: list[Decoded], labels: tuple[str, ...]) -> list[Mention]:
        """The mentions in the rows decoded; of a span that may go on in the next rows nothing is said yet."""
        for (first, begin), part in zip(self._answers, decoded, strict=True):
            begins = np.zeros(len(part.tags), dtype=bool)
            begins[0] = first == begin
            self._open.append(part)
            self._begins.append(begins)
        if not decoded:
            self._forget()
            return []
        side_by_side = join(self._open)
        found = spans(side_by_side, np.concatenate(self._begins))
        count = len(found.first)
        size = len(side_by_side.tags)
        goes_on = self._decoded > self._line and count > 0 and int(found.last[-1]) == size
        count -= goes_on
        mentions = list(self._mentions(found.first[:count], found.last[:count], found.label, found.score, labels))
        kept = int(found.first[-1]) if goes_on else size
        self._open = [side_by_side.after(kept)] if goes_on else []
        self._begins = [np.concatenate(self._begins)[kept:]] if goes_on else []
        self._first += kept
        self._forget()
        return mentions

    def _mentions(
        self,
        first: NDArray[np.int64],
        last: NDArray[np.int64],
        label: NDArray[np.int64],
        score: NDArray[np.float64],
        labels: tuple[str, ...],
    ) -> Iterator[Mention]:
        """Token spans as mentions of the raw text, white space at their ends taken off, never overlapping."""
        shift = self._first - self._base
        starts, ends = self._offsets[first + shift, 0].tolist(), self._offsets[last + shift - 1, 1].tolist()
        for start, end, name, probability in zip(starts, ends, label.tolist(), score.tolist(), strict=False):
            start = max(start, self._mentioned)  # two clean spans may share one replaced raw stretch: the first has it
            text = self._raw[start:end]
            start, end = start + len(text) - len(text.lstrip()), end - (len(text) - len(text.rstrip()))
            if start < end:
                yield Mention(start, end, labels[name], self._raw[start:end], probability)
                self._mentioned = end

    def _read(self) -> None:
        """Tokenise the next piece of the text and cut the windows that are known then."""
        piece = next(self._pieces, None)
        if piece is None:
            self._complete = True
            self._costs = np.append(self._costs, np.int8(0))
        else:
            aligned, tokens = piece
            self._append(aligned, tokens)
        held = self._costs[self._cutter.needed - self._base :]
        self._windows.extend(self._cutter.cut(held, self._cutter.needed, self._complete))

    def _append(self, aligned: AlignedText, tokens: Tokens) -> None:
        if not len(tokens):
            self._tail += aligned.text
            return
        costs = cut_costs(aligned.text, tokens.offsets)[:-1]
        if self._base + len(self._ids):
            costs[0] = joint_cost(self._tail + aligned.text[: tokens.offsets[0, 0]])
        top = len(aligned.text) - 1
        start = np.minimum(tokens.offsets[:, 0], top)  # a token of no character stands for the one after it
        stop = np.clip(tokens.offsets[:, 1] - 1, start, top)
        offsets = np.stack([aligned.starts[start], aligned.ends[stop]], axis=1)
        fresh = np.zeros((len(tokens), self.scores.shape[1]), dtype=np.float32)
        self._ids = np.concatenate([self._ids, tokens.ids])
        self._offsets = np.concatenate([self._offsets, offsets])
        self._marks = np.concatenate([self._marks, pair_marks(aligned.text, tokens.offsets)])
        self._costs = np.concatenate([self._costs, costs])
        self.scores = np.concatenate([self.scores, fresh])
        self._tail = aligned.text[int(stop[-1]) :]

    def _forget(self) -> None:
        """Let go of the tokens that nothing will ask for."""
        waiting = self._windows[0].start if self._windows else self._cutter.needed
        done = min(waiting, max(self._line, self._decoded - CONTEXT), self._first) - self._base
        self._ids, self._offsets = self._ids[done:].copy(), self._offsets[done:].copy()
        self._marks, self._costs = self._marks[done:].copy(), self._costs[done:].copy()
        self.scores = self.scores[done:].copy()
        self._base += done


def _chunks(pieces: Iterator[AlignedText], reader: TokenReader) -> Iterator[tuple[AlignedText, Tokens]]:
    """Pieces with their tokens, cut further where each character is a token of its own."""
    for piece in pieces:
        size = len(piece.text) if reader.looks_around(piece.text) else _CHUNK
        for start in range(0, len(piece.text), max(size, 1)):
            cut = slice(start, start + size)
            part = AlignedText(piece.raw, piece.text[cut], piece.starts[cut], piece.ends[cut])
            yield part, reader.read(part.text)
