import zipfile
from io import BytesIO

import pytest
from source_cases import document_xml, run, word, word_with

from topner.errors import TopnerError
from topner.sources.word import word_text


def test_paragraphs_and_tables_in_order():
    data = word(
        "市政府工作报告", "陈𠮷局长：力争增长5%😀。", table=[["指标", "目标"], ["工业投资\n（亿元）", "突破300亿元"]]
    )
    assert word_text(data) == "市政府工作报告\n陈𠮷局长：力争增长5%😀。\n指标\t目标\n工业投资 （亿元）\t突破300亿元\n"


def test_what_counts_as_text_and_what_does_not():
    body = f"""
    <w:p>{run("力争")}<w:ins w:id="1">{run("新增")}</w:ins><w:del w:id="2"><w:r><w:delText>减少</w:delText></w:r></w:del>
      <w:hyperlink>{run("企业")}</w:hyperlink><w:smartTag>{run("60家")}</w:smartTag><w:r><w:tab/><w:t>。</w:t></w:r></w:p>
    <w:sdt><w:sdtContent><w:p>{run("内容控件里的云湖新城")}</w:p></w:sdtContent></w:sdt>
    <w:p>{run("框外")}<mc:AlternateContent><mc:Choice><w:r><w:txbxContent><w:p>{run("框内")}</w:p></w:txbxContent></w:r>
      </mc:Choice><mc:Fallback><w:txbxContent><w:p>{run("框内")}</w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:p>
    <w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:ruby><w:rt>{run("fā")}</w:rt><w:rubyBase>{run("發")}</w:rubyBase></w:ruby>
    </w:p>"""
    text = "力争新增企业60家\t。\n内容控件里的云湖新城\n框外\n框内\n發\n"
    assert word_text(word_with("".join(line.strip() for line in body.splitlines()))) == text


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        word("力争")[:-200],
        word("力争")[:2000],
        word_with(b"<w:document"),
        word_with(b"<a/>"),
        b"",
    ],
)
def test_broken_files_get_a_message(data):
    with pytest.raises(TopnerError, match="is broken"):
        word_text(data)


def test_entities_are_off():
    declared = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    xml = document_xml(f"<w:p>{run('&a;')}</w:p>").replace(b"<w:document", declared + b"<w:document", 1)
    with pytest.raises(TopnerError, match="declares a document type"):
        word_text(word_with(xml))
    hidden = xml.replace(declared, b"<!--" + b" " * 9000 + b"-->" + declared)
    try:
        text = word_text(word_with(hidden))
    except TopnerError:
        return
    assert "root" not in text


def test_a_bomb_is_not_opened():
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (40 * 2**20))
    with pytest.raises(TopnerError, match="would unpack to 40 MiB"):
        word_text(out.getvalue())


def test_depth_costs_nothing():
    deep = "<w:sdt>" * 250 + f"<w:p>{run('深')}</w:p>" + "</w:sdt>" * 250
    assert word_text(word_with(deep)) == "深\n"
    far = "<w:sdt>" * 50000 + "</w:sdt>" * 50000
    with pytest.raises(TopnerError, match="is broken"):
        word_text(word_with(far))
