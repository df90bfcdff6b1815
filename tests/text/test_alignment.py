from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.text.alignment import AlignedText, Edit

RAW = "市發(fā)展改革局“𠮷”增长10％"


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text and edits in order, none overlapping."""
    text = draw(st.text(alphabet="发展改革局𠮷😀e\u0301 ab(){}，", max_size=30))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    edits = [
        Edit(start, end, draw(st.text(alphabet="新字X", max_size=4)))
        for start, end in pairwise(cuts)
        if draw(st.booleans())
    ]
    return text, edits


def test_raw_text_stands_over_itself() -> None:
    aligned = AlignedText.of(RAW)
    assert aligned.raw == RAW
    assert aligned.text == RAW
    assert [aligned.raw_span(i, i + 1) for i in range(len(RAW))] == [(i, i + 1) for i in range(len(RAW))]


def test_empty_text() -> None:
    aligned = AlignedText.of("")
    assert aligned.apply([]).text == ""
    assert aligned.clean_span(0, 0) is None
    with pytest.raises(ValueError, match="not a span"):
        aligned.raw_span(0, 1)


def test_what_is_removed_between_is_inside_and_what_is_removed_around_is_not() -> None:
    aligned = AlignedText.of(RAW).apply([Edit(2, 6, "")])
    assert aligned.text == "市發展改革局“𠮷”增长10％"
    start, end = aligned.raw_span(1, 3)
    assert RAW[start:end] == "發(fā)展"
    start, end = aligned.raw_span(0, 2)
    assert RAW[start:end] == "市發"
    start, end = aligned.raw_span(2, 3)
    assert RAW[start:end] == "展"


def test_clean_span_of_what_was_removed() -> None:
    aligned = AlignedText.of(RAW).apply([Edit(2, 6, "")])
    assert aligned.clean_span(2, 6) is None
    assert aligned.clean_span(3, 7) == (2, 3)
    assert aligned.clean_span(1, 4) == (1, 2)


def test_same_length_corresponds_one_to_one_and_other_lengths_as_a_block() -> None:
    aligned = AlignedText.of("記憶體發展").apply([Edit(0, 3, "内存"), Edit(3, 5, "发展")])
    assert aligned.text == "内存发展"
    assert [aligned.raw_span(i, i + 1) for i in range(4)] == [(0, 3), (0, 3), (3, 4), (4, 5)]


def test_edits_compose() -> None:
    aligned = AlignedText.of("&#13217;以上").apply([Edit(0, 8, "㎡")]).apply([Edit(0, 1, "m2")])
    assert aligned.text == "m2以上"
    assert aligned.raw_span(0, 1) == (0, 8)
    assert aligned.raw_span(1, 3) == (0, 9)


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(0, 0, "x")],
        [Edit(2, 1, "")],
        [Edit(0, 3, ""), Edit(2, 4, "")],
        [Edit(3, 4, ""), Edit(0, 1, "")],
        [Edit(-1, 1, "")],
        [Edit(0, 99, "")],
    ],
)
def test_bad_edits_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="edit"):
        AlignedText.of("发展改革局").apply(edits)


@given(edited(), st.data())
def test_alignment_holds_for_any_edits(case: tuple[str, list[Edit]], data: st.DataObject) -> None:
    text, edits = case
    aligned = AlignedText.of(text).apply(edits)
    expected = list(text)
    for start, end, new in reversed(edits):
        expected[start:end] = [new]
    assert aligned.text == "".join(expected)
    assert len(aligned.starts) == len(aligned.ends) == len(aligned.text)
    assert np.all(np.diff(aligned.starts) >= 0)
    assert np.all(np.diff(aligned.ends) >= 0)
    assert np.all(aligned.starts < aligned.ends)
    if not aligned.text:
        return
    assert aligned.starts[0] >= 0
    assert aligned.ends[-1] <= len(text)
    start = data.draw(st.integers(0, len(aligned.text) - 1))
    end = data.draw(st.integers(start + 1, len(aligned.text)))
    found = aligned.clean_span(*aligned.raw_span(start, end))
    assert found is not None
    assert found[0] <= start < end <= found[1]
    touched = {i for edit in edits for i in range(edit.start, edit.end)}
    for i, char in enumerate(aligned.text):
        if aligned.starts[i] not in touched:
            assert text[aligned.starts[i] : aligned.ends[i]] == char


def test_the_alignment_takes_four_bytes_a_character_after_every_kind_of_edit() -> None:
    aligned = AlignedText.of(RAW).apply([Edit(0, 1, "市"), Edit(1, 2, "发发"), Edit(2, 6, ""), Edit(6, 8, "展")])
    assert aligned.raw == RAW
    assert aligned.starts.dtype == aligned.ends.dtype == np.int32
    assert AlignedText.of(RAW).starts.dtype == np.int32


@pytest.mark.parametrize("span", [(0, 0), (3, 3), (2, 1), (-1, 2), (0, len(RAW) + 1)])
def test_what_is_no_span(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not a span"):
        AlignedText.of(RAW).raw_span(*span)
