"""Memory that training on a CPU frees: kept for the next step, and given back when it grows past need."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8  # <malloc.h> of glibc
GROWTH = 1.5
"""How many times what a step needs the process may hold."""
_STATM = Path("/proc/self/statm")


def keep_freed_memory() -> bool:
    """Let the C library keep freed memory for the next tensor, where it would give large blocks back to the system.

    Training on a CPU frees and asks for the same large tensors at every step, and the system zeroes each page anew. The
    process keeps the most memory it ever needed, and more where blocks of one size do not fit the gaps of another; see
    :class:`GiveBack`. ``scripts/compare_memory.py`` measures what it brings.

    Returns:
        Whether it took effect: with glibc on Linux, and nowhere else.
    """
    library = _glibc()
    if library is None:
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, -1), (_M_ARENA_MAX, 1))  # -1 never trims
    return all(library.mallopt(ctypes.c_int(name), ctypes.c_int(value)) == 1 for name, value in settings)


class GiveBack(TrainerCallback):
    """Gives freed memory back to the system when the process holds half as much again as a step leaves behind.

    Where :func:`keep_freed_memory` took effect, batches of many lengths fragment the heap, and it grows from step to step.
    What a step needs is what is held after the first one on a trimmed heap, the most of all times it was trimmed: the trimmed
    heap itself holds none of the step's tensors, and measured by it every step would be too much.
    """

    def __init__(self) -> None:
        self._need = 0
        self._trimmed = True

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Look how much is held; give back when it is too much."""
        held = resident()
        if self._trimmed:
            self._need, self._trimmed = max(self._need, held), False
        elif held > GROWTH * self._need:
            self._trimmed = give_back()


def resident() -> int:
    """Bytes of this process that lie in memory; 0 where the system does not say."""
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if _STATM.is_file() else 0


def give_back() -> bool:
    """Return free pages to the system, wherever in the heap they lie; whether there is a way to: with glibc alone."""
    library = _glibc()
    if library is None:
        return False
    library.malloc_trim(ctypes.c_size_t(0))
    return True


def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None  # musl has no mallopt that does anything
