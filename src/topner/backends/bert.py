"""BERT for token classification (Devlin et al. 2019), inference only: what ``transformers`` computes, without importing it.

Importing the modelling code of ``transformers`` takes longer than tagging a page. The three projections of attention are one
matrix product here, and weights are cast once rather than at each call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}
_PROJECTIONS = ("query", "key", "value")


@dataclass(frozen=True)
class BertShape:
    """What of a BERT configuration decides its computation, by the names of ``config.json``."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    type_vocab_size: int
    hidden_act: str
    layer_norm_eps: float

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> BertShape | None:
        """The shape in a ``config.json``; ``None`` where the model is anything but a plain BERT encoder."""
        values = {"hidden_act": "gelu", "layer_norm_eps": 1e-12, "type_vocab_size": 2, **config}
        counts = [name for name, kind in cls.__annotations__.items() if kind == "int"]
        if any(type(values.get(name)) is not int or values[name] < 1 for name in counts):
            return None
        if not isinstance(values["hidden_act"], str) or not isinstance(values["layer_norm_eps"], float):
            return None
        plain = (
            values.get("model_type") == "bert"
            and values.get("position_embedding_type", "absolute") == "absolute"
            and not values.get("is_decoder")
            and not values.get("add_cross_attention")
            and values["hidden_act"] in _ACTIVATIONS
            and values["hidden_size"] % values["num_attention_heads"] == 0
        )
        return cls(**{name: values[name] for name in cls.__annotations__}) if plain else None


class _Linear(nn.Linear):
    """Without initial weights, which would be drawn only to be replaced."""

    def reset_parameters(self) -> None:
        """Nothing: weights are loaded."""


class _Embedding(nn.Embedding):
    """Without initial weights."""

    def reset_parameters(self) -> None:
        """Nothing: weights are loaded."""


class BertTagger(nn.Module):
    """The network: tag scores of each token from its id and its neighbours. Its weights must be loaded."""

    def __init__(self, shape: BertShape, tags: int) -> None:
        super().__init__()
        self.shape = shape
        size = shape.hidden_size
        self.words = _Embedding(shape.vocab_size, size)
        self.positions = _Embedding(shape.max_position_embeddings, size)
        self.segment = nn.Parameter(torch.zeros(size))
        self.norm = nn.LayerNorm(size, eps=shape.layer_norm_eps)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.num_hidden_layers))
        self.classifier = _Linear(size, tags)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Tag scores.

        Args:
            input_ids: shape ``(batch, tokens)``, at most ``max_position_embeddings`` tokens.
            attention_mask: 1 for tokens, 0 for padding, same shape; ``None`` when nothing is padding.

        Returns:
            Shape ``(batch, tokens, tags)``.
        """
        hidden = self.words(input_ids) + self.positions.weight[: input_ids.shape[1]] + self.segment
        hidden = self.norm(hidden)
        bias = None if attention_mask is None else _bias(attention_mask, hidden.dtype)
        for layer in self.layers:
            hidden = layer(hidden, bias)
        scores: Tensor = self.classifier(hidden)
        return scores


class _Layer(nn.Module):
    """Self-attention and feed-forward, each with its residual and norm after it."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        size, inner = shape.hidden_size, shape.intermediate_size
        self._heads = shape.num_attention_heads
        self._approximate = _ACTIVATIONS[shape.hidden_act]
        self.qkv = _Linear(size, 3 * size)
        self.out = _Linear(size, size)
        self.norm = nn.LayerNorm(size, eps=shape.layer_norm_eps)
        self.widen = _Linear(size, inner)
        self.narrow = _Linear(inner, size)
        self.last_norm = nn.LayerNorm(size, eps=shape.layer_norm_eps)

    def forward(self, hidden: Tensor, bias: Tensor | None) -> Tensor:
        batch, tokens, size = hidden.shape
        parts = self.qkv(hidden).view(batch, tokens, 3, self._heads, size // self._heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        hidden = self.norm(hidden + self.out(mixed.transpose(1, 2).reshape(batch, tokens, size)))
        wide = functional.gelu(self.widen(hidden), approximate=self._approximate)
        narrowed: Tensor = self.last_norm(hidden + self.narrow(wide))
        return narrowed


def _bias(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """What is added to attention scores: 0 at tokens, very low at padding; shape ``(batch, 1, 1, tokens)``."""
    return (1.0 - mask[:, None, None, :].to(dtype)) * torch.finfo(dtype).min


def bert_state(weights: Mapping[str, Tensor], shape: BertShape) -> dict[str, Tensor]:
    """The weights of a ``BertForTokenClassification`` by the names of :class:`BertTagger`.

    Raises:
        KeyError: one is missing.
    """

    def pair(name: str, old: str) -> dict[str, Tensor]:
        return {f"{name}.{kind}": weights[f"{old}.{kind}"] for kind in ("weight", "bias")}

    state = {
        "words.weight": weights["bert.embeddings.word_embeddings.weight"],
        "positions.weight": weights["bert.embeddings.position_embeddings.weight"],
        "segment": weights["bert.embeddings.token_type_embeddings.weight"][0],
        **pair("norm", "bert.embeddings.LayerNorm"),
        **pair("classifier", "classifier"),
    }
    for i in range(shape.num_hidden_layers):
        old = f"bert.encoder.layer.{i}"
        for kind in ("weight", "bias"):
            parts = [weights[f"{old}.attention.self.{part}.{kind}"] for part in _PROJECTIONS]
            state[f"layers.{i}.qkv.{kind}"] = torch.cat(parts)
        state |= pair(f"layers.{i}.out", f"{old}.attention.output.dense")
        state |= pair(f"layers.{i}.norm", f"{old}.attention.output.LayerNorm")
        state |= pair(f"layers.{i}.widen", f"{old}.intermediate.dense")
        state |= pair(f"layers.{i}.narrow", f"{old}.output.dense")
        state |= pair(f"layers.{i}.last_norm", f"{old}.output.LayerNorm")
    return state
