"""Files of every kind, made on the spot."""

import io
import zipfile

from docx import Document as WordDocument
from reportlab.lib import pdfencrypt
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

SENTENCE = "今年，全市力争地区生产总值增长5.5%以上，加快“赣深铁路”二期建设。"


def pdf(*pages, password=None, owner=None):
    """A PDF with a Chinese text layer, each page a list of lines; with ``None`` for a page that is one image."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    lock = (
        None if password is owner is None else pdfencrypt.StandardEncryption(password or "", owner or "x", strength=128)
    )
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, encrypt=lock)
    for lines in pages:
        if lines is None:
            canvas.rect(72, 72, 400, 600, fill=1)
        else:
            canvas.setFont("STSong-Light", 12)
            for i, line in enumerate(lines):
                canvas.drawString(72, 770 - 18 * i, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def word(*paragraphs, table=()):
    """A Word document, saved by python-docx."""
    document = WordDocument()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word_with(body, parts=()):
    """A Word document whose body is this XML; ``parts`` add or replace entries of the archive."""
    kept = zipfile.ZipFile(io.BytesIO(word("占位")))
    out = io.BytesIO()
    replaced = {"word/document.xml": body if isinstance(body, bytes) else document_xml(body), **dict(parts)}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in dict.fromkeys([*kept.namelist(), *replaced]):
            archive.writestr(name, replaced.get(name) or kept.read(name))
    return out.getvalue()


def document_xml(body):
    """The main part of a Word document around a body."""
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    names += 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    return f'<?xml version="1.0" encoding="UTF-8"?><w:document {names}><w:body>{body}</w:body></w:document>'.encode()


def run(text):
    """A run of Word's XML."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'
