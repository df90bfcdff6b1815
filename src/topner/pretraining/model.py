"""A BERT whose masked-language-model head looks at the hidden tokens alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from topner.encoder.locate import find_encoder
from topner.errors import TopnerError
from topner.model.tagger_model import quiet_transformers
from topner.pretraining.config import PretrainModelConfig
from topner.pretraining.masking import IGNORED

if TYPE_CHECKING:
    from transformers import BertForMaskedLM


class MaskedModel(nn.Module):
    """``network`` with a loss over chosen positions: the vocabulary's matrix is applied to one token in five, not to all."""

    def __init__(self, network: BertForMaskedLM) -> None:
        super().__init__()
        self.network = network
        self.register_state_dict_post_hook(_drop_tied)  # type: ignore[no-untyped-call]
        self._keys_to_ignore_on_save: list[str] | None = None  # the Trainer asks when a checkpoint lacks a tied copy

    def forward(self, input_ids: Tensor, positions: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Loss and scores of the hidden tokens.

        Args:
            input_ids: shape ``(batch, tokens)``, without padding.
            positions: of the hidden tokens, shape ``(batch, hidden)``.
            targets: their ids, -100 where a position only fills up; same shape.

        Returns:
            ``loss``, the mean cross-entropy in nats, and ``logits`` of shape ``(batch, hidden, vocabulary)``.
        """
        states = self.network.bert(input_ids=input_ids).last_hidden_state
        chosen = states.gather(1, positions.unsqueeze(-1).expand(-1, -1, states.shape[-1]))
        logits = self.network.cls(chosen)
        total = functional.cross_entropy(
            logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum"
        )
        loss = total / (targets != IGNORED).sum().clamp(min=1)  # a core's part of a batch may hide nothing
        return {"loss": loss, "logits": logits}


def _drop_tied(module: nn.Module, state: dict[str, Tensor], prefix: str, metadata: object) -> None:
    """Leave the tied copies out of checkpoints: safetensors stores no tensor twice."""
    for copy in getattr(module.network, "all_tied_weights_keys", None) or {}:
        state.pop(f"{prefix}network.{copy}", None)


def masked_model(config: PretrainModelConfig, attention: str) -> MaskedModel:
    """The network to be pretrained, in single precision, the output matrix tied to the embeddings.

    Raises:
        TopnerError: the encoder cannot be loaded, is no BERT, or lacks a layer that is named.
    """
    from transformers import AutoConfig, BertForMaskedLM

    quiet_transformers()
    encoder = find_encoder(config.encoder)
    try:
        settings = AutoConfig.from_pretrained(encoder, trust_remote_code=False)
        if settings.model_type != "bert":
            raise TopnerError(f"{encoder!r} is a {settings.model_type} model", hint="pretraining needs a BERT encoder")
        if config.from_scratch:
            settings._attn_implementation = attention
            network = BertForMaskedLM(settings)
        else:
            network = BertForMaskedLM.from_pretrained(
                encoder,
                attn_implementation=attention,
                dtype=torch.float32,
                use_safetensors=True,
                trust_remote_code=False,
            )
    except (OSError, ValueError) as error:
        hint = "it must hold safetensors; pickled weights (.bin) are never read"
        raise TopnerError(f"the encoder {encoder!r} cannot be loaded: {error}", hint=hint) from None
    _keep_layers(network, config.layers)
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = config.dropout
    return MaskedModel(network)


def _keep_layers(network: BertForMaskedLM, layers: list[int] | None) -> None:
    if layers is None:
        return
    there = network.bert.encoder.layer
    if not layers or max(layers) >= len(there) or min(layers) < 0:
        raise TopnerError(f"model.layers names {layers}, the encoder has layers 0 to {len(there) - 1}")
    network.bert.encoder.layer = nn.ModuleList(there[i] for i in layers)
    network.config.num_hidden_layers = len(layers)


def flops_per_token(network: BertForMaskedLM, length: int, hidden_share: float) -> float:
    """Floating-point operations of one training step for each token: matrix products of forward and backward passes.

    Two for each weight and token forward, twice that backward (Kaplan et al. 2020, arXiv:2001.08361, section 2.1);
    attention adds ``4 * length * hidden size`` a layer; the output matrix counts for the hidden tokens alone.

    Args:
        network: the model.
        length: tokens of a sequence.
        hidden_share: hidden tokens by tokens, 0 to 1.
    """
    config = network.config
    weights = sum(weight.numel() for weight in network.bert.encoder.parameters() if weight.dim() == 2)
    attention = 4 * length * config.hidden_size * config.num_hidden_layers
    head = 2 * config.hidden_size * (config.vocab_size + config.hidden_size) * hidden_share
    return 3 * (2 * weights + attention + head)


def peak_flops(device: torch.device, dtype: torch.dtype, size: int = 2048, tries: int = 5) -> float:
    """Floating-point operations a second of the best of ``tries`` square matrix products: what utilisation is measured by."""
    import time

    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    best = float("inf")
    for _ in range(tries + 1):
        if device.type == "cuda":
            torch.cuda.synchronize()
        began = time.perf_counter()
        left @ right
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best
