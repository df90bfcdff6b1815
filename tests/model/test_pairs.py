from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.labels import LabelSchema
from topner.model.chain import Chain, iob2_chain, viterbi
from topner.model.pairs import borders, breaks_pair, pair_marks, whole_pairs

SCHEMA = LabelSchema(("TARGET", "ORG"))
SIZE = len(SCHEMA.tags)


def marks_of(text):
    offsets = np.asarray([(i, i + 1) for i in range(len(text))], dtype=np.int32).reshape(-1, 2)
    return pair_marks(text, offsets)


def random_chain(generator):
    legal = iob2_chain(SCHEMA.tags)
    moves, begin, end = (generator.normal(size=shape) for shape in ((SIZE, SIZE), SIZE, SIZE))
    return Chain(legal.transitions + moves, legal.begin + begin, end)


def path_score(emissions, path, chain, begin, end):
    score = begin[path[0]] + emissions[0, path[0]] + end[path[-1]]
    for t in range(1, len(path)):
        score += chain.transitions[path[t - 1], path[t]] + emissions[t, path[t]]
    return score


def test_marks_are_found_by_kind_and_side():
    assert marks_of("“双高计划”（𠮷《x》）").tolist() == [1, 0, 0, 0, 0, -1, 7, 0, 5, 0, -5, -7]
    assert not marks_of("全年投资增长8%").any()
    assert marks_of("").tolist() == []


def test_only_a_token_of_one_character_is_a_mark():
    offsets = np.asarray([[0, 2], [2, 3]], dtype=np.int32)
    assert pair_marks("““”", offsets).tolist() == [0, -1]


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ("高校“双高”", [-1, -1, -1, 2, 2, 2, -1]),
        ("“（）”", [-1, 0, 1, 0, -1]),
        ("”无伴“", [-1] * 5),
        ("“（”）", [-1, 0, 0, -1, -1]),  # the quotation marks close first: the bracket counts for nothing
    ],
)
def test_borders_name_the_innermost_pair(text, around):
    assert borders(marks_of(text)).tolist() == around


def test_a_path_breaks_a_pair_when_a_span_holds_half_of_it():
    around = borders(marks_of("区“计划”"))
    whole = [1, 0, 1, 2, 0], [1, 2, 2, 2, 2], [1, 3, 4, 4, 4], [2, 0, 1, 3, 0]
    broken = [1, 2, 2, 2, 0], [0, 1, 2, 2, 0], [0, 0, 0, 1, 2], [2, 2, 0, 0, 0], [0, 1, 3, 4, 4]
    assert not any(breaks_pair(np.asarray(path), around) for path in whole)
    assert all(breaks_pair(np.asarray(path), around) for path in broken)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.text("区“”（）", min_size=1, max_size=5), st.booleans(), st.booleans())
def test_it_is_the_best_of_all_paths_that_break_none(seed, text, begins, ends):
    generator = np.random.default_rng(seed)
    chain = random_chain(generator)
    begin = chain.begin if begins else np.zeros(SIZE)
    end = chain.end if ends else np.zeros(SIZE)
    emissions = generator.normal(size=(len(text), SIZE)) * 3
    around = borders(marks_of(text))
    found = whole_pairs(emissions, chain, begin, end, around)
    scores = {p: path_score(emissions, p, chain, begin, end) for p in product(range(SIZE), repeat=len(text))}
    allowed = {p: s for p, s in scores.items() if s > -np.inf and not breaks_pair(np.asarray(p), around)}
    best = np.asarray(max(allowed, key=lambda p: allowed[p]))
    assert found.tolist() == best.tolist()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_without_marks_it_is_viterbi(seed, length):
    generator = np.random.default_rng(seed)
    chain = random_chain(generator)
    emissions = generator.normal(size=(1, length, SIZE)) * 3
    (wanted,) = viterbi(emissions, np.asarray([length]), chain)
    around = np.full(length + 1, -1, dtype=np.int64)
    assert whole_pairs(emissions[0], chain, chain.begin, chain.end, around).tolist() == wanted.tolist()
