"""A document made ready for the network, and its tag scores put together again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from topner.dataset.tokens import Tokens
from topner.dataset.windows import Window, make_windows
from topner.model.device import autocast
from topner.model.tagger_model import TaggerModel
from topner.text.alignment import AlignedText


@dataclass(frozen=True, eq=False)
class Prepared:
    """One document: its clean text, its tokens, where a cut costs what, and its windows."""

    aligned: AlignedText
    tokens: Tokens
    costs: NDArray[np.int8]
    windows: list[Window]

    @classmethod
    def of(cls, aligned: AlignedText, tokens: Tokens, costs: NDArray[np.int8], room: int, overlap: int) -> Prepared:
        """Cut windows of at most ``room`` tokens."""
        return cls(aligned, tokens, costs, make_windows(costs, room, overlap) if len(tokens) else [])

    def segments(self) -> list[tuple[int, int]]:
        """Token spans between line ends; a mention does not run over one."""
        borders = [int(i) for i in np.flatnonzero(self.costs == 0)]
        return [(a, b) for a, b in pairwise(borders) if a < b]


def batches(sizes: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Group indices so that each group's longest size times its count stays within ``budget`` tokens.

    Indices come sorted by size, so that a group pads little; a single size above the budget stands alone.
    """
    group: list[int] = []
    for i in sorted(range(len(sizes)), key=sizes.__getitem__):
        if group and sizes[i] * (len(group) + 1) > budget:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


@torch.inference_mode()
def emissions(
    documents: Sequence[Prepared],
    model: TaggerModel,
    frame: tuple[list[int], list[int]],
    padding: int,
    budget: int,
    bf16: bool,
) -> list[NDArray[np.float64]]:
    """Tag scores of every token of every document, each from the window in which the token is most central.

    Args:
        documents: prepared texts.
        model: the network.
        frame: ids of special tokens before and after a window.
        padding: id of the padding token.
        budget: most tokens in one batch, padding included.
        bf16: compute in bfloat16.

    Returns:
        By document, shape ``(tokens, tags)``: log-probabilities for the softmax head, plain scores for the CRF.
    """
    before, after = frame
    scores = [np.zeros((len(document.tokens), len(model.schema.tags))) for document in documents]
    jobs = [(d, window) for d, document in enumerate(documents) for window in document.windows]
    sizes = [window.end - window.start + len(before) + len(after) for _, window in jobs]
    for group in batches(sizes, budget):
        width = max(sizes[i] for i in group)
        ids = np.full((len(group), width), padding, dtype=np.int64)
        mask = np.zeros((len(group), width), dtype=np.int64)
        for row, i in enumerate(group):
            d, window = jobs[i]
            ids[row, : sizes[i]] = [*before, *documents[d].tokens.ids[window.start : window.end], *after]
            mask[row, : sizes[i]] = 1
        with autocast(model.device, bf16):
            device = model.device
            logits = model(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))["logits"]
        values = logits.float() if model.crf is not None else logits.float().log_softmax(-1)
        rows = values.cpu().numpy()
        for row, i in enumerate(group):
            d, window = jobs[i]
            shift = len(before) - window.start
            scores[d][window.keep_start : window.keep_end] = rows[
                row, window.keep_start + shift : window.keep_end + shift
            ]
    return scores
