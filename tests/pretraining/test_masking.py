import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from topner.pretraining.config import MaskConfig
from topner.pretraining.masking import Vocabulary, budget_of, choose, hide


@st.composite
def sequences(draw):
    length = draw(st.integers(1, 60))
    flags = st.lists(st.booleans(), min_size=length, max_size=length)
    starts, maskable = np.array(draw(flags)), np.array(draw(flags))
    starts[0] = True
    return starts, maskable


@settings(deadline=None)
@given(sequences(), st.floats(0.05, 0.85), st.sampled_from(["span", "word"]), st.integers(1, 6), st.integers(0, 99))
def test_exactly_the_budget_of_maskable_tokens_is_hidden(sequence, rate, unit, longest, seed):
    starts, maskable = sequence
    config = MaskConfig(rate=rate, unit=unit, longest=longest)
    hidden = choose(starts, maskable, config, np.random.default_rng(seed))
    assert hidden.shape == starts.shape
    assert not (hidden & ~maskable).any()
    assert hidden.sum() == budget_of(maskable.sum(), rate)


@settings(deadline=None)
@given(sequences(), st.integers(0, 99))
def test_words_are_hidden_whole_but_for_the_one_that_meets_the_budget(sequence, seed):
    starts, _ = sequence
    hidden = choose(starts, np.ones_like(starts), MaskConfig(rate=0.3, unit="word"), np.random.default_rng(seed))
    words = np.split(hidden, np.flatnonzero(starts)[1:])
    assert sum(word.any() and not word.all() for word in words) <= 1


def test_spans_are_longer_than_single_tokens_and_every_token_is_hidden_alike():
    starts, rng = np.ones(40, dtype=bool), np.random.default_rng(5)
    hidden = np.array([choose(starts, starts, MaskConfig(rate=0.2), rng) for _ in range(4000)])
    runs = (hidden[:, 1:] & ~hidden[:, :-1]).sum() + hidden[:, 0].sum()
    assert 1.6 < hidden.sum() / runs < 2.6  # a geometric length cut at 4 has mean 2.2; neighbours may join
    assert hidden.mean(axis=0) == pytest.approx(np.full(40, 0.2), abs=0.03)


def test_hidden_tokens_are_masked_swapped_or_kept(encoder):
    vocabulary = Vocabulary.of(AutoTokenizer.from_pretrained(encoder))
    ids = np.full(20_000, vocabulary.plain[3])
    hidden = np.arange(20_000) % 2 == 0
    shown = hide(ids, hidden, vocabulary, np.random.default_rng(1))
    assert (shown[~hidden] == ids[0]).all()
    assert (shown[hidden] == vocabulary.mask).mean() == pytest.approx(0.8, abs=0.02)
    assert (shown[hidden] == ids[0]).mean() == pytest.approx(0.1, abs=0.02)
    assert vocabulary.maskable[shown[hidden & (shown != vocabulary.mask)]].all()


def test_special_tokens_and_white_space_are_never_hidden_nor_put_in(encoder):
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    vocabulary = Vocabulary.of(tokenizer)
    plain = tokenizer.convert_ids_to_tokens(vocabulary.plain.tolist())
    assert {"市", "5", "。", "😀", "𠮷"} <= set(plain)
    assert not {"[CLS]", "[MASK]", "[UNK]", "\n", " "} & set(plain)
    assert (vocabulary.lead, vocabulary.tail) == ([tokenizer.cls_token_id], [tokenizer.sep_token_id])
