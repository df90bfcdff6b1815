"""Work side by side on the cores of a CPU: each core computes something of its own, instead of all sharing every operation."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

import torch


@contextmanager
def single_cores(count: int) -> Iterator[Executor]:
    """So many workers with a core each; torch's own threads rest meanwhile.

    Cores that share operations wait for each other after each one, and long where something else runs beside them.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # of this thread, and of the matrix library in all of them
    try:
        with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield pool
    finally:
        torch.set_num_threads(before)
