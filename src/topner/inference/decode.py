"""From tag scores to spans with probabilities, in numpy over many lines at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topner.inference.batches import batches
from topner.model.chain import Chain, Floats, lattice, logsumexp, viterbi
from topner.model.pairs import borders, breaks_pair, whole_pairs

BLOCK, CONTEXT = 2048, 256
"""A line of more than both together is decoded block by block, each with this many tokens on either side.

What a tag depends on fades over tens of tokens, so that blocks give what the whole line would.
"""
_BUDGET = 65536


class Row(NamedTuple):
    """A stretch of one line to be decoded.

    Attributes:
        scores: of its tokens, shape ``(tokens, tags)``.
        first, last: the answer is wanted for tokens ``[first, last)`` of them; the others are context.
        begins, ends: whether the line begins with its first token, and ends with its last.
        marks: which of its tokens are marks of a pair (:func:`~topner.model.pairs.pair_marks`); None where nobody asks.
    """

    scores: NDArray[np.float32]
    first: int
    last: int
    begins: bool
    ends: bool
    marks: NDArray[np.int8] | None = None


class Decoded(NamedTuple):
    """What each token of a stretch turned out to be; every array has shape ``(tokens,)``.

    Attributes:
        tags: ids of the best path.
        begin: log-probability that a span with the token's label begins there.
        on: log-probability that the next token continues the span, given this token's tag.
        off: log-probability that it does not.
    """

    tags: NDArray[np.int8]
    begin: Floats
    on: Floats
    off: Floats

    def after(self, start: int) -> Decoded:
        """The tokens from ``start`` on."""
        return Decoded(self.tags[start:], self.begin[start:], self.on[start:], self.off[start:])


class Spans(NamedTuple):
    """Spans of tokens: first, one past the last, index of the label, probability (0..1); every array ``(spans,)``."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    label: NDArray[np.int64]
    score: Floats


def line_rows(start: int, begin: int, end: int, complete: bool) -> Iterator[tuple[int, int, int, int]]:
    """How a line, or what is known of it, is cut for decoding.

    Args:
        start: first token that is not decoded yet.
        begin: first token of the line.
        end: one past the last token of it that is known.
        complete: whether the line ends there.

    Yields:
        ``(first token of the row, first and one past the last token it answers for, one past its last token)``; the cuts
        depend on the line's length alone, not on how much of it was known when.
    """
    while start < end:
        if complete and end <= start + BLOCK + CONTEXT:
            yield max(begin, start - CONTEXT), start, end, end
            return
        if end < start + BLOCK + CONTEXT:
            return
        yield max(begin, start - CONTEXT), start, start + BLOCK, start + BLOCK + CONTEXT
        start += BLOCK


def decode(rows: Sequence[Row], chain: Chain) -> list[Decoded]:
    """Decode stretches of lines: the best path of each that is legal and breaks no pair of marks, and the probabilities along it.

    Viterbi over the whole batch; the few lines in which it breaks a pair are decoded again for the best path that does not.
    """
    found: list[Decoded] = [_NOTHING] * len(rows)
    free = np.zeros_like(chain.begin)
    for group in batches([len(row.scores) for row in rows], _BUDGET):
        lengths = np.asarray([len(rows[i].scores) for i in group], dtype=np.int64)
        padded = np.zeros((len(group), int(lengths.max()), len(free)))
        for r, i in enumerate(group):
            padded[r, : lengths[r]] = rows[i].scores
        begin = np.stack([chain.begin if rows[i].begins else free for i in group])
        end = np.stack([chain.end if rows[i].ends else free for i in group])
        paths = viterbi(padded, lengths, chain, begin, end)
        tags = np.zeros(padded.shape[:2], dtype=np.int64)
        for r, path in enumerate(paths):
            marks = rows[group[r]].marks
            if marks is not None and marks.any() and breaks_pair(path, around := borders(marks)):
                path = whole_pairs(padded[r, : lengths[r]], chain, begin[r], end[r], around)
            tags[r, : lengths[r]] = path
        whole = lattice(padded, lengths, chain, begin, end)
        opening = np.where(tags > 0, (tags - 1) // 2 * 2 + 1, 0)
        inside = np.where(tags > 0, opening + 1, 0)
        reached = whole.forward + whole.backward - whole.total[:, None, None]
        starts = _pick(reached, opening)
        on, off = np.full(tags.shape, -np.inf), np.zeros(tags.shape)
        following = chain.transitions[tags[:, :-1]] + (padded + whole.backward)[:, 1:]
        following -= _pick(whole.backward, tags)[:, :-1, None]
        on[:, :-1] = _pick(following, inside[:, :-1])
        np.put_along_axis(following, inside[:, :-1, None], -np.inf, axis=2)
        off[:, :-1] = logsumexp(following, 2)
        for r, i in enumerate(group):
            off[r, lengths[r] - 1] = 0.0  # nothing goes on after the end
            kept = slice(rows[i].first, rows[i].last)
            found[i] = Decoded(tags[r, kept].astype(np.int8), starts[r, kept], on[r, kept], off[r, kept])
    return found


def spans(decoded: Decoded, begins: NDArray[np.bool_]) -> Spans:
    """The spans in decoded tokens.

    Args:
        decoded: tokens side by side.
        begins: whether a line begins with the token; a span never runs over that.
    """
    tags = decoded.tags.astype(np.int64)
    label = (tags - 1) // 2
    goes_on = (tags > 0) & (tags % 2 == 0) & ~begins
    goes_on[:1] = False
    goes_on[1:] &= (tags[:-1] > 0) & (label[1:] == label[:-1])
    first = np.flatnonzero((tags > 0) & ~goes_on)
    closed = tags > 0
    closed[:-1] &= ~goes_on[1:]
    last = np.flatnonzero(closed) + 1
    steps = np.concatenate([[0.0], np.cumsum(np.where(np.append(goes_on[1:], False), decoded.on, 0.0))])
    logs = decoded.begin[first] + (steps[last - 1] - steps[first]) + decoded.off[last - 1]
    return Spans(first, last, label[first], np.exp(np.minimum(logs, 0.0)))


def join(parts: Sequence[Decoded]) -> Decoded:
    """Stretches side by side."""
    return Decoded(
        np.concatenate([part.tags for part in parts]),
        np.concatenate([part.begin for part in parts]),
        np.concatenate([part.on for part in parts]),
        np.concatenate([part.off for part in parts]),
    )


def _pick(values: Floats, index: NDArray[np.int64]) -> Floats:
    """The value at an index of the last axis."""
    return np.take_along_axis(values, index[..., None], axis=-1)[..., 0]


_EMPTY = np.zeros(0)
_NOTHING = Decoded(np.zeros(0, dtype=np.int8), _EMPTY, _EMPTY, _EMPTY)
