import csv
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.document import Document
from topner.targets.quantity import find_quantities
from topner.targets.read import read_targets

HARD = Path(__file__).with_name("hard_quantities.tsv")
UNITS = ["元", "家", "个百分点", "%", "公里", "亩", "万人次", "人", "项", "吨标准煤", "平方米", "千瓦"]
BEFORE = {"": "=", "超": ">", "不低于": ">=", "不超过": "<=", "约": "about", "低于": "<", "突破": ">"}
AFTER = {"": None, "以上": ">=", "左右": "about", "以内": "<="}


def hard_cases():
    with HARD.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.mark.parametrize("row", hard_cases(), ids=lambda row: row["text"])
def test_hard_cases(row):
    (record,) = read_targets(Document.from_spans("a", row["text"], [(0, len(row["text"]), "TARGET")]))
    assert record.value == (Fraction(row["value"]) if row["value"] else None)
    assert record.value_max == (Fraction(row["value_max"]) if row["value_max"] else None)
    assert (record.unit, record.comparator) == (row["unit"], row["comparator"])


@settings(max_examples=300)
@given(
    st.integers(1, 99_999),
    st.integers(0, 2),
    st.sampled_from(["", "万", "亿"]),
    st.sampled_from(UNITS),
    st.sampled_from(list(BEFORE)),
    st.sampled_from(list(AFTER)),
    st.booleans(),
)
def test_rendered_quantities_read_back(number, places, magnitude, unit, before, after, full):
    value = Fraction(number, 10**places)
    digits = f"{number / 10**places:.{places}f}"
    if full:
        digits = digits.translate({code: code + 0xFEE0 for code in range(0x30, 0x3A)})
    if unit in ("个百分点", "%"):
        magnitude = ""
    if unit.startswith("万") and magnitude:
        unit = unit[1:]
    text = f"规上工业增加值{before}{digits}{magnitude}{unit}{after}"
    (quantity,) = find_quantities(text)
    size = {"": 1, "万": 10**4, "亿": 10**8}[magnitude] * (10**4 if unit.startswith("万") else 1)
    assert quantity.value == value * size
    assert quantity.unit == unit.removeprefix("万")
    assert quantity.comparator == (AFTER[after] or BEFORE[before])
    assert text[quantity.start : quantity.end] == f"{before}{digits}{magnitude}{unit}{after}"


@settings(max_examples=10_000, deadline=None)
@given(
    st.text(
        "0123456789０５.,，%％‰万亿千百十零一二三两半成分之翻番倍约超过不低于以上内左右"
        "—-~至到个家元公里前第位强类Ⅲ“”年月比:多余来几𠮷🚄 ",
        max_size=24,
    )
)
def test_never_raises_and_stays_inside(text):
    last = 0
    for quantity in find_quantities(text):
        assert last <= quantity.start < quantity.end <= len(text)
        assert quantity.value is None or quantity.high is None or quantity.comparator == "between"
        last = quantity.end


@pytest.mark.parametrize(
    "text",
    ["“十四五”规划", "百千万工程", "一带一路", "新建5G基站", "PM2.5", "4A级景区", "一是稳增长", "到2025年", "6月底前"],
)
def test_what_is_no_quantity(text):
    assert find_quantities(text) == []
