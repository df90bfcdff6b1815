"""The network on torch: CPUs and GPUs, single precision or bfloat16."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import nn

from topner.backends.bert import BertShape, BertTagger, bert_state
from topner.backends.network import Backend, Pass, Precision
from topner.errors import TopnerError
from topner.model.cores import single_cores
from topner.model.device import autocast, bf16_pays
from topner.model.folder import WEIGHTS, read_object
from topner.model.tagger_model import load_model


class TorchNetwork:
    """A torch module as a :class:`topner.backends.network.Network`.

    Attributes:
        backend: ``torch``.
        precision: ``fp32`` or ``bf16``; with the latter weights and hidden states are bfloat16.
        module: the network; takes ``input_ids`` and ``attention_mask``.
        device: where it is.
    """

    backend: Backend = "torch"

    def __init__(self, module: nn.Module, device: torch.device, precision: Precision) -> None:
        self.precision, self.device = precision, device
        self._own = isinstance(module, BertTagger)
        if self._own and precision == "bf16":
            module = module.bfloat16()
        self.module = module.to(device).eval()

    @torch.inference_mode()
    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """Tag scores, see :class:`topner.backends.network.Network`."""
        tokens = torch.from_numpy(ids).to(self.device)
        shown = torch.from_numpy(mask).to(self.device) if not (self._own and mask.all()) else None
        with autocast(self.device, self.precision == "bf16" and not self._own):
            found = self.module(input_ids=tokens, attention_mask=shown)
        logits = found if isinstance(found, torch.Tensor) else found.logits
        scores: NDArray[np.float32] = logits.float().cpu().numpy()
        return scores

    def each(self, passes: Sequence[Pass]) -> list[NDArray[np.float32]]:
        """Tag scores of several passes; on a CPU each on a core of its own, once there are enough of them to go round."""
        cores = torch.get_num_threads()
        if self.device.type != "cpu" or cores == 1 or len(passes) < 2 * cores:
            return [self(*one) for one in passes]
        with single_cores(cores) as pool:
            return list(pool.map(lambda one: self(*one), passes))


def load_torch(folder: Path, device: torch.device, precision: Precision | None) -> TorchNetwork:
    """Load the network of a model folder that was looked over before.

    Args:
        folder: see :func:`topner.model.tagger_model.save_model`.
        device: where it is to run.
        precision: ``None`` takes bfloat16 where it is fast.

    Raises:
        TopnerError: the weights do not fill the network, or torch has no such precision.
    """
    if precision == "int8":
        raise TopnerError("torch has no int8 here", hint="export the model: topner export MODEL --precision int8")
    chosen: Precision = precision or ("bf16" if bf16_pays(device) else "fp32")
    dtype = torch.bfloat16 if chosen == "bf16" else torch.float32
    return TorchNetwork(load_bert(folder, dtype) or load_model(folder)[0].network, device, chosen)


def load_bert(folder: Path, dtype: torch.dtype = torch.float32) -> BertTagger | None:
    """The network of a model folder, where it is a plain BERT; else ``None``."""
    config = read_object(folder / "config.json")
    shape, tags = BertShape.read(config), config.get("id2label")
    if shape is None or not isinstance(tags, dict) or not (folder / WEIGHTS).is_file():
        return None
    try:
        weights = {name: tensor.to(dtype) for name, tensor in load_file(folder / WEIGHTS).items()}
        network = BertTagger(shape, len(tags))
        network.load_state_dict(bert_state(weights, shape), assign=True)
    except (KeyError, RuntimeError):  # not what the configuration says: transformers tells what is wrong
        return None
    return network.eval()
