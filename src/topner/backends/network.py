"""What the tagger asks of a network, whatever computes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

Backend = Literal["torch", "onnx", "openvino"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)
Precision = Literal["fp32", "bf16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


Pass = tuple[NDArray[np.int64], NDArray[np.int64]]
"""What one pass of the network takes: token ids and mask, see :class:`Network`."""


class Network(Protocol):
    """Tag scores of tokens.

    Attributes:
        backend: what computes it.
        precision: of its matrix products.
    """

    @property
    def backend(self) -> Backend:
        """What computes it."""

    @property
    def precision(self) -> Precision:
        """Of its matrix products."""

    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """Tag scores.

        Args:
            ids: token ids, shape ``(batch, tokens)``.
            mask: 1 for tokens, 0 for padding; same shape.

        Returns:
            Shape ``(batch, tokens, tags)``; what stands at padding means nothing.
        """

    def each(self, passes: Sequence[Pass]) -> list[NDArray[np.float32]]:
        """Tag scores of several passes, in their order; side by side where that uses the cores better."""
