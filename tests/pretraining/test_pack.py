import json

import numpy as np
import pytest
from transformers import AutoTokenizer

import topner.pretraining.pack as pack
from topner.corpus.standoff import split_standoff
from topner.document import Document
from topner.errors import TopnerError
from topner.pretraining.config import MaskConfig, TextConfig
from topner.pretraining.pack import encode, is_held_out, pack_text, word_starts

PARAGRAPHS = ["今年，全市力争地区生产总值增长5.5%以上。", "市科技局局长陈𠮷😀表示，加快云湖新城建设"]


@pytest.fixture
def tokenizer(encoder):
    return AutoTokenizer.from_pretrained(encoder)


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n\n".join(PARAGRAPHS * 40), encoding="utf-8")
    return TextConfig.model_validate({"sources": [{"path": path}], "held_out": 0.2})


def standoff(text):
    (record,) = split_standoff([Document.from_spans("甲", text, [])], "\n\n".join(PARAGRAPHS).split("\n"))
    return json.dumps(record)


def test_paragraphs_keep_their_text_and_documents_end_with_the_separator(tokenizer):
    ids, starts = encode(PARAGRAPHS, tokenizer, None)
    assert tokenizer.decode(ids) == "\n".join(PARAGRAPHS) + "\n[SEP]"
    assert starts.all()


def test_words_begin_where_the_segmenter_says(tokenizer):
    ids, starts = encode(PARAGRAPHS, tokenizer, word_starts())
    words = [
        "".join(tokenizer.convert_ids_to_tokens(part.tolist())) for part in np.split(ids, np.flatnonzero(starts)[1:])
    ]
    assert "".join(words) == "\n".join(PARAGRAPHS) + "\n[SEP]"
    assert "建设" in words
    assert words[-2:] == ["\n", "[SEP]"]


def test_each_document_is_in_one_part_and_none_is_lost(text, tokenizer, tmp_path):
    packed = pack_text(text, MaskConfig(), tokenizer, tmp_path / "cache")
    documents = [is_held_out("text", number, 0.2) for number in range(80)]
    assert 0 < sum(documents) < 40
    for part, held_out in (("train", False), ("held_out", True)):
        ids = packed[part].ids
        assert packed[part].ranges == {"text": (0, len(ids))}
        assert (ids == tokenizer.sep_token_id).sum() == documents.count(held_out)


def test_text_is_tokenised_once_until_it_changes(text, tokenizer, tmp_path, monkeypatch):
    first = pack_text(text, MaskConfig(), tokenizer, tmp_path / "cache")
    monkeypatch.setattr(pack, "encode", lambda *_: pytest.fail("tokenised again"))
    again = pack_text(text, MaskConfig(rate=0.4), tokenizer, tmp_path / "cache")
    assert again["train"].digest == first["train"].digest
    monkeypatch.undo()
    text.sources[0].path.write_text("\n\n".join(PARAGRAPHS * 60), encoding="utf-8")
    changed = pack_text(text, MaskConfig(), tokenizer, tmp_path / "cache")
    assert changed["train"].digest != first["train"].digest


def test_too_little_text_is_said_and_nothing_half_written_is_left(tokenizer, tmp_path):
    (tmp_path / "a.txt").write_text("短", encoding="utf-8")
    with pytest.raises(TopnerError, match="held_out"):
        pack_text(
            TextConfig.model_validate({"sources": [{"path": tmp_path / "a.txt"}]}),
            MaskConfig(),
            tokenizer,
            tmp_path / "c",
        )
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(TopnerError, match="not UTF-8"):
        pack_text(
            TextConfig.model_validate({"sources": [{"path": tmp_path / "b.txt"}]}),
            MaskConfig(),
            tokenizer,
            tmp_path / "d",
        )
    assert not list((tmp_path / "d").iterdir())


def test_other_lines_left_out_are_other_tokens_and_a_missing_list_is_said(tokenizer, text, tmp_path):
    measured = tmp_path / "measured.jsonl"
    shorter = text.model_copy(update={"sources": [text.sources[0].model_copy(update={"without": measured})]})
    with pytest.raises(TopnerError, match="cannot be read"):
        pack_text(shorter, MaskConfig(), tokenizer, tmp_path / "cache")
    measured.write_text(standoff(PARAGRAPHS[0]), encoding="utf-8")
    whole = pack_text(text, MaskConfig(), tokenizer, tmp_path / "cache")
    first = pack_text(shorter, MaskConfig(), tokenizer, tmp_path / "cache")
    measured.write_text(standoff("\n\n".join(PARAGRAPHS)), encoding="utf-8")
    second = pack_text(shorter, MaskConfig(), tokenizer, tmp_path / "cache")
    sizes = [sum(len(part.ids) for part in packed.values()) for packed in (whole, first, second)]
    assert sizes[0] - sizes[1] == len(PARAGRAPHS[0]) + 2
    assert sizes[1] - sizes[2] == len(PARAGRAPHS[1]) + 2
