"""Open a model folder, whether it holds torch weights or was exported for another backend."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from topner.backends.choice import remembered
from topner.backends.exported import EXPORT, check_exported, exported_of, open_exported
from topner.backends.machine import import_torch
from topner.backends.network import Backend, Network, Precision
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.model.chain import Chain, iob2_chain, learned_chain
from topner.model.folder import CRF_FILE, SETTINGS_FILE, check_model_folder, read_object, read_shapes


@dataclass(frozen=True, eq=False)
class Opened:
    """A model ready to tag.

    Attributes:
        network: computes tag scores.
        schema: the labels it knows.
        chain: scores of the moves between tags.
        crf: whether the chain was learned; else tag scores are to be normalised by token.
        settings: of the folder, see :func:`topner.inference.tagger.settings_of`.
    """

    network: Network
    schema: LabelSchema
    chain: Chain
    crf: bool
    settings: dict[str, Any]


def open_model(
    folder: Path, device: str | None = None, backend: Backend | None = None, precision: Precision | None = None
) -> Opened:
    """Load a model folder.

    Args:
        folder: with weights, or written by ``topner export``.
        device: for torch: ``cpu``, ``cuda``, ...; ``None`` takes the GPU when there is one.
        backend: what is to compute the network. ``None``: what an exported folder is for; for one with weights what
            :func:`topner.backends.choice.choose` found fastest on this machine, if it was asked, else torch.
        precision: of matrix products; ``None``: what an exported folder has, else what is fast without changing answers.

    Raises:
        TopnerError: the folder holds no model, a broken or unsafe one, labels that are not IOB2, or nothing for that backend.
    """
    settings = read_object(folder / SETTINGS_FILE) if (folder / SETTINGS_FILE).is_file() else {}
    if EXPORT in settings:
        check_exported(folder)
        network = open_exported(folder, settings[EXPORT], backend, precision)
    else:
        check_model_folder(folder)
        if backend is None and device in (None, "cpu"):
            backend, precision = remembered(folder, precision) or ("torch", precision)
        network = _with_weights(folder, device, backend or "torch", precision)
    schema = read_schema(folder)
    crf = settings.get("head") == "crf"
    return Opened(network, schema, _learned(folder, schema) if crf else iob2_chain(schema.tags), crf, settings)


def _with_weights(folder: Path, device: str | None, backend: Backend, precision: Precision | None) -> Network:
    if backend != "torch":
        if device not in (None, "cpu"):
            raise TopnerError(f"the backend {backend} runs on the CPU, not on {device}", hint="leave out one of them")
        return exported_of(folder, backend, precision)
    import_torch()
    from topner.backends.torch_network import load_torch
    from topner.model.device import pick_device

    return load_torch(folder, pick_device(device), precision)


def read_schema(folder: Path) -> LabelSchema:
    """The labels a model folder knows.

    Raises:
        TopnerError: its configuration cannot be read, or names no labels or labels that are not IOB2.
    """
    tags = read_object(folder / "config.json").get("id2label")
    try:
        if not isinstance(tags, dict):
            raise TopnerError("names no labels (id2label)")
        return LabelSchema.from_tags(str(tag) for _, tag in sorted((int(number), tag) for number, tag in tags.items()))
    except (TopnerError, ValueError) as error:
        message = error.message if isinstance(error, TopnerError) else f"labels have no numbers: {error}"
        raise TopnerError(message, path=folder / "config.json", hint="train it with topner train") from None


def _learned(folder: Path, schema: LabelSchema) -> Chain:
    size = len(schema.tags)
    read_shapes(folder / CRF_FILE)
    try:
        held = {name: np.asarray(array, dtype=np.float64) for name, array in load_file(folder / CRF_FILE).items()}
        parts = (held["transitions"].reshape(size, size), held["begin"].reshape(size), held["end"].reshape(size))
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise TopnerError(f"the CRF cannot be loaded: {error}", path=folder / CRF_FILE) from None
    return learned_chain(schema.tags, *parts)
