import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.text.alignment import AlignedText
from topner.text.width import narrow


def narrowed(text: str) -> str:
    return AlignedText.of(text).apply(narrow(text)).text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("２０２５年ＧＤＰ增长５．５％", "2025年GDP增长5.5%"),
        ("增长１０﹪左右", "增长10%左右"),
        ("100㎡、20㎞、5㎏、36℃", "100m2、20km、5kg、36°C"),
        ("㈠加快建设", "（一）加快建设"),
        ("①加快 ②推进", "1加快 2推进"),
        ("⒈加快", "1.加快"),
        ("⑴加快", "（1）加快"),
        ("Ⅱ期工程ⅳ标段", "II期工程iv标段"),
        ("发展\u3000改革\xa0局", "发展 改革 局"),
        ("江门﹐广东﹔中国︐甲﹙乙﹚", "江门，广东；中国，甲（乙）"),
        ("｡｢工程｣､", "。「工程」、"),
        ("⻓江⺠⽣", "长江民生"),
        ("Ａ＋Ｂ＝Ｃ＆Ｄ／Ｅ－Ｆ", "A+B=C&D/E-F"),
        ("𝟏𝟑家", "13家"),
        ("½以上", "1/2以上"),
        ("ｆā", "fā"),
    ],
)
def test_forms(raw: str, clean: str) -> None:
    assert narrowed(raw) == clean


@pytest.mark.parametrize(
    "text",
    [
        "，。、；：？！“”‘’（）《》〈〉「」【】〔〕…—·～",
        "1—2个、5～8家",
        "江门市𠮷😀発e\u0301´¨",
        "10⁵、5²、1½、第3①、⒈5",
        "",
    ],
)
def test_kept(text: str) -> None:
    assert narrowed(text) == text


def test_offsets_of_a_form_that_grows() -> None:
    raw = "建成１００㎡厂房"
    aligned = AlignedText.of(raw).apply(narrow(raw))
    assert aligned.text == "建成100m2厂房"
    assert aligned.raw_span(2, 7) == (2, 6)
    assert aligned.raw_span(6, 7) == (5, 6)
    assert aligned.raw_span(7, 8) == (6, 7)


@given(st.text(alphabet="１２３Ａ％①②½²⁵㎡㏠㈠⒈⑴，．1a.发 \u3000ⅡﬁＫ︐⻓", max_size=20))
def test_idempotent_and_digits_never_change_value(text: str) -> None:
    clean = narrowed(text)
    assert narrowed(clean) == clean
    aligned = AlignedText.of(text).apply(narrow(text))
    for char, start, end in zip(aligned.text, aligned.starts, aligned.ends, strict=True):
        assert end == start + 1
        if unicodedata.category(text[start]) == "Nd":
            assert unicodedata.digit(text[start]) == unicodedata.digit(char)


@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    clean = narrowed(text)
    assert narrowed(clean) == clean
