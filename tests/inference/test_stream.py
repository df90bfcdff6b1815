"""A text in pieces is tagged as the whole text is, whatever it is made of and wherever it is cut."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, BertTokenizer

from topner.document import Document
from topner.inference import decode, stream, tagger
from topner.inference.batches import Workload
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.model.tagger_model import new_model, save_model
from topner.text.clean import CleanConfig

BITS = [
    *"增长力争市委发展園區鐵路云湖新城項目，。；？：（）() 　\r５％5%<>&", "。", "\n", "\n\n", "。\n", "\n", "(zhǎng)", "(shu)",
    "ài)", "<p>", "<b>", "&nbsp;", "\u200b", "𠮷", "😀", "”", "[PAD]", "[MASK", "力争增长5%，推进云湖新城。",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(BITS), max_size=160).map("".join)


def made(encoder, folder, head, tokenizer=None):
    torch.manual_seed(11)
    model = new_model(str(encoder), LabelSchema(), head, "eager")
    with torch.no_grad():
        model.network.classifier.weight.normal_(std=1.5)
    tokenizer = tokenizer or AutoTokenizer.from_pretrained(encoder)
    save_model(model, tokenizer, folder, settings_of(CleanConfig(), 24, 8))
    return Tagger.from_pretrained(folder, precision="fp32")


@pytest.fixture(scope="module", params=["crf", "softmax", "wordpiece"])
def whole(request, encoder, tmp_path_factory):
    """A tagger that finds mentions everywhere and takes each of these texts whole."""
    if request.param != "wordpiece":
        return made(encoder, tmp_path_factory.mktemp("model"), request.param)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"增长市云湖新城项目力争推进，。", "5", "##5", "%"]
    tokenizer = BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)})
    return made(encoder, tmp_path_factory.mktemp("model"), "crf", tokenizer)


def alike(one, other):
    assert [m.key for m in one.mentions] == [m.key for m in other.mentions]
    assert [m.score for m in one.mentions] == pytest.approx([m.score for m in other.mentions], abs=1e-4)


@settings(max_examples=150, deadline=None)
@given(text=TEXT, piece=st.integers(2, 20), scored=st.integers(20, 90), chunk=st.integers(3, 30))
def test_in_pieces_as_in_one(whole, text, piece, scored, chunk):
    wanted = whole(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tagger, "_ROUND", scored)
        patch.setattr(stream, "_CHUNK", chunk)
        alike(replace(whole, piece=piece)(text), wanted)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(TEXT, max_size=5), size=st.integers(1, 5), budget=st.integers(24, 400), scored=st.integers(20, 400)
)
def test_company_does_not_change_an_answer(whole, texts, size, budget, scored):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tagger, "_ROUND", scored)
        found = list(replace(whole, budget=budget).pipe(texts, size))
    assert [document.text for document in found] == texts
    for document, text in zip(found, texts, strict=True):
        alike(document, whole(text))


@pytest.mark.parametrize("line", ["云湖新城增长", "力争增长5%，推进云湖新城。", "市委（发展）园区。\n"])
def test_a_long_text_is_held_in_part(whole, line, monkeypatch):
    text = line * (4000 // len(line))
    monkeypatch.setattr(decode, "BLOCK", 64)
    for module in (decode, stream):
        monkeypatch.setattr(module, "CONTEXT", 32)
    wanted = whole(text)
    monkeypatch.setattr(tagger, "_ROUND", 200)
    monkeypatch.setattr(stream, "_CHUNK", 100)
    held = []
    remembering = stream.TextStream._forget

    def forget(self):
        remembering(self)
        held.append(len(self._ids))

    monkeypatch.setattr(stream.TextStream, "_forget", forget)
    alike(replace(whole, piece=100)(text), wanted)
    assert len(held) > 10
    limit = 1000 if whole.tokenizer.table is not None or "。" in line else len(text)
    assert max(held) <= limit


def test_score_and_pipe_agree_on_a_long_text(whole):
    text = "力争增长5%，推进云湖新城项目。\n市委发展园区。" * 60
    tagged = replace(whole, piece=90)(text)
    assert len(tagged.mentions) > 20
    alike(replace(whole, piece=90).score(tagged), tagged)


def test_padding_is_counted(whole):
    counting = replace(whole, workload=Workload())
    assert counting.padding_share == 0.0
    list(counting.pipe(["云湖新城", "云湖" * 8]))
    frame = len(whole.tokenizer.before) + len(whole.tokenizer.after)
    sizes = [len(whole.tokenizer.read(text)) + frame for text in ("云湖新城", "云湖" * 8)]
    assert counting.workload.positions == 2 * max(sizes)
    assert counting.padding_share == pytest.approx((max(sizes) - min(sizes)) / (2 * max(sizes)))


def test_a_text_of_reserved_words_alone(whole):
    assert isinstance(whole("[PAD][PAD][SEP]" * 20), Document)
    assert whole.first_window("").shape == (0,)
    assert whole.first_window("云湖").dtype == np.int64
