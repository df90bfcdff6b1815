"""The network: any encoder with token classification, and optionally a CRF on top."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from topner.errors import TopnerError
from topner.files import atomic_folder, write_json
from topner.labels import LabelSchema
from topner.model.chain import Chain, iob2_chain
from topner.model.crf import CRF
from topner.model.head import Head

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


_CRF_FILE = "crf.safetensors"
SETTINGS_FILE = "topner.json"
IGNORED = -100


class TaggerModel(nn.Module):
    """Encoder, linear layer over its hidden states, and the head that turns tag scores into a loss and a chain.

    Attributes:
        network: a plain ``transformers`` token-classification model; saved alone it is one.
        crf: the CRF, or ``None`` for the softmax head.
    """

    def __init__(self, network: PreTrainedModel, head: Head) -> None:
        super().__init__()
        self.network = network
        self.schema = LabelSchema.from_tags(tag for _, tag in sorted((network.config.id2label or {}).items()))
        self.crf = CRF(self.schema.tags) if head == "crf" else None

    @property
    def head(self) -> Head:
        """The kind of head."""
        return "softmax" if self.crf is None else "crf"

    @property
    def config(self) -> Any:
        """The ``transformers`` configuration."""
        return self.network.config

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def chain(self) -> Chain:
        """Scores of the moves between tags for decoding."""
        return iob2_chain(self.schema.tags) if self.crf is None else self.crf.chain()

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, labels: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Tag scores and loss.

        Args:
            input_ids: shape ``(batch, tokens)``.
            attention_mask: 1 for tokens, 0 for padding; same shape.
            labels: tag ids, -100 where there is nothing to learn; same shape.

        Returns:
            ``logits``, shape ``(batch, tokens, tags)``: for the softmax head log-probabilities up to a constant a token, for
            the CRF its emissions; and ``loss``, a scalar, when labels are given: mean over labelled tokens.
        """
        logits = self.network(input_ids=input_ids, attention_mask=attention_mask).logits
        if labels is None:
            return {"logits": logits}
        if self.crf is not None:
            return {"loss": self.crf(logits, labels, IGNORED), "logits": logits}
        loss = functional.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), ignore_index=IGNORED)
        return {"loss": loss, "logits": logits}


def quiet_transformers() -> None:
    """Keep the loading bars and notices of ``transformers`` off the terminal: what matters to a person we say ourselves."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def new_model(
    encoder: str,
    schema: LabelSchema,
    head: Head,
    attention: str,
    dropout: float | None = None,
    attention_dropout: float | None = None,
) -> TaggerModel:
    """A tagger to be trained, on a pretrained encoder.

    Args:
        encoder: folder or hub id of a ``transformers`` encoder.
        schema: label set.
        head: ``softmax`` or ``crf``.
        attention: ``eager`` or ``sdpa``.
        dropout: of the hidden states; ``None`` keeps the encoder's.
        attention_dropout: of the attention weights; ``None`` keeps the encoder's.

    Raises:
        TopnerError: the encoder cannot be loaded.
    """
    from transformers import AutoModelForTokenClassification

    quiet_transformers()
    wanted = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": attention_dropout}
    options = {name: value for name, value in wanted.items() if value is not None}
    try:
        network = AutoModelForTokenClassification.from_pretrained(
            encoder,
            id2label=schema.id2label,
            label2id=schema.label2id,
            attn_implementation=attention,
            dtype=torch.float32,
            **options,
        )
    except (OSError, ValueError) as error:
        raise TopnerError(f"the encoder {encoder!r} cannot be loaded: {error}") from None
    return TaggerModel(network, head)


def save_model(
    model: TaggerModel, tokenizer: PreTrainedTokenizerBase, folder: Path, settings: dict[str, Any], half: bool = False
) -> None:
    """Write a model folder that plain ``transformers`` loads; the CRF goes into a file of its own beside it.

    Args:
        model: the tagger.
        tokenizer: its tokenizer.
        folder: replaced as a whole.
        settings: what inference needs to know (cleaning, window), kept in ``topner.json``.
        half: store weights in half precision.
    """
    state = {name: tensor.detach().clone() for name, tensor in model.network.state_dict().items()}
    if half:
        state = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    with atomic_folder(folder) as temporary:
        model.network.save_pretrained(temporary, state_dict=state)
        tokenizer.save_pretrained(temporary)
        if model.crf is not None:
            save_file(dict(model.crf.state_dict()), temporary / _CRF_FILE)
        write_json(temporary / SETTINGS_FILE, {**settings, "head": model.head})


def load_model(folder: Path, attention: str = "sdpa") -> tuple[TaggerModel, dict[str, Any]]:
    """Load a model folder that :func:`save_model` wrote, in single precision, ready for inference.

    A plain ``transformers`` token-classification folder with IOB2 labels loads as well, with default settings.

    Raises:
        TopnerError: the folder holds no model, a broken one, or labels that are not IOB2.
    """
    from transformers import AutoModelForTokenClassification

    quiet_transformers()
    if not (folder / "config.json").is_file():
        raise TopnerError("holds no model (config.json is missing)", path=folder)
    try:
        settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        settings = {}
    except json.JSONDecodeError as error:
        raise TopnerError(f"is not JSON: {error}", path=folder / SETTINGS_FILE) from None
    try:
        network = AutoModelForTokenClassification.from_pretrained(
            folder, attn_implementation=attention, dtype=torch.float32, use_safetensors=True, local_files_only=True
        )
        model = TaggerModel(network, "crf" if settings.get("head") == "crf" else "softmax")
        if model.crf is not None:
            model.crf.load_state_dict(load_file(folder / _CRF_FILE))
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise TopnerError(f"the model cannot be loaded: {error}", path=folder) from None
    return model.eval(), settings
