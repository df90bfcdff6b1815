"""The network: any encoder with token classification, and optionally a CRF on top."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from topner.errors import TopnerError
from topner.files import atomic_folder, write_json
from topner.labels import LabelSchema
from topner.model.chain import Chain, iob2_chain
from topner.model.crf import CRF
from topner.model.folder import CRF_FILE, SETTINGS_FILE, check_model_folder, read_object, read_shapes
from topner.model.head import Head

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


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
        TopnerError: the encoder cannot be loaded, or has no such dropout.
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
            use_safetensors=True,
            trust_remote_code=False,
            **options,
        )
    except (OSError, ValueError) as error:
        hint = "it must hold safetensors; pickled weights (.bin) are never read"
        raise TopnerError(f"the encoder {encoder!r} cannot be loaded: {error}", hint=hint) from None
    except TypeError as error:
        if not options:
            raise TopnerError(f"the encoder {encoder!r} cannot be loaded: {error}") from None
        hint = "leave out model.dropout and model.attention_dropout: the encoder's own then hold"
        raise TopnerError(f"the encoder {encoder!r} does not take {', '.join(options)}: {error}", hint=hint) from None
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
            save_file(dict(model.crf.state_dict()), temporary / CRF_FILE)
        write_json(temporary / SETTINGS_FILE, {**settings, "head": model.head})


def load_model(folder: Path, attention: str = "sdpa") -> tuple[TaggerModel, dict[str, Any]]:
    """Load a model folder that :func:`save_model` wrote, in single precision, ready for inference.

    A plain ``transformers`` token-classification folder with IOB2 labels loads as well, with default settings.

    Raises:
        TopnerError: the folder holds no model, a broken or unsafe one (see :func:`topner.model.folder.check_model_folder`),
            or labels that are not IOB2.
    """
    from transformers import AutoModelForTokenClassification

    quiet_transformers()
    check_model_folder(folder)
    settings = read_object(folder / SETTINGS_FILE) if (folder / SETTINGS_FILE).is_file() else {}
    try:
        network, report = AutoModelForTokenClassification.from_pretrained(
            folder,
            attn_implementation=attention,
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
        model = TaggerModel(network, "crf" if settings.get("head") == "crf" else "softmax")
        if model.crf is not None:
            read_shapes(folder / CRF_FILE)
            model.crf.load_state_dict(load_file(folder / CRF_FILE))
    except TopnerError as error:
        raise TopnerError(error.message, path=error.path or folder, hint=error.hint) from None
    except (
        Exception
    ) as error:  # values of the wrong kind in config.json end in any exception, somewhere in transformers
        raise TopnerError(f"the model cannot be loaded: {type(error).__name__}: {error}", path=folder) from None
    if missing := sorted(report["missing_keys"]):
        message = f"{len(missing)} weights are missing, such as {missing[0]}: it was not trained to tag"
        raise TopnerError(message, path=folder, hint="train it with topner train")
    return model.eval(), settings
