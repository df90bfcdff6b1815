import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.targets.period import find_periods, governing, plan_years


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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("新的一年，{}", "2024"),
        ("2024年是“十四五”第四年，{}", "2024"),
        ("2021年是“十四五”的起跑年，{}", "2021"),
        ("关于2025年安排，{}", "2025"),
        ("2025 年怎么干，{}", "2025"),
        ("今明两年{}", "2024-2025"),
        ("明后两年{}", "2025-2026"),
        ("下一年，{}", "2025"),
        ("取消下一年用地奖励，{}", ""),
        ("规划期内{}", "2021-2025"),
        ("规划期末{}", "2025"),
        ("从3月起，{}", "2024-03"),
        ("到六月八号，{}", "2024-06"),
        ("今年扩建，一期8月开业，{}", "2024"),
        ("三季度投料，{}", "2024Q3"),
        ("今年扩建，三季度投料；{}", "2024"),
        ("今年扩建，上半年投牛。{}", "2024"),
        ("今年扩建，入冬前完工。{}", "2024"),
        ("今年扩建，入冬前{}", ""),
        ("计划今年进入第三年，{}", "2024"),
        ("投产首年{}", ""),
    ],
)
def test_what_governs_a_goal(text, value):
    goal = "新建学校3所"
    text = text.format(goal)
    start = text.index(goal)
    sentence = (max(text.rfind("。", 0, start) + 1, 0), len(text))
    found = governing(find_periods(text, 2024, (2021, 2025)), text, (start, len(text)), sentence)
    assert ("" if found is None else found.value) == value


@pytest.mark.parametrize(
    ("title", "years"),
    [
        ("高标准农田建设规划（2017—2020年）", (2017, 2020)),
        ("海洋经济“十三五”规划", (2016, 2020)),
        ("关于“十”五”的说明", None),
        ("工作要点", None),
    ],
)
def test_years_of_a_plan(title, years):
    assert plan_years(title) == years


def test_a_plan_without_years_leaves_its_term_open():
    assert find_periods("规划期内", 2024) == []
