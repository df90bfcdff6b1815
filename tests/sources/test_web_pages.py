import pytest
from source_cases import SENTENCE

from topner.errors import TopnerError
from topner.sources.page import decode_page, looks_like_html, page_text

PARAGRAPHS = [f"{SENTENCE[:-1]}，第{number}项任务由市发展改革局负责。" for number in "一二三四五"]
PAGE = f"""<!doctype html><html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>政府工作报告</title><script>document.write("脚本写的话")</script><style>p{{color:red}}</style></head><body>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zw">政务公开</a></li></ul></div>
<div class="TRS_Editor">{"".join(f"<p>　　{text}</p>" for text in PARAGRAPHS)}
<ul><li>新建公园12座</li><li>改造老旧小区80个</li></ul>
<table><tr><td>工业投资</td><td>突破300亿元</td></tr></table>
<p><ruby>發<rt>fā</rt></ruby><ruby>展<rt>zhǎn</rt></ruby>园区，争取引进2个科研团队。</p></div>
<div class="footer"><a href="/map">网站地图</a> 版权所有</div><script src="x.js"></script></body></html>"""


def test_the_main_text_with_lists_and_tables_and_nothing_else():
    text, remark = page_text(PAGE)
    assert remark == ""
    for wanted in (*PARAGRAPHS, "新建公园12座", "改造老旧小区80个", "突破300亿元", "發展园区，争取引进2个科研团队。"):
        assert wanted in text
    for unwanted in ("脚本写的话", "color", "政务公开", "网站地图", "<", "zhǎn"):
        assert unwanted not in text


def test_the_encoding_a_page_names_is_taken_where_it_fits():
    assert decode_page(PAGE.encode("gb18030")).text == PAGE
    assert decode_page(PAGE.encode("utf-8")).text == PAGE, "many pages name the wrong one"
    page = PAGE.replace("gb2312", "big5")
    assert decode_page(page.encode("gb18030")).text == page


def test_a_page_without_a_main_part_gives_all_its_text():
    for page in ("<html><body>" + "<div>" * 60_000 + SENTENCE + "</div>" * 60_000, f"<p>{SENTENCE}</p>"):
        text, _ = page_text(page)
        assert text == SENTENCE + "\n"
    _, remark = page_text("<html><body>" + "<div>" * 60_000 + SENTENCE)
    assert "no main text was found" in remark


def test_a_main_part_that_is_little_of_the_page_is_told():
    links = "".join(f'<div class="footer"><a href="/{i}">关于第{i}号文件的通知</a></div>' for i in range(300))
    text, remark = page_text(f"<html><body><article><p>{SENTENCE}</p></article>{links}</body></html>")
    assert SENTENCE in text
    assert "of the page's" in remark or len(text) > 1000


def test_entities_are_not_expanded_far():
    bomb = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "市"}">' for i in range(12))
    text, _ = page_text(f"<!DOCTYPE html [{bomb}]><html><body><p>&a11;{SENTENCE}</p></body></html>")
    assert SENTENCE in text
    assert len(text) < 1000


def test_no_text_is_a_message():
    with pytest.raises(TopnerError, match="holds no text"):
        page_text("<html><body><script>render('增长5%')</script></body></html>")


def test_pages_are_known_by_their_beginning():
    assert looks_like_html("\ufeff\n<!-- 注 --><!DOCTYPE HTML PUBLIC '-'><html>".encode())
    assert looks_like_html(b'<?xml version="1.0"?>\n<html xmlns="x">')
    for text in ("市科技局 <html> 一词", "<公司>", "<rss>", "", "<!-- -->" * 500):
        assert not looks_like_html(text.encode())
