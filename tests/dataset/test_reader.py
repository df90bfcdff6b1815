import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer, BertTokenizer, PreTrainedTokenizerFast

from topner.dataset.reader import TokenReader, character_table
from topner.dataset.tokens import tokenize
from topner.errors import TopnerError

TEXT = st.one_of(
    st.text(max_size=40).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)),
    st.lists(st.sampled_from([*"增长5%云湖 \n\t　“”𠮷😀é́Ａ", "[PAD]", "[UNK", "[SEP]", "e\u0301"]), max_size=30).map(
        "".join
    ),
)


def same(reader, tokenizer, text):
    found, wanted = reader.read(text), tokenize(text, tokenizer)
    assert found.ids.tolist() == wanted.ids.tolist()
    assert found.offsets.tolist() == wanted.offsets.tolist()
    assert found.ids.dtype == found.offsets.dtype == np.int64


@settings(max_examples=300, deadline=None)
@given(text=TEXT)
def test_the_table_gives_what_the_tokenizer_gives(encoder, text):
    reader = TokenReader.load(encoder)
    assert reader.table is not None
    same(reader, AutoTokenizer.from_pretrained(encoder), text)


def wordpiece(**options):
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"增长市云湖", "gdp", "20", "##25", "5", "%", "。", "“"]
    return BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, **options)


@settings(max_examples=200, deadline=None)
@given(text=TEXT)
def test_other_tokenizers_read_as_they_are(text):
    tokenizer = wordpiece()
    reader = TokenReader.of(tokenizer)
    assert reader.table is None
    same(reader, tokenizer, text)


def test_a_folder_that_transformers_must_load(tmp_path):
    tokenizer = wordpiece()
    tokenizer.save_pretrained(tmp_path)
    reader = TokenReader.load(tmp_path)
    same(reader, tokenizer, "GDP增长2025%。")
    assert (reader.before, reader.after, reader.padding) == ([2], [3], 0)


def test_tokens_with_a_leading_space_are_trimmed():
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "▁云": 1, "湖": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"\s?\S"), behavior="isolated")
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]")
    same(TokenReader.of(fast), fast, "云 湖\n增 长")
    assert TokenReader.of(fast).read("云 湖").offsets.tolist() == [[0, 1], [2, 3]]


def test_the_tokenizer_given_is_left_alone(encoder):
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    tokenizer("云湖新城", truncation=True, max_length=3)
    before = tokenizer.backend_tokenizer.to_str()
    reader = TokenReader.of(tokenizer)
    assert len(reader.read("云湖新城").ids) == 4
    assert tokenizer.backend_tokenizer.to_str() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda t: setattr(t, "normalizer", normalizers.Lowercase()),
        lambda t: setattr(t, "pre_tokenizer", pre_tokenizers.Split(Regex(r"\S"), behavior="isolated")),
        lambda t: setattr(t, "model", models.WordPiece({"[UNK]": 0, "增": 1}, unk_token="[UNK]")),
    ],
)
def test_no_table_where_characters_do_not_stand_alone(encoder, change):
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    assert character_table(json.loads(tokenizer.to_str())) is not None
    change(tokenizer)
    assert character_table(json.loads(tokenizer.to_str())) is None


def test_a_broken_tokenizer_is_told(tmp_path):
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "TokenizersBackend"}')
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(TopnerError, match="tokenizer cannot be loaded"):
        TokenReader.load(tmp_path)
