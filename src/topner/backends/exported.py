"""Model folders written for another backend: what they hold, and opening them without torch."""

from __future__ import annotations

import importlib.util
from importlib.metadata import version
from pathlib import Path
from typing import Any

from topner.backends.network import BACKENDS, PRECISIONS, Backend, Network, Precision
from topner.encoder.locate import cache_folder
from topner.errors import TopnerError
from topner.files import sha256
from topner.model.folder import PICKLES, WEIGHTS

EXPORT = "export"
"""Entry of the settings file that names ``backend`` and ``precision``."""
ONNX_FILE, OPENVINO_FILE = "model.onnx", "openvino.xml"
_OPENVINO_WEIGHTS = "openvino.bin"  # OpenVINO's own format, nothing that Python would unpickle
PACKAGES = {"onnx": "onnxruntime", "openvino": "openvino"}
EXPORTS: tuple[tuple[Backend, Precision], ...] = (
    ("onnx", "fp32"),
    ("onnx", "int8"),
    ("openvino", "fp32"),
    ("openvino", "bf16"),
    ("openvino", "int8"),
)
"""What ``topner export`` can write: ONNX Runtime's int8 scales activations by batch, OpenVINO's by what it was shown."""


def folder_size(folder: Path) -> int:
    """Bytes of the files in a model folder."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def installed(backend: Backend) -> bool:
    """Whether what the backend needs can be imported."""
    return backend == "torch" or importlib.util.find_spec(PACKAGES[backend]) is not None


def need(backend: Backend) -> None:
    """Raise :class:`TopnerError` when the backend is not installed."""
    if backend not in BACKENDS:
        raise TopnerError(f"there is no backend {backend!r}", hint=f"one of {', '.join(BACKENDS)}")
    if not installed(backend):
        hint = f"pip install 'topner[{backend}]'"
        raise TopnerError(f"the backend {backend} needs the package {PACKAGES[backend]}", hint=hint)


def check_exported(folder: Path) -> None:
    """Look an exported folder over before anything of it is loaded.

    Raises:
        TopnerError: the network or the configuration is missing, or a pickled file lies there.
    """
    if not (folder / "config.json").is_file():
        raise TopnerError("holds no model (config.json is missing)", path=folder)
    names = sorted(path.name for path in folder.iterdir())
    pickled = [name for name in names if Path(name).suffix.lower() in PICKLES and name != _OPENVINO_WEIGHTS]
    if pickled:
        raise TopnerError(f"holds {', '.join(pickled)}: reading such a file can run any program", path=folder)
    if not {ONNX_FILE, OPENVINO_FILE} & set(names):
        raise TopnerError(f"holds no network ({ONNX_FILE} or {OPENVINO_FILE})", path=folder, hint="export it again")


def open_exported(folder: Path, export: Any, backend: Backend | None, precision: Precision | None) -> Network:
    """The network of an exported folder.

    Args:
        folder: looked over before.
        export: what the settings say of it, ``{"backend": ..., "precision": ...}``.
        backend: what is wanted; ``None`` for what there is.
        precision: likewise.

    Raises:
        TopnerError: it is for another backend or precision, that backend is not installed, or the network is broken.
    """
    known = isinstance(export, dict) and export.get("backend") in PACKAGES and export.get("precision") in PRECISIONS
    if not known:
        raise TopnerError("its settings do not say what it was exported for", path=folder, hint="export it again")
    held: Backend = export["backend"]
    if (backend or held) != held or (precision or export["precision"]) != export["precision"]:
        wanted = f"{backend or held} in {precision or export['precision']}"
        message = f"was exported for {held} in {export['precision']}, not for {wanted}"
        raise TopnerError(message, path=folder, hint="export the trained model again")
    need(held)
    try:
        if held == "onnx":
            from topner.backends.onnx_network import OnnxNetwork

            return OnnxNetwork(folder / ONNX_FILE, export["precision"])
        from topner.backends.openvino_network import OpenvinoNetwork

        return OpenvinoNetwork(folder / OPENVINO_FILE, export["precision"])
    except Exception as error:  # either library raises what it likes
        message = f"the network cannot be loaded: {str(error).strip().splitlines()[0] if str(error) else error!r}"
        raise TopnerError(message, path=folder, hint="export it again") from None


def exported_of(folder: Path, backend: Backend, precision: Precision | None) -> Network:
    """The network of a folder with weights on another backend; exported into the user's cache the first time.

    Raises:
        TopnerError: the backend is not installed, or the model cannot be exported that way without more ado.
    """
    need(backend)
    from topner.export.network import export_network, usual_precision

    chosen = precision or usual_precision(backend)
    if chosen == "int8":
        hint = "topner export MODEL --precision int8 --data DEV, then name the new folder"
        raise TopnerError("int8 must be checked on annotated data first", path=folder, hint=hint)
    key = f"{sha256(folder / WEIGHTS)[:16]}-{backend}-{version(PACKAGES[backend])}-{chosen}"
    target = cache_folder() / "exports" / key
    if not (target / "config.json").is_file():
        export_network(folder, target, backend, chosen)
    return open_exported(target, {"backend": backend, "precision": chosen}, backend, chosen)
