import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.dataset.windows import WindowCutter, cut_costs, make_windows


def offsets_of(text):
    starts = np.arange(len(text), dtype=np.int64)
    return np.stack([starts, starts + 1], axis=1)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_windows_cover_all_and_each_token_is_kept_once(data):
    costs = np.asarray(data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=120)), dtype=np.int8)
    size = data.draw(st.integers(1, 30))
    overlap = data.draw(st.integers(0, size - 1))
    length = len(costs) - 1
    windows = make_windows(costs, size, overlap)
    kept = [token for window in windows for token in range(window.keep_start, window.keep_end)]
    assert kept == list(range(length))
    for window in windows:
        assert window.start <= window.keep_start < window.keep_end <= window.end
        assert 1 <= window.end - window.start <= size


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=80, max_size=200), st.integers(20, 40))
def test_a_token_is_kept_by_the_window_in_which_it_is_most_central(costs, size):
    windows = make_windows(np.asarray(costs, dtype=np.int8), size, size // 3)
    for i, window in enumerate(windows):
        for token in range(window.keep_start, window.keep_end):
            here = min(token - window.start, window.end - 1 - token)
            for other in windows[max(0, i - 1) : i + 2]:
                at_edge = (other.start == 0 and token < other.end) or other.end == len(costs) - 1
                if other.start <= token < other.end and not at_edge and 0 < i < len(windows) - 1:
                    assert here >= min(token - other.start, other.end - 1 - token) - 1


def test_cuts_at_the_end_of_a_sentence():
    text = "去年增长7.1%，好于预期。今年力争增长6%，达到300亿元。各部门抓落实。"
    windows = make_windows(cut_costs(text, offsets_of(text)), 22, 0)
    assert [text[w.start : w.end] for w in windows] == [
        "去年增长7.1%，好于预期。",
        "今年力争增长6%，达到300亿元。",
        "各部门抓落实。",
    ]


def test_a_line_end_that_is_no_token_still_counts():
    text = "目标\n 措施"
    offsets = np.asarray([(0, 1), (1, 2), (4, 5), (5, 6)], dtype=np.int64)
    assert cut_costs(text, offsets).tolist() == [0, 5, 0, 5, 0]


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (4, 4), (4, -1)])
def test_sizes_that_cannot_be(size, overlap):
    with pytest.raises(ValueError, match="cannot overlap"):
        make_windows(np.zeros(5, dtype=np.int8), size, overlap)


def test_nothing_gives_no_window():
    assert make_windows(np.zeros(1, dtype=np.int8), 5, 0) == []


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_windows_are_the_same_however_the_tokens_come(data):
    costs = np.asarray(data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=150)), dtype=np.int8)
    size = data.draw(st.integers(1, 30))
    overlap = data.draw(st.integers(0, size - 1))
    cutter, found, base = WindowCutter(size, overlap), [], 0
    for known in sorted(data.draw(st.lists(st.integers(0, len(costs) - 1), max_size=8))):
        found += cutter.cut(costs[base:known], base, complete=False)
        base = data.draw(st.integers(base, max(base, min(cutter.needed, known))))
    found += cutter.cut(costs[base:], base, complete=True)
    assert found == make_windows(costs, size, overlap)


@settings(max_examples=200, deadline=None)
@given(st.text("甲乙。，\n 、；a!", max_size=30), st.data())
def test_costs_are_those_of_the_characters_between_tokens(text, data):
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=12)))
    offsets = np.asarray(borders[: len(borders) // 2 * 2], dtype=np.int64).reshape(-1, 2)
    costs = cut_costs(text, offsets)
    of_character = {"\n": 0, "。": 1, "!": 1, "；": 2, "，": 3, "、": 4}
    for i in range(1, len(offsets)):
        between = text[offsets[i - 1, 1] - 1 : max(offsets[i, 0], offsets[i - 1, 1])]
        assert costs[i] == min((of_character.get(c, 5) for c in between), default=5)
