import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.dataset.tags import decode_tags
from topner.inference import decode as module
from topner.inference.decode import Row, decode, join, line_rows, spans
from topner.labels import LabelSchema
from topner.model.chain import Chain, iob2_chain, lattice, viterbi

SCHEMA = LabelSchema(("TARGET", "ORG"))
SIZE = len(SCHEMA.tags)


def random_chain(generator):
    legal = iob2_chain(SCHEMA.tags)
    moves, begin, end = (generator.normal(size=shape) for shape in ((SIZE, SIZE), SIZE, SIZE))
    return Chain(legal.transitions + moves, legal.begin + begin, end)


def by_line(lines, chain):
    """Spans of lines decoded whole, one at a time, their probabilities by definition."""
    found, start = [], 0
    for scores in lines:
        length = np.asarray([len(scores)])
        (path,) = viterbi(scores[None].astype(float), length, chain)
        whole = lattice(scores[None].astype(float), length, chain)
        for first, last, label in decode_tags(path, SCHEMA):
            score = whole.span_probability(0, first, last, SCHEMA.begin(label))
            found.append((start + first, start + last, label, score))
        start += len(scores)
    return found


def by_rows(lines, chain, cut):
    rows, begins = [], []
    for scores in lines:
        for start, first, last, stop in cut(len(scores)):
            ends = (start == 0, stop == len(scores))
            rows.append(Row(scores[start:stop], first - start, last - start, *ends))
            begins += [first == 0 and i == 0 for i in range(last - first)]
    found = spans(join(decode(rows, chain)), np.asarray(begins, dtype=bool))
    labels = [SCHEMA.names[i] for i in found.label]
    return list(zip(found.first.tolist(), found.last.tolist(), labels, found.score.tolist(), strict=True))


def agree(found, wanted, tolerance):
    assert [entry[:3] for entry in found] == [entry[:3] for entry in wanted]
    assert [entry[3] for entry in found] == pytest.approx([entry[3] for entry in wanted], abs=tolerance)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 12), min_size=1, max_size=5), st.booleans())
def test_many_lines_at_once_are_as_one_by_one(seed, lengths, learned):
    generator = np.random.default_rng(seed)
    chain = random_chain(generator) if learned else iob2_chain(SCHEMA.tags)
    lines = [(generator.normal(size=(n, SIZE)) * 3).astype(np.float32) for n in lengths]
    agree(by_rows(lines, chain, lambda n: line_rows(0, 0, n, True)), by_line(lines, chain), 1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(150, 400))
def test_a_long_line_in_blocks_is_as_the_whole(seed, length):
    generator = np.random.default_rng(seed)
    chain = random_chain(generator)
    lines = [(generator.normal(size=(length, SIZE)) * 3).astype(np.float32)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", 32)
        patch.setattr(module, "CONTEXT", 48)
        cuts = list(line_rows(0, 0, length, True))
        assert len(cuts) > 2
        agree(by_rows(lines, chain, lambda _: cuts), by_line(lines, chain), 1e-6)


@given(st.integers(1, 300), st.lists(st.integers(0, 300), max_size=6))
def test_cuts_do_not_depend_on_when_the_tokens_came(length, known):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", 16)
        patch.setattr(module, "CONTEXT", 5)
        done, found = 0, []
        for end in sorted(k for k in known if k < length):
            new = list(line_rows(done, 0, end, False))
            found += new
            done = new[-1][2] if new else done
        found += line_rows(done, 0, length, True)
        assert found == list(line_rows(0, 0, length, True))
    assert [i for _, first, last, _ in found for i in range(first, last)] == list(range(length))


def test_nothing_to_decode():
    assert decode([], iob2_chain(SCHEMA.tags)) == []
