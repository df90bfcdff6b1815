import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.annotation.tags import Tag, decode, encode, parse, scheme_of


def tags_of(line: str) -> list[Tag]:
    return [tag for word in line.split() if (tag := parse(word)) is not None]


SPANS = [(1, 3, "ORG"), (3, 6, "ORG"), (6, 7, "TARGET"), (8, 9, "ORG")]


@pytest.mark.parametrize(
    ("scheme", "line", "spans"),
    [
        ("IOB2", "O B-ORG I-ORG B-ORG I-ORG I-ORG B-TARGET O B-ORG", SPANS),
        ("IOB1", "O I-ORG I-ORG B-ORG I-ORG I-ORG I-TARGET O I-ORG", SPANS),
        ("BIOES", "O B-ORG E-ORG B-ORG I-ORG E-ORG S-TARGET O S-ORG", SPANS),
        ("BIOES", "O B-ORG L-ORG B-ORG I-ORG L-ORG U-TARGET O U-ORG", SPANS),
        ("BIOES", "O B-ORG E-ORG B-ORG M-ORG E-ORG S-TARGET O S-ORG", SPANS),
        ("IOB2", "O B_ORG I_ORG B_ORG I_ORG I_ORG B_TARGET O B_ORG", SPANS),
        ("IO", "O I-ORG I-ORG I-ORG I-ORG I-ORG I-TARGET O I-ORG", [(1, 6, "ORG"), (6, 7, "TARGET"), (8, 9, "ORG")]),
        ("IOB2", "O O", []),
        ("BIOES", "S-ORG S-ORG O", [(0, 1, "ORG"), (1, 2, "ORG")]),
    ],
)
def test_every_scheme(scheme, line, spans):
    tags = tags_of(line)
    assert scheme_of([tags]) == (scheme, [])
    assert list(decode(tags)) == spans


def test_a_stray_tag_begins_a_mention_and_is_told():
    lines = [tags_of("B-ORG I-ORG O"), tags_of("O I-ORG I-ORG B-TARGET I-ORG")]
    assert scheme_of(lines) == ("IOB2", [(1, 1), (1, 4)])
    assert list(decode(lines[1])) == [(1, 3, "ORG"), (3, 4, "TARGET"), (4, 5, "ORG")]
    assert scheme_of([tags_of("B-ORG E-ORG E-ORG O")]) == ("BIOES", [(0, 2)])


def test_a_mention_at_the_end_is_closed():
    assert list(decode(tags_of("O B-ORG I-ORG"))) == [(1, 3, "ORG")]
    assert list(decode([])) == []


@pytest.mark.parametrize("word", ["ORG", "B-", "X-ORG", "o", "B", "-DOCSTART-", "B ORG", "我"])
def test_what_is_no_tag(word):
    assert parse(word) is None


def test_labels_may_hold_dashes_and_dots():
    assert parse("B-PER.NOM") == ("B", "PER.NOM")
    assert parse("I-a-b") == ("I", "a-b")


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["", "ORG", "TARGET"])), max_size=10))
def test_spans_to_iob2_and_back(runs):
    spans, at = [], 0
    for length, label in runs:
        if label:
            spans.append((at, at + length, label))
        at += length
    tags = encode(at, spans)
    assert len(tags) == at
    parsed = [tag for word in tags if (tag := parse(word)) is not None]
    assert list(decode(parsed)) == spans
    assert scheme_of([parsed]) == ("IOB2", [])


def test_a_label_that_goes_on_after_an_end_is_stray():
    assert scheme_of([tags_of("S-ORG I-ORG"), tags_of("E-ORG")]) == ("BIOES", [(0, 1), (1, 0)])
    assert scheme_of([tags_of("O I-ORG"), tags_of("B-ORG I-ORG")]) == ("IOB2", [(0, 1)])


def test_outside_is_one_letter_without_a_label():
    assert parse("O") == Tag("O", "")
