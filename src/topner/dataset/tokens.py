"""Tokenise a clean text once, whole, keeping the offsets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topner.dataset.tags import trim_offsets
from topner.errors import TopnerError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's tokens without special ones.

    Attributes:
        ids: vocabulary ids, shape ``(tokens,)``.
        offsets: half-open code-point offsets in the tokenised text, white space trimmed, shape ``(tokens, 2)``.
    """

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)


def tokenize(text: str, tokenizer: PreTrainedTokenizerBase) -> Tokens:
    """Tokenise without truncation and without special tokens.

    Raises:
        TopnerError: the tokenizer is not a fast one, so it knows no offsets.
    """
    require_fast(tokenizer)
    # verbose=False: texts longer than the model's limit are the rule here, windows are cut afterwards.
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False)
    offsets = np.asarray(encoded["offset_mapping"], dtype=np.int64).reshape(-1, 2)
    return Tokens(np.asarray(encoded["input_ids"], dtype=np.int64), trim_offsets(text, offsets))


def special_frame(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """Ids of the special tokens that the tokenizer puts before and after one sequence (``[CLS]``, ``[SEP]``)."""
    return split_frame(tokenizer("国", add_special_tokens=False)["input_ids"], tokenizer("国")["input_ids"])


def split_frame(bare: list[int], framed: list[int]) -> tuple[list[int], list[int]]:
    """What stands before and after the bare ids among the framed ones."""
    lead = next(i for i in range(len(framed)) if framed[i : i + len(bare)] == bare)
    return framed[:lead], framed[lead + len(bare) :]


def require_fast(tokenizer: PreTrainedTokenizerBase) -> None:
    """Raise :class:`TopnerError` unless the tokenizer can map tokens to offsets."""
    if not getattr(tokenizer, "is_fast", False):
        raise TopnerError(
            f"{type(tokenizer).__name__} gives no offsets", hint="use a tokenizer with a tokenizer.json (a fast one)"
        )


def unknown_share(texts: list[str], tokenizer: PreTrainedTokenizerBase) -> float:
    """Share of tokens (0..1) that the vocabulary does not know: near 1 means that it was not loaded."""
    ids = np.concatenate([np.zeros(0, dtype=np.int64), *(tokenize(text, tokenizer).ids for text in texts)])
    return float((ids == tokenizer.unk_token_id).mean()) if len(ids) and tokenizer.unk_token_id is not None else 0.0


def check_tokenizer(texts: list[str], tokenizer: PreTrainedTokenizerBase, limit: float = 0.2) -> None:
    """Raise :class:`TopnerError` when more than ``limit`` of the tokens of the first 100 texts are unknown."""
    share = unknown_share([text[:1000] for text in texts[:100]], tokenizer)
    if share > limit:
        raise TopnerError(
            f"the tokenizer knows too little of these texts: {share:.0%} of the tokens are {tokenizer.unk_token}",
            hint="its vocabulary was not loaded, or it is not made for Chinese",
        )
