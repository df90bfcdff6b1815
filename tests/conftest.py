"""Fixtures for every room: a tiny encoder and a tiny corpus, made on the spot; nothing touches the user's cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

TEXTS = {
    "gz-2024": (
        "work_report",
        "今年，全市力争[地区生产总值增长5.5%以上](TARGET)，[工业投资突破300亿元](TARGET)。\n"
        "支持[东江材料实验室](ORG)建设，推进[赣深铁路二期](PROJECT)、“[百园提升行动](PROJECT)”。",
    ),
    "gz-2025": (
        "work_report",
        "去年完成投资120亿元，增长7.1%。[市发展改革委](ORG)要求，确保[新增规上企业60家](TARGET)、[达到900家](TARGET)。",
    ),
    "st-01": (
        "statement",
        "[市科技局](ORG)局长陈𠮷表示，争取[引进2个科研团队](TARGET)和[20名领军人才](TARGET)😀，办好[“科创杯”大赛](PROJECT)。",
    ),
    "st-02": (
        "statement",
        "[县委](ORG)书记说，全力推动[60个重点项目开工](TARGET)，加快[云湖新城](PROJECT)建设。该县各部门行动起来。",
    ),
    "nw-01": ("local_news", "[华远电气](ORG)的新车间昨日投产，厂区占地300亩。[云湖新城](PROJECT)里，路灯亮了。"),
    "nw-02": (
        "local_news",
        "[市水利局](ORG)介绍，[清河水库](PROJECT)加固后可[新增灌溉面积3万亩](TARGET)，２０２６年汛前完工。",
    ),
    "pl-01": (
        "plan",
        "到2027年，[高新技术企业达到500家](TARGET)，[研发投入占比2.8%](TARGET)。（责任单位：[市科技局](ORG)）",
    ),
    "pl-02": (
        "plan",
        "实施[千村焕新工程](PROJECT)，[改造老旧小区80个](TARGET)，[新建公园12座](TARGET)，让群众看得见变化。",
    ),
}


def write_corpus(folder: Path) -> Path:
    """Write the tiny corpus as inline markup."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (genre, text) in TEXTS.items():
        (folder / f"{name}.txt").write_text(f"---\nid: {name}\ngenre: {genre}\n---\n{text}\n", encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a cache of its own."""
    monkeypatch.setenv("TOPNER_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("TOPNER_MODEL", raising=False)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the tiny corpus."""
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two narrow layers over the characters of the tiny corpus."""
    import torch
    from transformers import BertConfig, BertModel

    from topner.encoder.build import character_tokenizer
    from topner.encoder.vocabulary import SPECIAL

    folder = tmp_path_factory.mktemp("encoder")
    characters = sorted(set("".join(text for _, text in TEXTS.values()) + "0123456789%，。、；\n "))
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(characters) + len(SPECIAL),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    character_tokenizer(characters, 128).save_pretrained(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path, corpus: Path, encoder: Path) -> dict[str, Any]:
    """Values of a training configuration that runs in a second or two."""
    return {
        "run": str(tmp_path / "run"),
        "seed": 3,
        "data": {"path": str(corpus), "shares": {"train": 0.5, "dev": 0.25, "test": 0.25}},
        "window": {"size": 48, "overlap": 12},
        "model": {"encoder": str(encoder), "head": "softmax"},
        "training": {"epochs": 2, "batch_size": 4, "learning_rate": 1e-3, "head_learning_rate": 1e-2, "bf16": False},
    }
