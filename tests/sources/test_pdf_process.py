"""PDF files that would take for ever."""

import zlib

import pytest
from source_cases import SENTENCE, pdf

from topner.errors import TopnerError
from topner.sources import pdf_process
from topner.sources.pdf import pdf_text
from topner.sources.pdf_process import bounded_pdf_text
from topner.sources.read import read_file
from topner.sources.remarks import Remarks


def tedious():
    """A PDF of thirty kilobytes whose second page shows a letter a million times."""
    content = zlib.compress(b"BT (a) Tj ET " * 1_000_000, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 5 0 R/Resources<</Font<<>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content),
    ]
    body = b"".join(b"%d 0 obj%sendobj\n" % (i, part) for i, part in enumerate(objects, start=1))
    return b"%%PDF-1.4\n%strailer<</Root 1 0 R/Size 6>>\nstartxref\n0\n%%%%EOF" % body


@pytest.mark.parametrize("data", [pdf([SENTENCE, "第2行😀"]), pdf([SENTENCE], None), pdf([SENTENCE], owner="看不得")])
def test_the_text_is_that_of_the_reader(data):
    assert bounded_pdf_text(data) == pdf_text(data)


@pytest.mark.parametrize("data", [pdf(None), pdf([SENTENCE], password="geheim"), b"%PDF-1.4 broken", b""])
def test_what_is_wrong_is_told_alike(data):
    with pytest.raises(TopnerError) as near:
        pdf_text(data)
    with pytest.raises(TopnerError) as far:
        bounded_pdf_text(data)
    assert str(far.value) == str(near.value)


def test_a_page_that_takes_for_ever_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("topner.sources.read.bounded_pdf_text", lambda data: bounded_pdf_text(data, 2))
    (tmp_path / "深.pdf").write_bytes(tedious())
    (tmp_path / "好.pdf").write_bytes(pdf([SENTENCE]))
    remarks = Remarks()
    assert list(read_file(tmp_path / "深.pdf", remarks)) == []
    (line,) = remarks.problems
    assert line.startswith(f"{tmp_path / '深.pdf'}: page 2 takes longer than 2 seconds to read (")
    (document,) = read_file(tmp_path / "好.pdf", remarks)
    assert SENTENCE in document.text


def test_a_file_that_takes_for_ever():
    with pytest.raises(TopnerError, match="takes longer than 1 seconds to read"):
        bounded_pdf_text(tedious(), 60, 1)


def test_nothing_is_imported_from_where_the_user_is(tmp_path, monkeypatch):
    (tmp_path / "pypdf.py").write_text("raise SystemExit(7)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    assert bounded_pdf_text(pdf([SENTENCE])) == pdf_text(pdf([SENTENCE]))


def test_a_reader_that_breaks_down(monkeypatch):
    monkeypatch.setattr(pdf_process.sys, "executable", "/bin/false")
    with pytest.raises(TopnerError, match="is broken"):
        bounded_pdf_text(pdf([SENTENCE]))
