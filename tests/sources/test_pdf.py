import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_cases import pdf

from topner.errors import TopnerError
from topner.sources.pdf import join_lines, pdf_text

LINES = [
    "　　今年，全市力争地区生产总值增长5.5%以上，工业投资突破300亿元，全社会研发经",
    "费投入超115亿元，加快深江铁路建设。",
    "　　市科技局局长陈某表示，“百千万工程”要提速，确保新增规上企业60家、引进科",
    "研团队2个。",
]


def test_text_layer_with_lines_joined():
    text, blank, pages = pdf_text(pdf(LINES))
    assert text == LINES[0] + LINES[1] + "\n" + LINES[2] + LINES[3] + "\n"
    assert (blank, pages) == (0, 1)


def test_sentences_run_over_pages_and_page_numbers_do_not():
    text, _, _ = pdf_text(pdf([*LINES[:3], "— 1 —"], [LINES[3], "- 2 -"]))
    assert text == LINES[0] + LINES[1] + "\n" + LINES[2] + LINES[3] + "\n"
    assert pdf_text(pdf(["第 1 页 共 2 页", "5", "合计"], ["2025"]))[0] == "5\n合计\n", "only at the edge of a page"


def test_short_lines_stay_apart():
    lines = ["2026年政府工作报告", "目标任务", "新建公园12座", "改造老旧小区80个"]
    assert pdf_text(pdf(lines))[0] == "\n".join(lines) + "\n"


@given(st.lists(st.lists(st.text("增长市5%a 。，\u3000", max_size=40), max_size=8), max_size=4))
def test_joining_loses_no_character(pages):
    kept = [line for page in pages for line in page]
    if any(line.strip().isdigit() for line in kept):
        return
    assert "".join("".join(kept).split()) == "".join(join_lines(pages).split())


def test_latin_words_are_not_glued():
    full = "gross domestic product and all the other figures of the year"
    assert join_lines([[full, full, "grow"]]) == f"{full} {full} grow\n"


def test_pages_without_text_are_counted_and_a_file_of_images_is_named():
    text, blank, pages = pdf_text(pdf(LINES, None))
    assert (text.count("\n"), blank, pages) == (2, 1, 2)
    with pytest.raises(TopnerError, match="no text layer, only images"):
        pdf_text(pdf(None, None))


def test_locks():
    assert "深江铁路" in pdf_text(pdf(LINES, owner="看不得"))[0], "locked against copying only"
    with pytest.raises(TopnerError, match="is encrypted"):
        pdf_text(pdf(LINES, password="geheim"))


def test_strong_locks():
    from io import BytesIO

    from pypdf import PdfReader, PdfWriter

    for user, opens in (("", True), ("geheim", False)):
        writer, out = PdfWriter(PdfReader(BytesIO(pdf(LINES)))), BytesIO()
        writer.encrypt(user, "owner", algorithm="AES-256")
        writer.write(out)
        if opens:
            assert "深江铁路" in pdf_text(out.getvalue())[0]
        else:
            with pytest.raises(TopnerError, match="is encrypted"):
                pdf_text(out.getvalue())


@pytest.mark.parametrize("cut", [9, 400, 900])
def test_broken_files_get_a_message(cut):
    with pytest.raises(TopnerError, match=r"is broken|only images"):
        pdf_text(pdf(LINES)[:cut])


def test_a_bomb_is_not_unpacked():
    stream = zlib.compress(zlib.compress(b"0 0 m " * 20_000_000, 1), 9)
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    head += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
    body = b"4 0 obj<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream endobj\n" % (
        len(stream),
        stream,
    )
    with pytest.raises(TopnerError, match="is broken"):
        pdf_text(head + body + b"trailer<</Root 1 0 R/Size 5>>\n%%EOF")
