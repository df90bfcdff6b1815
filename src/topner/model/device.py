"""What this machine can do: device, half precision, attention."""

from __future__ import annotations

import ctypes
import sys
from contextlib import AbstractContextManager, nullcontext

import torch

from topner.errors import TopnerError

_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8  # <malloc.h> of glibc


def pick_device(name: str | None = None) -> torch.device:
    """The named device, else the GPU when there is one, else the CPU.

    Raises:
        TopnerError: the named device is not there.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TopnerError(f"device {name!r} cannot be used: {error}", hint="use cpu or cuda") from None
    return device


def bf16_pays(device: torch.device) -> bool:
    """Whether bfloat16 is fast there: GPUs that have it, CPUs with AMX or AVX-512 BF16."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    probes = (getattr(torch.cpu, name, None) for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"))
    return any(bool(probe()) for probe in probes if probe is not None)


def training_attention(device: torch.device) -> str:
    """Attention for training: on CPUs the backward pass of ``sdpa`` is slow, plain matrix products are faster."""
    return "eager" if device.type == "cpu" else "sdpa"


def autocast(device: torch.device, enabled: bool) -> AbstractContextManager[object]:
    """bfloat16 autocast on the device, or nothing."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if enabled else nullcontext()


def keep_freed_memory() -> bool:
    """Let the C library keep freed memory for the next tensor, where it would give large blocks back to the system.

    Training on a CPU frees and asks for the same large tensors at every step, and the system zeroes each page anew. The
    process keeps the most memory it ever needed. ``scripts/compare_memory.py`` measures what it brings.

    Returns:
        Whether it took effect: with glibc on Linux, and nowhere else.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):  # musl has no mallopt that does anything
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, -1), (_M_ARENA_MAX, 1))  # -1 never trims
    return all(library.mallopt(ctypes.c_int(name), ctypes.c_int(value)) == 1 for name, value in settings)
