import hashlib

import pytest
import torch
from transformers import AutoTokenizer

from topner.doctor import models
from topner.encoder.build import character_tokenizer
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.model.tagger_model import new_model, save_model
from topner.text.clean import CleanConfig


@pytest.fixture
def tagger(encoder, tmp_path):
    torch.manual_seed(3)
    model = new_model(str(encoder), LabelSchema(), "softmax", "eager")
    save_model(model, AutoTokenizer.from_pretrained(encoder), tmp_path / "tagger", settings_of(CleanConfig(), 48, 12))
    return tmp_path / "tagger"


def one(check, *arguments):
    (finding,) = check(*arguments)
    return finding


def test_hashes(tagger):
    found = one(models.check_weights, (tagger,))
    assert found.state == "ok"
    assert "no list of hashes" in found.said
    names = sorted(path.name for path in tagger.iterdir())
    rows = [f"{hashlib.sha256((tagger / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (tagger / models.SUMS).write_text("".join(rows), encoding="utf-8")
    assert "as listed" in one(models.check_weights, (tagger,)).said
    (tagger / "topner.json").write_text("{}", encoding="utf-8")
    found = one(models.check_weights, (tagger,))
    assert found.state == "problem"
    assert found.said.startswith("topner.json in")
    (tagger / "topner.json").unlink()
    assert one(models.check_weights, (tagger,)).state == "problem"
    (tagger / models.SUMS).write_text("00  ../../secret\n", encoding="utf-8")
    assert "line 1" in one(models.check_weights, (tagger,)).said


def test_broken_and_missing_weights(tagger, tmp_path):
    assert one(models.check_weights, (tmp_path / "none",)).state == "warning"
    (tagger / "model.safetensors").write_bytes(b"")
    found = one(models.check_weights, (tagger, tmp_path / "none"))
    assert found.state == "problem"
    assert "cannot be loaded" in found.said


def test_a_tokenizer_that_knows_chinese():
    tokenizer = character_tokenizer(sorted({*models.SENTENCE, *models._QUOTES, *"甲𠮷😀0123456789年%"}), 64)
    assert {finding.state for finding in models.judge_tokenizer(tokenizer)} == {"ok"}


def test_a_tokenizer_that_does_not(encoder):
    found = {finding.name: finding for finding in models.check_tokenizer(encoder)}
    assert found["tokenizer: marks"].state == "warning"
    assert "《" in found["tokenizer: marks"].said
    poor = character_tokenizer(sorted("abc"), 64)
    assert next(iter(models.judge_tokenizer(poor))).state == "problem"


def test_a_tokenizer_that_joins_digits_and_one_with_wrong_offsets(encoder, monkeypatch):
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    import topner.dataset.tokens as tokens

    right = tokens.tokenize

    def joined(text, tokenizer):
        made = right(text, tokenizer)
        offsets = made.offsets.copy()
        if text.startswith("2026"):
            offsets[0] = 0, 4
        else:
            offsets[:, 1] = offsets[:, 0]
        return tokens.Tokens(made.ids, offsets)

    monkeypatch.setattr(tokens, "tokenize", joined)
    found = {finding.name: finding.state for finding in models.judge_tokenizer(tokenizer)}
    assert found["tokenizer: digits"] == "warning"
    assert found["tokenizer: offsets"] == "problem"


def test_no_model_at_all(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "packaged", lambda name: tmp_path / name)
    monkeypatch.setenv("TOPNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("topner.encoder.locate.packaged", lambda name: tmp_path / name)
    assert one(models.check_tokenizer).state == "warning"
    assert one(models.check_prediction).todo.startswith("install topner again")


def test_prediction(tagger, monkeypatch):
    monkeypatch.setenv("TOPNER_MODEL", str(tagger))
    assert one(models.check_prediction).state in ("ok", "warning")
    mention = models.SENTENCE.index("市科技局")

    def tag(self, text):
        from topner.document import Document

        return Document.from_spans("0", text, [(mention, mention + 4, "ORG")])

    monkeypatch.setattr(Tagger, "__call__", tag)
    found = one(models.check_prediction)
    assert found.state == "ok"
    assert found.said.startswith("市科技局 ORG (")
    monkeypatch.setattr(Tagger, "__call__", lambda self, text: tag(self, "x" + text))
    assert one(models.check_prediction).state == "problem"
    monkeypatch.setattr(Tagger, "__call__", lambda self, text: tag(self, text).with_mentions(()))
    assert one(models.check_prediction).said.startswith("no mention")
    (tagger / "model.safetensors").write_bytes(b"PK")
    assert one(models.check_prediction).state == "problem"
