"""Dropout whose masks cost little on a CPU, where drawing them is a third of a training step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_OWN = threading.local()


@contextmanager
def dropout_seed(seed: int) -> Iterator[None]:
    """Draw the masks of :class:`ByteDropout` in this thread from a generator of its own, beginning with this seed."""
    _OWN.generator = torch.Generator().manual_seed(seed)
    try:
        yield
    finally:
        _OWN.generator = None


class ByteDropout(nn.Module):
    """Dropout (Srivastava et al. 2014) that draws one random byte an element, eight of them at a time.

    ``torch.nn.Dropout`` draws a random number an element, which the CPU generator does one after the other. A byte bounds
    the probability to multiples of 1/256 (0.1 becomes 0.1016); the scale of what is kept is exact for that probability.

    Attributes:
        p: probability that an element is zeroed, rounded to a multiple of 1/256.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self._threshold = round(p * 256)
        self.p = self._threshold / 256

    def forward(self, values: Tensor) -> Tensor:
        """Zero elements at random and scale the rest by ``1 / (1 - p)`` while training; any shape."""
        if not self.training or not self._threshold:
            return values
        words = torch.empty((values.numel() + 7) // 8, dtype=torch.int64)
        own = None if torch.compiler.is_compiling() else getattr(_OWN, "generator", None)
        drawn = words.random_(-(2**63), None, generator=own).view(torch.uint8)
        kept = drawn[: values.numel()].view(values.shape) >= self._threshold
        return values * kept.to(values.dtype).mul_(1 / (1 - self.p))

    def extra_repr(self) -> str:
        """Shown by ``print(model)``."""
        return f"p={self.p:.4f}"


def use_byte_dropout(module: nn.Module) -> None:
    """Replace every ``torch.nn.Dropout`` below ``module``; for training on a CPU."""
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Dropout):
            setattr(module, name, ByteDropout(child.p).train(child.training))
        else:
            use_byte_dropout(child)
