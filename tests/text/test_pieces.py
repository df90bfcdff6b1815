import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from topner.text.clean import CleanConfig, clean
from topner.text.pieces import clean_pieces

BITS = [*"增长市委髮發后麗園區麼乾", *"，。；：？！（）(),;:?! 　\n\r\t５％2²½①％", "。", "\n", "\n\n", "\r\n", "。\n"]
MARKS = [
    "(zhǎng)", "（fā）", "(shu)", "ài)", "(\nfā)", "(fā\n)", "(読作xū)", "?", "�", "<p>", "</p>", "<b>", "<br/>", "&nbsp;",
    "&#40;", "&lt;", "<!--", "-->", "<script>", "</script>", "<a href='\n'>", "<x>", "</x>", "\u200b",
    "\ufeff", "𠮷", "😀", "AI", "”", "“",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(BITS * 2 + MARKS), max_size=120).map("".join)
CONFIGS = st.sampled_from(
    [
        CleanConfig(),
        CleanConfig(ruby=False, script=None),
        CleanConfig(markup=False, join_chinese=False, script="tw2sp"),
        CleanConfig(space=False, punctuation=False, invisible=False),
        CleanConfig(width=False),
    ]
)


def check(raw, config, size):
    whole, pieces = clean(raw, config), list(clean_pieces(raw, config, size))
    assert "".join(piece.text for piece in pieces) == whole.text
    assert np.concatenate([piece.starts for piece in pieces]).tolist() == whole.starts.tolist()
    assert np.concatenate([piece.ends for piece in pieces]).tolist() == whole.ends.tolist()
    return pieces


@settings(max_examples=1500, deadline=None)
@given(TEXT, CONFIGS, st.integers(1, 12))
@example("力（甲。乙）。丙,丁" * 3, CleanConfig(), 4)
@example("麗(lì)水。\n\n　　麗(li)水\n" * 3, CleanConfig(), 8)
@example("甲(\nfā)乙\n" * 4, CleanConfig(), 4)
def test_pieces_are_the_whole(raw, config, size):
    check(raw, config, size)


@pytest.mark.parametrize(
    "line", ["力争增长５％。", "園區(yuán)建設,加快（含AI)。", "去年\n\n　　今年，<b>增长</b>5%;\r\n"]
)
def test_a_long_text_does_come_in_pieces(line):
    pieces = check(line * 300, CleanConfig(), 200)
    assert len(pieces) > 5
    assert max(len(piece.text) for piece in pieces) < 600


@pytest.mark.parametrize("raw", ["", " ", "云湖" * 300, "（" + "云湖。" * 300, "<!--" + "甲。\n" * 300 + "-->"])
def test_what_cannot_be_cut_comes_whole(raw):
    check(raw, CleanConfig(), 50)
