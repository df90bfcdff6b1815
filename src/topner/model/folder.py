"""Is a model folder safe to load: nothing pickled, no code of its own, weights whole and no larger than they say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from topner.errors import TopnerError
from topner.files import read_text

PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib"})
"""Endings of files that Python unpickles, which runs whatever they say."""
WEIGHTS = "model.safetensors"
CRF_FILE = "crf.safetensors"
SETTINGS_FILE = "topner.json"
_SETTINGS = frozenset({"text", "window", "labels", "versions", "head", "confidence", "export"})
_SMALLEST_WINDOW, _USUAL_WINDOW = 8, 256
_SHIFTED = frozenset(
    {"roberta", "xlm-roberta", "camembert"}
)  # their positions begin behind the number of the padding token
_INDEX = "model.safetensors.index.json"
_SIZES = ("vocab_size", "hidden_size", "intermediate_size", "max_position_embeddings", "type_vocab_size")


def check_model_folder(folder: Path) -> None:
    """Look a model folder over before anything of it is loaded; only headers of weights are read.

    Raises:
        TopnerError: there is no model, a pickled file lies there, the configuration asks for code of its own or for sizes
            that the weights do not have, or a file of weights is missing or broken.
    """
    if not (folder / "config.json").is_file():
        raise TopnerError("holds no model (config.json is missing)", path=folder)
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in PICKLES)
    if pickled:
        raise TopnerError(
            f"holds {', '.join(pickled)}: reading such a file can run any program, so the folder is not loaded",
            path=folder,
            hint="keep weights as .safetensors alone: load and save them in transformers, then delete these files",
        )
    config = read_object(folder / "config.json")
    for name in ("config.json", "tokenizer_config.json"):
        if (folder / name).is_file() and "auto_map" in read_object(folder / name):
            message = "asks to run Python code of its own (auto_map), which topner never does"
            raise TopnerError(message, path=folder / name, hint="use a model that transformers itself knows")
    tensors = {name: shape for path in _weight_files(folder) for name, shape in read_shapes(path).items()}
    _check_sizes(config, tensors, folder)


def check_settings(settings: dict[str, Any], folder: Path) -> tuple[int, int]:
    """Look over what ``topner.json`` says, as far as no other part of topner does.

    Args:
        settings: the object in it, empty where the file is missing.
        folder: the model's, whose ``config.json`` tells how many positions the encoder has.

    Returns:
        Size of a window and overlap of neighbouring ones in tokens, special tokens included; where they are not given 256, or
        all positions of a smaller encoder, and a quarter of the size.

    Raises:
        TopnerError: an entry is not known, the head is no head, or the window has the wrong type, is too small or larger than
            the encoder, or overlaps by half or more.
    """
    path = folder / SETTINGS_FILE
    again = "copy the file from the trained model again"
    if unknown := sorted(set(settings) - _SETTINGS):
        raise TopnerError(f"has an entry {unknown[0]!r}, which this version does not know", path=path, hint=again)
    if settings.get("head", "softmax") not in ("crf", "softmax"):
        raise TopnerError(f"head is {settings['head']!r}, crf or softmax was expected", path=path, hint=again)
    most = _positions(read_object(folder / "config.json"))
    window = settings.get("window", {})
    if not isinstance(window, dict):
        raise TopnerError(f"window is {window!r}, an object with size and overlap was expected", path=path, hint=again)
    if unknown := sorted(set(window) - {"size", "overlap"}):
        raise TopnerError(f"window has an entry {unknown[0]!r}; it has size and overlap", path=path, hint=again)
    size = window.get("size", _USUAL_WINDOW if most is None else min(_USUAL_WINDOW, most))
    if type(size) is not int or not _SMALLEST_WINDOW <= size <= (most or size):
        limit = f" to {most}, the positions of its encoder," if most else ""
        message = f"window.size is {size!r}; a number of tokens from {_SMALLEST_WINDOW}{limit} was expected"
        raise TopnerError(message, path=path, hint=again)
    overlap = window.get("overlap", size // 4)
    if type(overlap) is not int or not 0 <= 2 * overlap < size:
        message = f"window.overlap is {overlap!r}; a number of tokens from 0 to less than half of {size} was expected"
        raise TopnerError(message, path=path, hint=again)
    return size, overlap


def _positions(config: dict[str, Any]) -> int | None:
    """Longest input of an encoder in tokens; ``None`` where it has no limit, or does not say."""
    most = config.get("max_position_embeddings")
    if type(most) is not int or most <= 0:
        return None
    padding = config.get("pad_token_id")
    shifted = config.get("model_type") in _SHIFTED and type(padding) is int
    return most - padding - 1 if shifted and padding is not None else most


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        TopnerError: the file cannot be read, or does not hold one.
    """
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise TopnerError(f"is not JSON: {error}", path=path) from None
    if not isinstance(value, dict):
        raise TopnerError(f"a JSON object was expected, found {type(value).__name__}", path=path)
    return value


def read_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors in a safetensors file by name, from its header, which is checked against the file's length.

    Raises:
        TopnerError: the file cannot be read or is no safetensors file.
    """
    try:
        with safe_open(path, framework="numpy") as opened:
            return {name: tuple(opened.get_slice(name).get_shape()) for name in opened.keys()}  # noqa: SIM118 (no dict)
    except (OSError, ValueError, SafetensorError) as error:
        raise TopnerError(f"the weights cannot be loaded: {error}", path=path, hint="copy the file again") from None


def _weight_files(folder: Path) -> Iterator[Path]:
    """The files of weights that ``transformers`` will read, every one inside the folder."""
    if (folder / WEIGHTS).is_file():
        yield folder / WEIGHTS
        return
    if not (folder / _INDEX).is_file():
        raise TopnerError(f"holds no weights ({WEIGHTS} is missing)", path=folder)
    named = read_object(folder / _INDEX).get("weight_map")
    names = (
        set(named.values()) if isinstance(named, dict) and all(isinstance(n, str) for n in named.values()) else set()
    )
    for name in sorted(names):
        if Path(name).name != name or "\\" in name or not name.endswith(".safetensors"):
            raise TopnerError(f"names {name!r}, which is no safetensors file of this folder", path=folder / _INDEX)
        yield folder / name
    if not names:
        raise TopnerError("names no file of weights", path=folder / _INDEX)


def _check_sizes(config: dict[str, Any], tensors: dict[str, tuple[int, ...]], folder: Path) -> None:
    """Refuse a configuration that would build a network far larger than the weights there are."""
    held = sum(prod(shape) for shape in tensors.values())
    limits = {"num_hidden_layers": len(tensors), **dict.fromkeys(_SIZES, held)}
    for key, limit in limits.items():
        value = config.get(key)
        if isinstance(value, int) and not 0 < value <= limit:
            message = f"{key} is {value}, which the weights beside it cannot fill"
            raise TopnerError(message, path=folder / "config.json", hint="the folder mixes files of different models")
