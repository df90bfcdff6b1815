import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.text.alignment import AlignedText
from topner.text.space import collapse_space


def collapsed(text: str, join_chinese: bool = True) -> str:
    return AlignedText.of(text).apply(collapse_space(text, join_chinese)).text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("发展\r\n改革\r局\u2028市\x0b县", "发展\n改革\n局\n市\n县"),
        ("甲\n\n\n\n乙", "甲\n\n乙"),
        ("甲 \n \r\n\t\n 乙", "甲\n\n乙"),
        ("顾  建平", "顾建平"),
        ("增长\u300010%", "增长 10%"),
        ("GDP \t growth", "GDP growth"),
        ("“甲” “乙”， 丙", "“甲”“乙”，丙"),
        ("\u3000\u3000一是加快。\n\u3000\u3000二是推进。 ", "一是加快。\n二是推进。"),
        (" \n\t\u3000", ""),
        ("", ""),
    ],
)
def test_collapsed(raw: str, clean: str) -> None:
    assert collapsed(raw) == clean


def test_spaces_between_chinese_may_stay() -> None:
    assert collapsed("张浩洋  胡鹏凯", join_chinese=False) == "张浩洋 胡鹏凯"


def test_offsets() -> None:
    raw = "  顾\u3000 建平\r\n\r\n局长"
    aligned = AlignedText.of(raw).apply(collapse_space(raw))
    assert aligned.text == "顾建平\n\n局长"
    assert raw[slice(*aligned.raw_span(0, 3))] == "顾\u3000 建平"
    assert raw[slice(*aligned.raw_span(5, 7))] == "局长"


@given(st.text(alphabet="发，𠮷a1 \t\r\n\u3000\xa0\x85\u2029", max_size=30), st.booleans())
def test_idempotent_and_only_whitespace_goes(text: str, join_chinese: bool) -> None:
    clean = collapsed(text, join_chinese)
    assert collapsed(clean, join_chinese) == clean
    assert "".join(clean.split()) == "".join(text.split())
    assert clean == clean.strip()
    assert not {"\r", "\t", "\u3000"} & set(clean)
    assert "  " not in clean
    assert "\n\n\n" not in clean
