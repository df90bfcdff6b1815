import pytest
from transformers import AutoTokenizer, BertTokenizer

from topner.dataset.tokens import check_tokenizer, require_fast, special_frame, tokenize, unknown_share
from topner.encoder.build import character_tokenizer
from topner.errors import TopnerError


def test_one_token_a_character_with_its_offset(encoder):
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    text = "增长5%😀\n云 湖𠮷"
    tokens = tokenize(text, tokenizer)
    assert tokens.offsets.tolist() == [[i, i + 1] for i in range(len(text))]


def test_the_frame_of_special_tokens(encoder):
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    before, after = special_frame(tokenizer)
    assert (before, after) == ([tokenizer.cls_token_id], [tokenizer.sep_token_id])
    assert tokenizer("云湖")["input_ids"] == [*before, *tokenize("云湖", tokenizer).ids, *after]


def test_a_vocabulary_that_was_not_loaded_is_found_out():
    tokenizer = BertTokenizer()  # transformers 5 makes one of five special tokens
    with pytest.raises(TopnerError, match="knows too little"):
        check_tokenizer(["力争地区生产总值增长5.5%"], tokenizer)
    assert unknown_share([], tokenizer) == 0.0
    check_tokenizer(["增长"], character_tokenizer(["增", "长"]))


def test_a_slow_tokenizer_is_refused():
    class Slow:
        is_fast = False

    with pytest.raises(TopnerError, match="gives no offsets"):
        require_fast(Slow())
