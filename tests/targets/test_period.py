import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.targets.period import find_periods


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("今年", "2024"),
        ("明年3月底前", "2025-03"),
        ("到2025年", "2025"),
        ("“十四五”末", "2025"),
        ("“十四五”期间", "2021-2025"),
        ("三年内", "2024-2026"),
        ("今后五年", "2024-2028"),
        ("五年后", "2029"),
        ("上半年", "2024H1"),
        ("一季度", "2024Q1"),
        ("6月底前", "2024-06"),
        ("2024—2026年", "2024-2026"),
        ("2018年下半年至2021年上半年", "2018H2-2021H1"),
        ("春节前", ""),
    ],
)
def test_resolved(text, value):
    assert [period.value for period in find_periods(f"{text}，新建学校3所", 2024)] == [value]


def test_past_and_compared_times_do_not_count():
    assert all(period.past for period in find_periods("去年完成投资5亿元，截至6月，增幅不低于上半年", 2024))


def test_what_is_no_time():
    assert find_periods("建校30年来，每年新增3所，3年级学生", 2024) == []


def test_without_a_year_only_what_is_dated():
    assert [p.value for p in find_periods("今年到2025年", None)] == ["2025"]


@given(st.text("今明后去年月底前一二三十四五“”上下半季度0123456789至到—内后期间末，。 ", max_size=30))
def test_inside_and_in_order(text):
    last = 0
    for period in find_periods(text, 2024):
        assert last <= period.start < period.end <= len(text)
        last = period.end
