import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.annotation.found import Candidate, Found
from topner.annotation.verify import WINDOW, counted_in_utf16, locate, rescale, trim

HAN = st.text(st.sampled_from("增长百分之五到二〇年𠮷🏭👍 \n"), min_size=1, max_size=40)


def placed(text: str, start: int, end: int, value: str | None) -> tuple[str, str | None] | None:
    place = locate(text, Candidate(start, end, "TARGET", value))
    return None if place is None else (text[place.start : place.end], place.repair)


def test_right_offsets_are_believed():
    assert placed("GDP增长5%。", 0, 7, "GDP增长5%") == ("GDP增长5%", None)


def test_right_offsets_are_believed_before_any_repair():
    text = "🏭增长增长增长"
    assert placed(text, 3, 5, "增长") == ("增长", None)


@pytest.mark.parametrize(
    ("text", "start", "end", "value", "found", "repair"),
    [
        ("🏭🏭新增产值120亿元。", 4, 13, "新增产值120亿元", "新增产值120亿元", "offsets in UTF-16 units"),
        ("𠮷林省发改委要求", 1, 6, "林省发改委", "林省发改委", None),
        ("𠮷林省发改委要求", 2, 7, "林省发改委", "林省发改委", "offsets in UTF-16 units"),
        ("第一条\r\n第二条\r\n省发改委负责", 8, 12, "省发改委", "省发改委", "line ends differ"),
        ("第一条\n第二条\n省发改委负责", 10, 14, "省发改委", "省发改委", "line ends differ"),
        ("省\r\n发改委负责", 0, 6, "省\n发改委", "省\r\n发改委", "line ends differ"),
        ("报  告  省发改委  办公室", 4, 12, "省发改委 办公室", "省发改委  办公室", "white space counted otherwise"),
        ("建成  5G  基站", 0, 10, "建成 5G 基站", "建成  5G  基站", "white space in its text differs"),
        ("省发改委\n办公室", 0, 8, "省发改委\\n办公室", "省发改委\n办公室", "white space in its text differs"),
        ("增长５％以上", 0, 6, "增长5%以上", "增长５％以上", "character width in its text differs"),
        ("增长5%以上", 0, 6, "增长５％以上", "增长5%以上", "character width in its text differs"),
        ("由省发改委牵头", 1, 4, "省发改委", "省发改委", "end was inclusive"),
        ("由省发改委牵头", 3, 15, "省发改委", "省发改委", "offsets in UTF-8 bytes"),
        ("一二三由省发改委牵头", 0, 4, "省发改委", "省发改委", "text found near its offsets"),
        ("由省发改委牵头，省发改委配合", 9, 13, "省发改委", "省发改委", "text found near its offsets"),
        ("由省发改委", 1, 99, "省发改委", "省发改委", "text found near its offsets"),
        ("由省发改委牵头", -1, -1, "省发改委", "省发改委", "no offsets, its text occurs once"),
        ("🏭增长５％", 2, 6, "增长5%", "增长５％", "character width in its text differs, offsets in UTF-16 units"),
        ("🏭建成  基站", 2, 8, "建成 基站", "建成  基站", "white space in its text differs, offsets in UTF-16 units"),
    ],
)
def test_each_repair(text, start, end, value, found, repair):
    assert placed(text, start, end, value) == (found, repair)


@pytest.mark.parametrize(
    ("text", "start", "end", "value"),
    [
        ("由省发改委牵头", 1, 5, "省教育厅"),
        ("由省发改委牵头", 5, 99, "教育"),
        ("由省发改委牵头" + "，" * (WINDOW + 10), 17 + WINDOW, 21 + WINDOW, "省发改委"),
        ("省发改委、省发改委", -1, -1, "省发改委"),
        ("由省发改委牵头", 3, 3, None),
        ("由省发改委牵头", 5, 9, None),
        ("由省发改委牵头", -1, -1, None),
        ("", 0, 1, "x"),
    ],
)
def test_what_cannot_be_found_is_given_up(text, start, end, value):
    assert placed(text, start, end, value) is None


def test_the_nearest_of_several_is_taken():
    text = "省发改委甲乙丙丁戊己庚省发改委"
    assert locate(text, Candidate(9, 13, "ORG", "省发改委")) == (11, 15, "text found near its offsets")
    assert locate(text, Candidate(2, 6, "ORG", "省发改委")) == (0, 4, "text found near its offsets")


@given(HAN, st.data())
def test_utf16_offsets_of_any_text_are_repaired(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    value = text[start:end]
    wide = [len(text[:o].encode("utf-16-le")) // 2 for o in (start, end)]
    assert rescale(text, "UTF-16", *wide) == (start, end)
    place = locate(text, Candidate(*wide, "TARGET", value))
    assert place is not None
    assert text[place.start : place.end] == value


@given(HAN, st.integers(-2, 60), st.integers(-2, 60), st.none() | HAN)
def test_a_place_is_in_the_text_and_never_empty(text, start, end, value):
    place = locate(text, Candidate(start, end, "TARGET", value))
    assert place is None or 0 <= place.start < place.end <= len(text)


def test_offsets_inside_a_pair_move_outward():
    assert rescale("🏭🏭", "UTF-16", 1, 3) == (0, 2)
    assert rescale("省厅", "UTF-8", 1, 4) == (0, 2)
    assert rescale("省厅", "UTF-8", 0, 7) == (0, 0)


def test_bare_spans_are_read_in_the_unit_that_cuts_fewer_of_them():
    text = "🏭🏭省发改委，新增产值120亿元。🏭"
    wide = [Candidate(4, 8, "ORG"), Candidate(9, 18, "TARGET")]
    plain = [Candidate(2, 6, "ORG"), Candidate(7, 16, "TARGET")]
    assert counted_in_utf16([Found("a", text, wide)])
    assert not counted_in_utf16([Found("a", text, plain)])
    assert counted_in_utf16([Found("a", "🏭省厅", [Candidate(2, 4, "ORG")])])  # else it leaves the text
    assert not counted_in_utf16([Found("a", "省🏭厅", [Candidate(2, 3, "ORG")])])  # else it cuts a pair
    assert not counted_in_utf16([Found("a", "无", [Candidate(5, 9, "ORG")])])


@pytest.mark.parametrize(
    ("text", "kept"), [("\u3000省厅 \n", "省厅"), ("\ufeff省 厅\u200b", "省 厅"), (" \u2060\u3000", ""), ("", "")]
)
def test_trim(text, kept):
    start, end = trim(text, 0, len(text))
    assert text[start:end] == kept
