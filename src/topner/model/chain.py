"""Decoding a linear chain of tags: the best legal path, and how sure it is of each span. Numpy, over whole batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Chain:
    """Scores of moves between tags; minus infinity forbids one.

    Attributes:
        transitions: score of tag ``j`` after tag ``i``, shape ``(tags, tags)``.
        begin: score of a tag at the start of a sequence, shape ``(tags,)``.
        end: likewise at its end.
    """

    transitions: Floats
    begin: Floats
    end: Floats

    @cached_property
    def inside(self) -> NDArray[np.int64]:
        """For each tag the tag that would continue its span, 0 (outside) where there is none; IOB2 ids are odd, even."""
        tags = np.arange(len(self.begin))
        return np.where(tags % 2 == 1, tags + 1, tags)


def iob2_chain(tags: tuple[str, ...]) -> Chain:
    """The chain that knows only what IOB2 forbids: ``I-x`` at the start, or after anything but ``B-x`` and ``I-x``."""
    size = len(tags)
    transitions, begin = np.zeros((size, size)), np.zeros(size)
    for j, tag in enumerate(tags):
        if tag.startswith("I-"):
            begin[j] = -np.inf
            for i, before in enumerate(tags):
                if before[:1] not in "BI" or before[2:] != tag[2:]:
                    transitions[i, j] = -np.inf
    return Chain(transitions, begin, np.zeros(size))


def learned_chain(tags: tuple[str, ...], transitions: Floats, begin: Floats, end: Floats) -> Chain:
    """The chain with the scores a CRF learned; what IOB2 forbids stays forbidden."""
    legal = iob2_chain(tags)
    return Chain(transitions + legal.transitions, begin + legal.begin, np.asarray(end, dtype=np.float64))


def viterbi(
    emissions: Floats,
    lengths: NDArray[np.int64],
    chain: Chain,
    begin: Floats | None = None,
    end: Floats | None = None,
) -> list[NDArray[np.int64]]:
    """The best path of each sequence (Viterbi 1967; Forney 1973).

    Args:
        emissions: tag scores, shape ``(batch, tokens, tags)``; what lies beyond a sequence's length is not looked at.
        lengths: tokens of each sequence, shape ``(batch,)``.
        chain: scores of the moves.
        begin: scores of tags at the start of each sequence, shape ``(batch, tags)``, in place of the chain's.
        end: likewise at its end.

    Returns:
        Tag ids by sequence, each of shape ``(length,)``.
    """
    batch, longest, _ = emissions.shape
    if not longest:
        return [np.zeros(0, dtype=np.int64) for _ in range(batch)]
    rows = np.arange(batch)
    came = np.zeros(emissions.shape, dtype=np.int64)
    score = (chain.begin if begin is None else begin) + emissions[:, 0]
    for t in range(1, longest):
        options = score[:, :, None] + chain.transitions
        came[:, t] = options.argmax(axis=1)
        running = t < lengths
        score = np.where(running[:, None], options.max(axis=1) + emissions[:, t], score)
    path = np.zeros((batch, longest), dtype=np.int64)
    tag = (score + (chain.end if end is None else end)).argmax(axis=1)
    for t in range(longest - 1, -1, -1):
        path[:, t] = tag
        tag = np.where((t < lengths) & (t > 0), came[rows, t, tag], tag)
    return [path[i, :length] for i, length in enumerate(lengths)]


@dataclass(frozen=True, eq=False)
class Lattice:
    """Forward and backward scores of a batch, from which the probability of any span follows.

    Attributes:
        emissions, forward, backward: shape ``(batch, tokens, tags)``; ``total``: log partition, shape ``(batch,)``.
    """

    chain: Chain
    emissions: Floats
    lengths: NDArray[np.int64]
    forward: Floats
    backward: Floats
    total: Floats

    def span_probability(self, row: int, start: int, end: int, begin_tag: int) -> float:
        """Probability (0..1) that exactly tokens ``[start, end)`` of a sequence are one span with this ``B-`` tag."""
        inside = int(self.chain.inside[begin_tag])
        score = self.forward[row, start, begin_tag]
        if end - start > 1:
            score += self.chain.transitions[begin_tag, inside]
            score += (end - start - 2) * self.chain.transitions[inside, inside]
            score += self.emissions[row, start + 1 : end, inside].sum()
        last = begin_tag if end - start == 1 else inside
        if end == self.lengths[row]:
            score += self.chain.end[last]
        else:
            leave = self.chain.transitions[last] + self.emissions[row, end] + self.backward[row, end]
            leave[inside] = -np.inf  # going on inside would make it a longer span
            score += logsumexp(leave, 0)
        return float(np.exp(min(score - self.total[row], 0.0)))


def lattice(
    emissions: Floats,
    lengths: NDArray[np.int64],
    chain: Chain,
    begin: Floats | None = None,
    end: Floats | None = None,
) -> Lattice:
    """Run forward-backward over a batch; arguments as for :func:`viterbi`, sequences of length 0 excluded."""
    batch, longest, size = emissions.shape
    last = np.broadcast_to(chain.end if end is None else end, (batch, size))
    forward, backward = np.empty(emissions.shape), np.zeros((batch, longest, size))
    forward[:, 0] = (chain.begin if begin is None else begin) + emissions[:, 0]
    for t in range(1, longest):
        forward[:, t] = logsumexp(forward[:, t - 1][:, :, None] + chain.transitions, 1) + emissions[:, t]
    rows = np.arange(batch)
    for t in range(longest - 1, -1, -1):
        at_end = t >= lengths - 1
        if t + 1 < longest:
            following = logsumexp(chain.transitions + (emissions[:, t + 1] + backward[:, t + 1])[:, None, :], 2)
            backward[:, t] = np.where(at_end[:, None], last, following)
        else:
            backward[:, t] = last
    total = logsumexp(forward[rows, lengths - 1] + last, 1)
    return Lattice(chain, emissions, lengths, forward, backward, total)


def logsumexp(values: Floats, axis: int) -> Floats:
    """Logarithm of the sum of exponentials along an axis, which goes away; minus infinity where nothing is finite."""
    peak = values.max(axis=axis, keepdims=True)
    peak = np.where(np.isfinite(peak), peak, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.exp(values - peak).sum(axis=axis)) + peak.squeeze(axis))
