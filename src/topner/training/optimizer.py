"""AdamW with layer-wise learning-rate decay (Howard and Ruder 2018; Sun et al. 2019, How to fine-tune BERT)."""

from __future__ import annotations

import re
from typing import Any

import torch

from topner.model.tagger_model import TaggerModel
from topner.training.config import OptimizationConfig

_LAYER = re.compile(r"\.layers?\.(\d+)\.")
_NO_DECAY = re.compile(r"(bias|LayerNorm\.weight|layer_norm\.weight|norm\.weight)$")


def depth(name: str, layers: int) -> int:
    """Height of a parameter in the encoder: 0 for embeddings, 1 for the first layer, ``layers + 1`` above the last."""
    if match := _LAYER.search(name):
        return int(match.group(1)) + 1
    return 0 if "embeddings" in name else layers + 1


def parameter_groups(model: TaggerModel, config: OptimizationConfig) -> list[dict[str, Any]]:
    """Parameter groups by learning rate and weight decay.

    The encoder's top layer learns at ``learning_rate``, each layer below at ``layer_decay`` times the one above; the
    classifier and the CRF learn at ``head_learning_rate``. Biases and norms are not decayed.
    """
    layers = int(getattr(model.config, "num_hidden_layers", 0))
    encoder = f"network.{model.network.base_model_prefix}."
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith(encoder):
            rate = config.learning_rate * config.layer_decay ** max(layers - depth(name, layers), 0)
        else:
            rate = config.head_learning_rate
        decay = 0.0 if _NO_DECAY.search(name) or name.startswith("crf.") else config.weight_decay
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": found, "lr": rate, "weight_decay": decay} for (rate, decay), found in groups.items()]


def make_optimizer(model: TaggerModel, config: OptimizationConfig) -> torch.optim.AdamW:
    """AdamW over :func:`parameter_groups`."""
    return torch.optim.AdamW(parameter_groups(model, config), lr=config.learning_rate, fused=True)
