"""The network on ONNX Runtime, CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from topner.backends.machine import cores
from topner.backends.network import Backend, Pass, Precision


class OnnxNetwork:
    """An ONNX file as a :class:`topner.backends.network.Network`.

    Attributes:
        backend: ``onnx``.
        precision: what the file was made for.
    """

    backend: Backend = "onnx"

    def __init__(self, path: Path, precision: Precision) -> None:
        self.precision = precision
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores()
        options.log_severity_level = 3
        # waiting threads that spin take the cores from everything else that runs, numpy and torch among it
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """Tag scores, see :class:`topner.backends.network.Network`."""
        scores: NDArray[np.float32] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return scores

    def each(self, passes: Sequence[Pass]) -> list[NDArray[np.float32]]:
        """Tag scores of several passes, one after the other."""
        return [self(*one) for one in passes]
