import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.text.alignment import AlignedText
from topner.text.punctuation import widen_punctuation


def widened(text: str) -> str:
    return AlignedText.of(text).apply(widen_punctuation(text)).text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("投入超115亿元,增长10%。", "投入超115亿元，增长10%。"),
        ("增长10%,其中", "增长10%，其中"),
        ("胡其波:\n加快", "胡其波：\n加快"),
        ("“双碳”;推动", "“双碳”；推动"),
        ("(张浩洋 胡鹏凯)", "（张浩洋 胡鹏凯）"),
        ("中欧(江门)合作区", "中欧（江门）合作区"),
        ("各县(市、区)，人工智能(AI),5G", "各县（市、区），人工智能（AI），5G"),
        ("产业(综合类（一)", "产业(综合类（一）"),
        ("增长, 其中", "增长， 其中"),
        ("真的吗?\n是!", "真的吗？\n是！"),
        ("“真的吗?”", "“真的吗？”"),
    ],
)
def test_widened(raw: str, clean: str) -> None:
    assert widened(raw) == clean


@pytest.mark.parametrize(
    "text",
    [
        "1,300亿元",
        "12:30",
        "GDP, CPI (2024)",
        "http://www.gov.cn/a?b=c,d",
        "1)加快",
        "(推进",
        "把握??持",
        "丽?祖?“二",
        "",
        "𠮷",
    ],
)
def test_kept(text: str) -> None:
    assert widened(text) == text


@given(st.text(alphabet="发展GDP12,;:!?()，；：！？（）“”、 \n", max_size=30))
def test_idempotent_and_one_to_one(text: str) -> None:
    clean = widened(text)
    assert widened(clean) == clean
    assert len(clean) == len(text)
    for old, new in zip(text, clean, strict=True):
        assert old == new or (old, new) in zip(",;:!?()", "，；：！？（）", strict=True)
