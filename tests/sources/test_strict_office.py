"""Word and Excel files in the strict form of ISO/IEC 29500."""

import io
import re
import zipfile

import openpyxl
import pytest
from source_cases import SENTENCE, word

from topner.sources.bounds import check_office
from topner.sources.read import read_file
from topner.sources.remarks import Remarks
from topner.sources.strict import transitional


def strict(data):
    """The file as Word and Excel write it under "Strict Open XML"."""
    kept, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in kept.namelist():
            part = kept.read(name)
            if name.endswith((".xml", ".rels")):
                part = re.sub(
                    rb"(?<=\")http://schemas\.openxmlformats\.org/(?!package|markup)(\w+)/2006/",
                    rb"http://purl.oclc.org/ooxml/\1/",
                    part,
                )
            archive.writestr(name, part)
    return out.getvalue()


def sheet(rows):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


ADDRESS = "见 http://purl.oclc.org/ooxml/wordprocessingml/main。"


def test_word(tmp_path):
    data = strict(word(SENTENCE, ADDRESS, table=[["指标", "增长5%😀"]]))
    assert b"purl.oclc.org/ooxml/wordprocessingml" in zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml")
    (tmp_path / "严格.docx").write_bytes(data)
    remarks = Remarks()
    (document,) = read_file(tmp_path / "严格.docx", remarks)
    assert document.text == f"{SENTENCE}\n{ADDRESS}\n指标\t增长5%😀\n", "an address in the text stays"
    assert list(remarks.lines()) == []


def test_excel(tmp_path):
    (tmp_path / "严格.xlsx").write_bytes(strict(sheet([("id", "正文"), (17, SENTENCE), ("乙", "云湖新城")])))
    remarks = Remarks()
    found = [(document.id, document.text) for document in read_file(tmp_path / "严格.xlsx", remarks)]
    assert found == [("17", SENTENCE), ("乙", "云湖新城")]
    assert list(remarks.lines()) == []


@pytest.mark.parametrize("data", [word(SENTENCE), sheet([("text",), (SENTENCE,)])])
def test_other_files_stay_as_they_are(data):
    with check_office(data) as archive:
        assert transitional(archive, data) is data


def test_a_broken_one_gets_a_message(tmp_path):
    kept, out = zipfile.ZipFile(io.BytesIO(strict(word(SENTENCE)))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in kept.namelist():
            archive.writestr(name, kept.read(name)[: -9 if name == "word/document.xml" else None])
    (tmp_path / "a.docx").write_bytes(out.getvalue())
    remarks = Remarks()
    assert list(read_file(tmp_path / "a.docx", remarks)) == []
    (line,) = remarks.problems
    assert ": is broken: " in line
