from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.dataset.tags import decode_tags
from topner.labels import LabelSchema
from topner.model.chain import Chain, iob2_chain, lattice, viterbi

SCHEMA = LabelSchema(("TARGET", "ORG"))
SIZE = len(SCHEMA.tags)


def random_chain(generator: np.random.Generator) -> Chain:
    legal = iob2_chain(SCHEMA.tags)
    return Chain(
        legal.transitions + generator.normal(size=(SIZE, SIZE)),
        legal.begin + generator.normal(size=SIZE),
        generator.normal(size=SIZE),
    )


def path_score(emissions, path, chain):
    score = chain.begin[path[0]] + emissions[0, path[0]] + chain.end[path[-1]]
    for t in range(1, len(path)):
        score += chain.transitions[path[t - 1], path[t]] + emissions[t, path[t]]
    return score


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_viterbi_is_the_best_of_all_paths(seed, lengths):
    generator = np.random.default_rng(seed)
    chain, lengths = random_chain(generator), np.asarray(lengths)
    emissions = generator.normal(size=(len(lengths), lengths.max(), SIZE)) * 3
    for row, (path, length) in enumerate(zip(viterbi(emissions, lengths, chain), lengths, strict=True)):
        every = product(range(SIZE), repeat=int(length))
        best = max(every, key=lambda p: path_score(emissions[row], p, chain))
        assert tuple(path) == best


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_span_probability_is_the_share_of_all_paths(seed, length):
    generator = np.random.default_rng(seed)
    chain = random_chain(generator)
    emissions = generator.normal(size=(1, 6, SIZE)) * 2  # one position of padding at least
    found = lattice(emissions, np.asarray([length]), chain)
    weights = {}
    for path in product(range(SIZE), repeat=length):
        weight = np.exp(path_score(emissions[0], path, chain))
        if weight > 0:
            weights[path] = weight
    total = sum(weights.values())
    for start in range(length):
        for end in range(start + 1, length + 1):
            for label in SCHEMA.names:
                wanted = sum(w for p, w in weights.items() if (start, end, label) in decode_tags(p, SCHEMA)) / total
                got = found.span_probability(0, start, end, SCHEMA.begin(label))
                assert got == pytest.approx(wanted, abs=1e-9)


def test_the_iob2_chain_never_lets_inside_begin():
    # every emission shouts I-TARGET; the path must begin the mention all the same
    emissions = np.zeros((1, 4, SIZE))
    emissions[:, :, SCHEMA.inside("TARGET")] = 10
    (path,) = viterbi(emissions, np.asarray([4]), iob2_chain(SCHEMA.tags))
    assert [SCHEMA.tags[tag] for tag in path] == ["B-TARGET", "I-TARGET", "I-TARGET", "I-TARGET"]


def test_no_tokens_no_path():
    (path,) = viterbi(np.zeros((1, 0, SIZE)), np.asarray([0]), iob2_chain(SCHEMA.tags))
    assert len(path) == 0
