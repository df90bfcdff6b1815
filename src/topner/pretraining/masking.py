"""Which tokens are hidden, and behind what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topner.pretraining.config import MaskConfig

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What masking needs to know of a tokenizer.

    Attributes:
        mask: id of the mask token.
        lead: ids that open a sequence (``[CLS]``).
        tail: ids that close it (``[SEP]``).
        plain: ids that may be hidden or put in place of another: no special token, no white space.
        maskable: the same by id, shape ``(vocabulary,)``.
    """

    mask: int
    lead: list[int]
    tail: list[int]
    plain: NDArray[np.int64]
    maskable: NDArray[np.bool_]

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase) -> Vocabulary:
        """Read it off a tokenizer."""
        from topner.dataset.tokens import special_frame

        tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
        special = set(tokenizer.all_special_ids)
        maskable = np.array([i not in special and bool(token.strip()) for i, token in enumerate(tokens)])
        lead, tail = special_frame(tokenizer)
        return cls(int(tokenizer.mask_token_id), lead, tail, np.flatnonzero(maskable), maskable)


def choose(
    starts: NDArray[np.bool_], maskable: NDArray[np.bool_], config: MaskConfig, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose the tokens to hide.

    The sequence is cut into spans of ``geometric(stop)`` units, at most ``longest`` (Joshi et al. 2020, SpanBERT,
    arXiv:1907.10529, there over words and up to ten), or into words (Cui et al. 2019, arXiv:1906.08101); whole spans are
    taken in random order until ``rate`` of the maskable tokens is reached. A span that would pass it is cut short, so that
    each sequence hides exactly ``round(rate * maskable)`` tokens, at least one.

    Args:
        starts: whether a token begins a unit, shape ``(tokens,)``.
        maskable: whether a token may be hidden, same shape.
        config: rate and spans.
        rng: source of randomness.

    Returns:
        Whether a token is hidden, same shape.
    """
    budget = budget_of(int(maskable.sum()), config.rate)
    if not budget:
        return np.zeros(len(starts), dtype=np.bool_)
    units: NDArray[np.int64] = np.cumsum(starts, dtype=np.int64)
    if config.unit == "span":
        lengths = np.minimum(rng.geometric(config.stop, size=int(units[-1]) + 1), config.longest)
        ends = np.cumsum(lengths) - rng.integers(config.longest)  # a random phase: any unit may begin a span
        units = np.searchsorted(ends, units, side="left").astype(np.int64)
    order = rng.permutation(int(units[-1]) + 1)[units]
    position = np.lexsort((np.arange(len(order)), order))
    position = position[maskable[position]]
    hidden = np.zeros(len(starts), dtype=np.bool_)
    hidden[position[:budget]] = True
    return hidden


def budget_of(maskable: int, rate: float) -> int:
    """Tokens to hide among that many: the rounded share, at least one where there is any."""
    return max(round(maskable * rate), min(maskable, 1))


def hide(
    ids: NDArray[np.int64], hidden: NDArray[np.bool_], vocabulary: Vocabulary, rng: np.random.Generator
) -> NDArray[np.int64]:
    """A copy of the ids with the hidden ones replaced: 80% by the mask, 10% by a random token, 10% left as they are.

    The shares are those of Devlin et al. 2019 (arXiv:1810.04805).
    """
    shown = ids.copy()
    where = np.flatnonzero(hidden)
    draw = rng.random(len(where))
    shown[where[draw < 0.8]] = vocabulary.mask
    swapped = where[(draw >= 0.8) & (draw < 0.9)]
    shown[swapped] = rng.choice(vocabulary.plain, size=len(swapped))
    return shown
