"""Which windows make a batch: the same ones a step, however many processes share it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Sampler

from topner.errors import TopnerError


class SharedBatches(Sampler[list[int]]):
    """Batches of one process: windows of like length together, in an order that seed and epoch alone decide.

    An order drawn from the global generator differs between processes as soon as they drew masks of different sizes, and
    then some windows are seen twice and others never.
    """

    def __init__(
        self, lengths: Sequence[int], batch_size: int, accumulate: int, seed: int, rank: int, processes: int
    ) -> None:
        """Set it up.

        Args:
            lengths: of the windows in tokens, in the order of the data set.
            batch_size: windows a process and forward pass.
            accumulate: forward passes a step.
            seed: of the order.
            rank: number of this process.
            processes: that share each batch.

        Raises:
            TopnerError: there are fewer windows than processes.
        """
        if len(lengths) < processes:
            raise TopnerError(f"{len(lengths)} windows cannot be shared by {processes} processes")
        self._lengths, self._wide, self._step = lengths, batch_size * processes, batch_size * processes * accumulate
        self._seed, self._rank, self._processes = seed, rank, processes
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order."""
        self._epoch = epoch

    def __len__(self) -> int:
        full, rest = divmod(len(self._lengths), self._wide)
        return full + (rest >= self._processes or (rest > 0 and full == 0))

    def __iter__(self) -> Iterator[list[int]]:
        from transformers.trainer_pt_utils import get_length_grouped_indices

        seed = int(np.random.SeedSequence([self._seed, self._epoch]).generate_state(1)[0])
        generator = torch.Generator().manual_seed(seed)
        order = get_length_grouped_indices(list(self._lengths), self._step, generator=generator)
        batches = [order[first : first + self._wide] for first in range(0, len(order), self._wide)]
        if len(batches) > len(self):  # too few are left to give each process one: the batch before takes them
            left = batches.pop()
            batches[-1] += left
        for batch in batches:
            yield batch[self._rank :: self._processes]


class EpochLoader(DataLoader[Any]):
    """A loader that hands the epoch, which the Trainer tells it, on to its :class:`SharedBatches`."""

    batch_sampler: SharedBatches

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the epoch."""
        self.batch_sampler.set_epoch(epoch)
