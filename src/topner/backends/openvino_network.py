"""The network on OpenVINO, CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino
from numpy.typing import NDArray

from topner.backends.machine import cores
from topner.backends.network import Backend, Pass, Precision


class OpenvinoNetwork:
    """An OpenVINO file as a :class:`topner.backends.network.Network`.

    Attributes:
        backend: ``openvino``.
        precision: of its matrix products; the rest of an int8 network is computed in bfloat16 where the CPU has it.
    """

    backend: Backend = "openvino"

    def __init__(self, path: Path, precision: Precision) -> None:
        self.precision = precision
        settings = {
            "INFERENCE_PRECISION_HINT": "f32" if precision == "fp32" else "bf16",
            "INFERENCE_NUM_THREADS": cores(),
            "NUM_STREAMS": 1,
            # threads bound to a core wait for whatever else runs on it
            "ENABLE_CPU_PINNING": False,
        }
        self._request = openvino.Core().compile_model(str(path), "CPU", settings).create_infer_request()

    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """Tag scores, see :class:`topner.backends.network.Network`."""
        found = self._request.infer({"input_ids": ids, "attention_mask": mask})
        return np.array(found[0], dtype=np.float32)

    def each(self, passes: Sequence[Pass]) -> list[NDArray[np.float32]]:
        """Tag scores of several passes, one after the other."""
        return [self(*one) for one in passes]
