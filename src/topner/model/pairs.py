"""Spans and the marks that come in pairs: a mention holds both quotation marks of a pair, or neither.

Nothing in the annotation rules says it in one place, and yet no mention of the corpus and of the real documents breaks it; a
network that tags token by token does (``苏州高新区“三年跨越计划`` for ``苏州高新区`` and ``三年跨越计划``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from topner.model.chain import Chain, Floats

_PAIRS = ("“”", "‘’", "「」", "『』", "《》", "〈〉", "（）", "【】", "〔〕")
_CODES = {mark: sign * kind for kind, pair in enumerate(_PAIRS, 1) for mark, sign in zip(pair, (1, -1), strict=True)}
_PLACES = np.zeros(0x10000, dtype=np.int8)
_PLACES[[ord(mark) for mark in _CODES]] = list(_CODES.values())


def pair_marks(text: str, offsets: NDArray[np.integer[Any]]) -> NDArray[np.int8]:
    """Which tokens are marks of a pair.

    Args:
        text: the text that was tokenised.
        offsets: of the tokens in it, half-open code points, shape ``(tokens, 2)``.

    Returns:
        For each token 0, or the number of a kind of pair: positive where the mark opens, negative where it closes; shape
        ``(tokens,)``.
    """
    if not any(mark in text for mark in _CODES):
        return np.zeros(len(offsets), dtype=np.int8)
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    codes = np.where(points < len(_PLACES), _PLACES[np.minimum(points, len(_PLACES) - 1)], 0).astype(np.int8)
    start = np.minimum(offsets[:, 0], len(text) - 1)
    return np.where(offsets[:, 1] - offsets[:, 0] == 1, codes[start], 0).astype(np.int8)


def borders(marks: NDArray[np.int8]) -> NDArray[np.int64]:
    """The innermost pair around each border between tokens: two borders with the same one bound a span that breaks no pair.

    A mark without its partner counts for nothing, as does a pair that another one cuts in two.

    Args:
        marks: of a line or a part of it, as :func:`pair_marks` gives them, shape ``(tokens,)``.

    Returns:
        Position of the opening mark of the pair, -1 where there is none; shape ``(tokens + 1,)``.
    """
    partner: dict[int, int] = {}
    waiting: list[int] = []
    for place in np.flatnonzero(marks).tolist():
        if marks[place] > 0:
            waiting.append(place)
            continue
        opened = next((i for i in reversed(waiting) if marks[i] == -marks[place]), None)
        if opened is not None:
            del waiting[waiting.index(opened) :]
            partner[opened] = place
    around = np.full(len(marks) + 1, -1, dtype=np.int64)
    for opened, closed in sorted(partner.items()):  # the inner pair after the outer one
        around[opened + 1 : closed + 1] = opened
    return around


def breaks_pair(path: NDArray[np.int64], around: NDArray[np.int64]) -> bool:
    """Whether a span of a legal path holds one mark of a pair without the other."""
    inside = (path > 0) & (path % 2 == 0)
    first = np.flatnonzero((path % 2 == 1) | (inside & (np.arange(len(path)) == 0)))
    last = np.flatnonzero((path > 0) & ~np.append(inside[1:], False)) + 1
    return bool((around[first] != around[last]).any())


def whole_pairs(
    emissions: Floats, chain: Chain, begin: Floats, end: Floats, around: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The best path whose spans break no pair: Viterbi over whole spans, as in a semi-Markov model (Sarawagi, Cohen 2004).

    The score of a span is the sum over its tokens, so that of all its possible beginnings only the best within the same pair
    need be kept, and the time is linear in the tokens.

    Args:
        emissions: tag scores, shape ``(tokens, tags)``, at least one token.
        chain: scores of the moves, tags in the order ``O, B-x, I-x, B-y, ...``.
        begin: scores of tags at the start, shape ``(tags,)``; where ``I-x`` is allowed a span may have begun before.
        end: scores of tags at the end.
        around: the innermost pair around each border, shape ``(tokens + 1,)``.

    Returns:
        Tag ids, shape ``(tokens,)``.
    """
    tokens, tags = emissions.shape
    opens, goes_on = np.arange(1, tags, 2), np.arange(2, tags, 2)
    step = chain.transitions[goes_on, goes_on]
    total = np.cumsum(emissions[:, goes_on] + step, axis=0)  # of going on up to each token
    done = np.full((tokens, tags), -np.inf)  # best path in which a span, or O, ends with the token
    came = np.zeros((tokens, tags), dtype=np.int64)  # the tag before the span that ends there
    since = np.zeros(
        (tokens, len(opens)), dtype=np.int64
    )  # where the span that ends there with I- began, -1 for before
    best: dict[int, tuple[Floats, NDArray[np.int64]]] = {}
    best[int(around[0])] = (begin[goes_on] - step, np.full(len(opens), -1))
    entered = np.zeros((tokens, len(opens)), dtype=np.int64)  # the tag before a span that begins there
    for t in range(tokens):
        moves = done[t - 1][:, None] + chain.transitions if t else begin[None]
        arrive = moves.max(axis=0) + emissions[t]
        before = moves.argmax(axis=0)
        entered[t] = before[opens]
        done[t, 0], came[t, 0] = arrive[0], before[0]
        here, after = int(around[t]), int(around[t + 1])
        if here == after:
            done[t, opens], came[t, opens] = arrive[opens], before[opens]
        if after in best:
            value, since[t] = best[after]
            done[t, goes_on] = total[t] + value
        value = arrive[opens] + chain.transitions[opens, goes_on] - step - total[t]
        if here in best:
            known, begun = best[here]
            best[here] = (np.maximum(known, value), np.where(value > known, t, begun))
        else:
            best[here] = (value, np.full(len(opens), t))
    path = np.zeros(tokens, dtype=np.int64)
    t, tag = tokens - 1, int((done[-1] + end).argmax())
    while t >= 0:
        start = t
        if tag and tag % 2 == 0:
            start = int(since[t, tag // 2 - 1])
            path[max(start, 0) : t + 1] = tag
            if start < 0:
                break
            path[start] = tag - 1
            tag = int(entered[start, tag // 2 - 1])
        else:
            path[t], tag = tag, int(came[t, tag])
        t = start - 1
    return path
