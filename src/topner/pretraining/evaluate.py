"""How well a model fills in hidden tokens of text it never saw."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from torch.utils.data import DataLoader

from topner.encoder.vocabulary import is_han
from topner.model.device import autocast
from topner.pretraining.masking import IGNORED
from topner.pretraining.model import MaskedModel
from topner.pretraining.sequences import MaskedSequences

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

KINDS = ("han", "digit", "latin", "punctuation", "other")


def token_kinds(tokenizer: PreTrainedTokenizerBase) -> NDArray[np.int64]:
    """Index in :data:`KINDS` of every token by its first character, the mark of a continued word left aside."""
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    return np.array([KINDS.index(_kind(token.removeprefix("##")[:1])) for token in tokens])


def _kind(character: str) -> str:
    if is_han(character):
        return "han"
    category = unicodedata.category(character)[0] if character else ""
    if category == "N":
        return "digit"
    if category == "L":
        return "latin" if unicodedata.name(character, "").startswith(("LATIN", "FULLWIDTH LATIN")) else "other"
    return "punctuation" if category == "P" else "other"


@torch.no_grad()
def evaluate(
    model: MaskedModel, sequences: MaskedSequences, kinds: NDArray[np.int64], batch_size: int, bf16: bool
) -> dict[str, float]:
    """Loss, perplexity and accuracy on hidden tokens.

    Args:
        model: the model.
        sequences: the same ones each time, so that figures compare.
        kinds: from :func:`token_kinds`.
        batch_size: sequences at once.
        bf16: compute in half precision where that is safe.

    Returns:
        ``held_out_loss`` in nats a token, ``held_out_perplexity``, its exponential, and ``accuracy`` over all hidden tokens
        and by kind (``accuracy_han`` ...); a kind that none of them is of is left out.
    """
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    loss, right, seen = 0.0, Counter[int](), Counter[int]()
    own = torch.Generator()  # a loader draws from the global one otherwise, and a resumed run would go another way
    for batch in DataLoader(sequences, batch_size=batch_size, generator=own):
        with autocast(device, bf16):
            logits = model(**{name: tensor.to(device) for name, tensor in batch.items()})["logits"]
        kept = batch["targets"] != IGNORED
        targets, scores = batch["targets"][kept], logits.float().cpu()[kept]
        loss += float(functional.cross_entropy(scores, targets, reduction="sum"))
        for kind, hit in zip(kinds[targets.numpy()], (scores.argmax(-1) == targets).tolist(), strict=True):
            seen[int(kind)] += 1
            right[int(kind)] += hit
    model.train(was_training)
    mean = loss / seen.total()
    by_kind = {f"accuracy_{KINDS[kind]}": right[kind] / seen[kind] for kind in sorted(seen)}
    return {
        "held_out_loss": mean,
        "held_out_perplexity": math.exp(mean),
        "accuracy": right.total() / seen.total(),
        **by_kind,
    }
