"""A trained network written for ONNX Runtime or OpenVINO; the CRF stays in numpy.

The way is torch, ONNX, and from there OpenVINO by its own reader of ONNX files: ``openvino.convert_model`` and NNCF would
report their use over the network.
"""

from __future__ import annotations

import io
import logging
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import topner
from topner.backends.exported import EXPORT, ONNX_FILE, OPENVINO_FILE, need
from topner.backends.network import Backend, Precision
from topner.backends.torch_network import load_bert
from topner.errors import TopnerError
from topner.files import atomic_folder, write_json
from topner.model.device import bf16_pays
from topner.model.folder import CRF_FILE, SETTINGS_FILE, check_model_folder, read_object
from topner.model.tagger_model import load_model

_OPSET = 17
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "added_tokens.json")


def usual_precision(backend: Backend) -> Precision:
    """What is fast with a backend on this machine without changing answers."""
    return "bf16" if backend != "onnx" and bf16_pays(torch.device("cpu")) else "fp32"


def export_network(
    folder: Path,
    target: Path,
    backend: Backend,
    precision: Precision,
    calibration: Sequence[NDArray[np.int64]] = (),
    check: Callable[[Path], None] | None = None,
) -> None:
    """Write a model folder for another backend, whole or not at all.

    Args:
        folder: model folder with weights.
        target: folder to write, replaced as a whole.
        backend: ``onnx`` or ``openvino``.
        precision: ``onnx`` knows fp32 and int8 (dynamic quantisation: weights by channel, activations by batch),
            ``openvino`` fp32, bf16 and int8 (static: activations by what ``calibration`` shows).
        calibration: token ids of windows, special tokens included; needed for OpenVINO in int8.
        check: is called with the finished folder before it gets its name; what it raises keeps it from being written.

    Raises:
        TopnerError: the model cannot be read, the backend is not installed or does not have the precision.
    """
    need(backend)
    if backend == "torch":
        raise TopnerError("a model folder is for torch as it is", hint="export to onnx or openvino")
    if backend == "onnx" and precision == "bf16":
        raise TopnerError("ONNX Runtime has no bfloat16 on CPUs", hint="--precision fp32 or int8, or --to openvino")
    if precision == "int8":
        _need_quantiser()
    check_model_folder(folder)
    settings = read_object(folder / SETTINGS_FILE) if (folder / SETTINGS_FILE).is_file() else {}
    module = load_bert(folder) or _Logits(load_model(folder)[0].network)
    with atomic_folder(target) as temporary:
        for name in ("config.json", CRF_FILE, *_TOKENIZER):
            if (folder / name).is_file():
                shutil.copy(folder / name, temporary / name)
        write_onnx(module, temporary / ONNX_FILE)
        if precision == "int8":
            _quantise(temporary / ONNX_FILE, backend, calibration)
        if backend == "openvino":
            _to_openvino(temporary / ONNX_FILE, temporary / OPENVINO_FILE, half=precision != "fp32")
            (temporary / ONNX_FILE).unlink()
        made = {"backend": backend, "precision": precision, "topner": topner.__version__}
        write_json(temporary / SETTINGS_FILE, {**settings, EXPORT: made})
        if check is not None:
            check(temporary)


def write_onnx(module: nn.Module, path: Path) -> None:
    """Write a network as ONNX, single precision, batch and tokens of any number."""
    ids = torch.arange(2, dtype=torch.int64).repeat(2, 4)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("input_ids", "attention_mask", "logits")}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # of a newer exporter, which needs more packages
        torch.onnx.export(
            module.eval(),
            (ids, torch.ones_like(ids)),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )


class _Logits(nn.Module):
    """A network of ``transformers`` that gives its logits alone."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self._network(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def _to_openvino(source: Path, target: Path, half: bool) -> None:
    import openvino

    openvino.save_model(openvino.Core().read_model(str(source)), str(target), compress_to_fp16=half)


def _need_quantiser() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime.quantization  # noqa: F401
    except ImportError:
        raise TopnerError("int8 needs onnx and onnxruntime", hint="pip install 'topner[onnx]'") from None


def _quantise(path: Path, backend: Backend, calibration: Sequence[NDArray[np.int64]]) -> None:
    """Replace an ONNX file by its int8 form: matrix products with weights, each output channel with its own scale."""
    import onnx
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_dynamic, quantize_static

    whole = path.with_name("whole.onnx")
    path.rename(whole)
    products = [node.name for node in onnx.load(whole, load_external_data=False).graph.node if node.op_type == "MatMul"]
    common: dict[str, Any] = {
        "op_types_to_quantize": ["MatMul"],
        "per_channel": True,
        "weight_type": QuantType.QInt8,
        "nodes_to_exclude": products[-1:],  # the tag scores themselves: cheap, and every error there counts
    }
    if backend == "openvino" and not calibration:
        raise TopnerError("int8 for OpenVINO needs texts to calibrate on", hint="name them with --data")
    with _quiet():
        if backend == "onnx":
            quantize_dynamic(str(whole), str(path), extra_options={"MatMulConstBOnly": True}, **common)
        else:
            quantize_static(
                str(whole),
                str(path),
                _Calibration(calibration),
                quant_format=QuantFormat.QDQ,
                activation_type=QuantType.QUInt8,
                calibrate_method=CalibrationMethod.MinMax,  # the others want windows of one length
                extra_options={"MatMulConstBOnly": True},
                **common,
            )
    whole.unlink()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the quantiser prints and its advice to programmers off the terminal."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(level)


class _Calibration:
    """Windows one by one, as ONNX Runtime asks for them."""

    def __init__(self, windows: Sequence[NDArray[np.int64]]) -> None:
        self._feeds: Iterator[dict[str, NDArray[np.int64]]] = (
            {"input_ids": window[None], "attention_mask": np.ones_like(window[None])} for window in windows
        )

    def get_next(self) -> dict[str, NDArray[np.int64]] | None:
        return next(self._feeds, None)
