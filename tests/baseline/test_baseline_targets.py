"""The regular-expression baseline, on sentences of our own making."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.baseline.compare import tag
from topner.baseline.targets import find_targets
from topner.document import Document


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (
            "今年，力争全社会研发经费投入超115亿元，增长10%。",
            ["全社会研发经费投入超115亿元", "增长10%"],
        ),
        (
            "到2027年，市里要新增高新技术企业六十家以上、省级专精特新企业20家。",
            ["新增高新技术企业六十家以上", "省级专精特新企业20家"],
        ),
        ("明年计划引进亿元以上项目50个，县水利局新建泵站3座。", ["引进亿元以上项目50个", "新建泵站3座"]),
        ("确保居民收入增长不低于经济增长，零就业家庭动态清零。", ["居民收入增长不低于经济增长", "零就业家庭动态清零"]),
        ("年内组织800名科技特派员投身乡村。", ["组织800名科技特派员"]),
        (
            "今年每千人口执业（助理）医师数达到3.2人，税收增长5%—6%。",
            ["每千人口执业（助理）医师数达到3.2人", "税收增长5%—6%"],
        ),
    ],
)
def test_promises_are_found_whole(text, spans):
    assert [text[start:end] for start, end in find_targets(text)] == spans


@pytest.mark.parametrize(
    "text",
    [
        "去年，全市规上工业增加值增长7.1%，完成投资1200亿元。",
        "该厂总投资50亿元，占地300亩。",
        "今年是“十四五”第一年，一是抓落实，二是转作风😀。",
        "",
        "。\n，；",
    ],
)
def test_results_descriptions_and_slogans_are_left_out(text):
    assert find_targets(text) == []


def test_what_was_achieved_ends_where_a_promise_begins():
    text = "去年新增企业30家，税收增长4%。今年新增企业40家，税收增长6%；截至目前已签约12家。"
    assert [text[a:b] for a, b in find_targets(text)] == ["新增企业40家", "税收增长6%"]


@given(
    st.lists(
        st.sampled_from(
            [
                *"今年去力争增长0１%亿家个、，。；：“”（）—和\n \u3000𠮷😀",
                "力争",
                "新增",
                "2025年",
                "3.5%",
                "企业50家",
                "全部",
            ]
        ),
        max_size=60,
    ).map("".join)
)
def test_spans_lie_in_the_text_in_order_and_apart(text):
    previous = 0
    for start, end in find_targets(text):
        assert previous <= start < end <= len(text)
        previous = end


def test_spans_of_a_scraped_page_point_into_the_raw_text():
    raw = "<p>今年，力爭新增(zēng)規上企業(yè)６０家，去年 30 家。</p>"
    (document,) = tag([Document("page", raw)], "TARGET", find_targets)
    assert [(m.label, m.text) for m in document.mentions] == [("TARGET", "新增(zēng)規上企業(yè)６０家")]
    assert document.text == raw


def test_mentions_that_meet_in_one_replaced_stretch_do_not_overlap():
    (document,) = tag([Document("x", "㎡&amp;米")], "TARGET", lambda text: [(i, i + 1) for i in range(len(text))])
    mentions = document.mentions
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    assert mentions
