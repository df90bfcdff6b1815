"""What this machine can do: device, half precision, attention."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from topner.errors import TopnerError


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
