import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.text.alignment import AlignedText
from topner.text.markup import strip_markup


def stripped(text: str) -> str:
    return AlignedText.of(text).apply(strip_markup(text)).text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("完成投资1300亿元&nbsp;以上", "完成投资1300亿元\xa0以上"),
        ("增长&nbsp&nbsp8%", "增长\xa0\xa08%"),
        ("&ldquo;百千万工程&rdquo;", "“百千万工程”"),
        ("&#x4e00;&#20108;&#X4E09;号文", "一二三号文"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("&lt;p&gt;", "<p>"),
        ("R&amp;D占比", "R&D占比"),
        ("R&D占比；AT&T；&未知;", "R&D占比；AT&T；&未知;"),
        ("&nosuchname;", "&nosuchname;"),
        ("&#x110000;", "\ufffd"),
    ],
)
def test_entities(raw: str, clean: str) -> None:
    assert stripped(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<p>第一段</p><p>第二段</p>", "第一段\n第二段"),
        ("<p>第一段</p>\r\n<p>第二段</p>", "第一段\r\n第二段"),
        ("指标<br/>数值<BR>单位", "指标\n数值\n单位"),
        ("<tr><td>固投</td><td>300亿元</td></tr>", "固投\n300亿元"),
        ("发<b>展</b><span style='color:red'>改</span>革", "发展改革"),
        ('<a href="/a?x=3>2&amp;y" title="江门">江门市</a>', "江门市"),
        ("前<!-- 注释 <p> -->后", "前后"),
        ("前<script type='text/javascript'>if (a<b) {'</p>'}</SCRIPT >后", "前后"),
        ("<style>p > a {color: red}</style>正文", "正文"),
        ("<!DOCTYPE html><html><body>正文</body></html>", "正文"),
        ("<?xml version='1.0'?>正文", "正文"),
        ("<o:p></o:p>正<ucapcontent>文</ucapcontent>", "正文"),
        ("<ruby>發<rp>(</rp><rt>fā</rt><rp>)</rp>展<rt>zhǎn</ruby>局", "發展局"),
        ("<td nowrap>甲</td> <td>乙</td>", "甲\n 乙"),
    ],
)
def test_tags(raw: str, clean: str) -> None:
    assert stripped(raw) == clean


@pytest.mark.parametrize(
    "text",
    [
        "3<5且7>2",
        "若a < b且c > d",
        "若a<b且b>c",
        "if a<b and b>c",
        "《江门市“十四五”规划》<公司>",
        "占比<10%，增速>5%",
        "<Name>待填",
        "前<!--没有结束",
        "𠮷<",
        "",
    ],
)
def test_plain_text_stays(text: str) -> None:
    assert stripped(text) == text


def test_unclosed_script_loses_its_tag_only() -> None:
    assert stripped("前<script>后") == "前后"


def test_offsets_lead_back_through_tags() -> None:
    raw = "<p>江门<b>市发</b>改局</p><p>&ldquo;工程&rdquo;</p>"
    aligned = AlignedText.of(raw).apply(strip_markup(raw))
    start = aligned.text.index("江门市发改局")
    first, last = aligned.raw_span(start, start + 6)
    assert raw[first:last] == "江门<b>市发</b>改局"
    start = aligned.text.index("“")
    first, last = aligned.raw_span(start, start + 4)
    assert raw[first:last] == "&ldquo;工程&rdquo;"


@given(st.text(alphabet="发展<>&;/!-“”《》𠮷 \n13", max_size=40))
def test_text_without_names_is_untouched(text: str) -> None:
    if "<!--" not in text:
        assert stripped(text) == text


@given(st.text(alphabet="发展<>&\"'𠮷😀 \nab", max_size=40))
def test_escaped_text_comes_back(text: str) -> None:
    assert stripped(html.escape(text)) == text


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<b>", "<br>", "<!--", "-->", "<script>", "</script>", "<rt>", "字", " "]))
)
def test_any_soup_gives_valid_edits(pieces: list[str]) -> None:
    clean = stripped("".join(pieces))
    assert not {"<p>", "</p>", "<b>", "<br>", "<script>", "</script>", "<rt>"} & {
        clean[i:j] for i in range(len(clean)) for j in range(i, len(clean) + 1)
    }
