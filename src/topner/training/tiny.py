"""A recipe of seconds: a narrow encoder made on the spot and a few documents, for scripts that try training out."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml


def write_encoder(text: str, folder: Path) -> None:
    """Write a BERT of two layers of 64 over the characters of the text, its weights drawn with a fixed seed."""
    import torch
    from transformers import BertConfig, BertModel

    from topner.encoder.build import character_tokenizer
    from topner.encoder.vocabulary import SPECIAL
    from topner.model.tagger_model import quiet_transformers

    quiet_transformers()
    characters = sorted(set(text))
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(characters) + len(SPECIAL),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=128,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    character_tokenizer(characters, 128).save_pretrained(folder)


def write_recipe(recipe: Path, documents: Sequence[Path], dev: int, folder: Path, changes: dict[str, Any]) -> Path:
    """Write the encoder, the documents and a configuration that trains the one on the others.

    Args:
        recipe: the configuration to start from.
        documents: annotated ones, a file each.
        dev: how many of them, the last, are the dev split; the others are trained on.
        folder: gets ``encoder``, ``train``, ``dev`` and ``train.yaml``.
        changes: values of the section ``training``.

    Returns:
        The path of the configuration.
    """
    for name, files in (("train", documents[:-dev]), ("dev", documents[-dev:])):
        (folder / name).mkdir(parents=True)
        for path in files:
            shutil.copy(path, folder / name)
    write_encoder("".join(path.read_text(encoding="utf-8") for path in documents), folder / "encoder")
    config = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    config["data"] = {"train": str(folder / "train"), "dev": str(folder / "dev")}
    config["model"] = {**config["model"], "encoder": str(folder / "encoder"), "head": "crf"}
    config["training"] = {**config["training"], "learning_rate": 2e-3, "head_learning_rate": 2e-2, **changes}
    (folder / "train.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return folder / "train.yaml"
