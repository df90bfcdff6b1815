"""Training sequences: each a pure function of its number, so that a resumed or distributed run sees the same ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from topner.pretraining.config import MaskConfig, SourceConfig
from topner.pretraining.masking import IGNORED, Vocabulary, budget_of, choose, hide
from topner.pretraining.pack import Packed


@dataclass(frozen=True)
class Plan:
    """Which stretch of the text each sequence takes.

    One pass goes through every source ``repeat`` times, in random order and cut at other places each time.

    Attributes:
        packed: the tokens.
        sources: with their repeats.
        content: tokens a sequence takes.
        seed: of order and cuts.
    """

    packed: Packed
    sources: list[SourceConfig]
    content: int
    seed: int

    def chunks(self, source: SourceConfig) -> int:
        """Whole sequences in the source, one fewer than fit so that the cuts can move."""
        first, last = self.packed.ranges[source.name]
        return max((last - first) // self.content - 1, 0)

    def pass_length(self) -> int:
        """Sequences in one pass over the data."""
        return sum(round(self.chunks(source) * source.repeat) for source in self.sources)

    def starts(self, number: int) -> NDArray[np.int64]:
        """First tokens of the sequences of one pass, in their order; shape ``(pass_length,)``."""
        rng = np.random.default_rng([self.seed, number])
        found = []
        for source in self.sources:
            chunks, left = self.chunks(source), round(self.chunks(source) * source.repeat)
            while left > 0:
                order = rng.permutation(chunks)[:left]
                shift = rng.integers(self.content)
                found.append(self.packed.ranges[source.name][0] + shift + order * self.content)
                left -= len(order)
        return rng.permutation(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


class MaskedSequences(Dataset[dict[str, Tensor]]):
    """Masked sequences by number, without end: pass after pass over the text.

    Each item holds ``input_ids`` of shape ``(length,)``, ``positions`` of the hidden tokens and their ``targets``, both of
    shape ``(budget,)``; where a sequence hides fewer, position 0 with target -100 fills up. Equal shapes keep
    ``torch.compile`` to one graph.
    """

    def __init__(self, plan: Plan, total: int, vocabulary: Vocabulary, masking: MaskConfig, seed: int) -> None:
        self._plan, self._total, self._vocabulary, self._masking, self._seed = plan, total, vocabulary, masking, seed
        self._pass = -1
        self._starts = np.zeros(0, dtype=np.int64)
        self.budget = budget_of(plan.content, masking.rate)
        self.length = len(vocabulary.lead) + plan.content + len(vocabulary.tail)

    def __len__(self) -> int:
        return self._total

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        where, inside = divmod(number, self._plan.pass_length())
        if where != self._pass:
            self._pass, self._starts = where, self._plan.starts(where)
        first = int(self._starts[inside])
        content = slice(first, first + self._plan.content)
        ids = np.asarray(self._plan.packed.ids[content], dtype=np.int64)
        starts = np.array(self._plan.packed.starts[content])
        starts[0] = True
        rng = np.random.default_rng([self._seed, 1, number])
        hidden = choose(starts, self._vocabulary.maskable[ids], self._masking, rng)
        shown = hide(ids, hidden, self._vocabulary, rng)
        where_hidden = np.flatnonzero(hidden)
        positions = np.zeros(self.budget, dtype=np.int64)
        targets = np.full(self.budget, IGNORED, dtype=np.int64)
        positions[: len(where_hidden)] = where_hidden + len(self._vocabulary.lead)
        targets[: len(where_hidden)] = ids[where_hidden]
        framed = np.concatenate([self._vocabulary.lead, shown, self._vocabulary.tail])
        return {
            name: torch.from_numpy(value)
            for name, value in (("input_ids", framed), ("positions", positions), ("targets", targets))
        }
