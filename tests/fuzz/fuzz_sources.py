"""Files as people have them: small valid ones made on the spot, the pieces that hostile ones are made of, and what must hold."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from topner.sources.read import read_file
from topner.sources.remarks import Remarks
from topner.text.clean import clean

_TEXT = "市科技局\u3000力争GDP增长５%，建成“百园工程”3座。力争全社会研发经费投入超115亿元，加快深江铁路建设。"
ENDINGS = {
    "source-text": "f.txt",
    "source-html": "f.html",
    "source-docx": "f.docx",
    "source-pdf": "f.pdf",
    "source-csv": "f.csv",
    "source-xlsx": "f.xlsx",
    "source-jsonl": "f.jsonl",
    "source-parquet": "f.parquet",
}
"""Targets by name, with the name of the file that is read."""

_HTML = """
<html> <head> <body> <p> </p> <div <table> <tr> <td> <meta charset=gb2312> <meta charset=utf-16> <meta charset=idna>
<?xml encoding="big5"?> <script> </script> <!-- --> <![CDATA[ ]]> &#0; &#x110000; &nbsp; <ruby>發<rt>fā</rt></ruby>
<base href= <svg>
"""
_XML = """
<w:p> </w:p> <w:r> <w:t> </w:t> <w:tbl> <w:tr> <w:tc> <w:txbxContent> <w:del> <w:br/> <!DOCTYPE <!ENTITY <!-- --> &a; &#0;
<v>1</v> <f>1+1</f> t="s" t="e" t="inlineStr" t="d" r="A1" r="XFE1" r="A9999999" r="ZZZZ1" r="0" <c> <row>
</row> <is><t>=1</t></is>
TargetMode="External" ../../x
"""
_PDF = """
/Type /Page /Pages /Kids /Count /Parent /Length /Filter /FlateDecode /LZWDecode /Encrypt /Root /Font /ToUnicode /Contents /Prev
obj endobj stream endstream xref trailer startxref %%EOF << >> [ ] ( ) <41> R 0 1 2 3 4 5 9999999999 -1 1e9 BT ET Tj TJ Tf Do
cm q Q 0.0000000001
"""
_TABLE = ["text", "content", "正文", "id", ",", "\t", ";", "|", '"', '""', "\r", "\r\n", "=1+1", "\x00", "a" * 200_000]
PIECES: dict[str, list[str]] = {
    "source-text": ["<html>", "%PDF-", "PK\x03\x04", "PAR1", "{\\rtf", "\ufffd", "\x85", "\u2028", "省", "\ufeff"],
    "source-html": _HTML.split(),
    "source-docx": [
        *_XML.split(),
        "@word/document.xml\n",
        "@word/_rels/document.xml.rels\n",
        "PK\x01\x02",
        "PK\x05\x06",
    ],
    "source-pdf": _PDF.split(),
    "source-csv": _TABLE,
    "source-xlsx": [*_XML.split(), "@xl/worksheets/sheet1.xml\n", "@xl/sharedStrings.xml\n", "@xl/workbook.xml\n"],
    "source-jsonl": [
        '{"text": "省"}\n',
        '"id":',
        '"\\ud842"',
        "{",
        "[",
        "}",
        "null",
        "1e400",
        "NaN",
        "\n",
        *_TABLE[:3],
    ],
    "source-parquet": ["PAR1", "text", "schema", "\xff" * 4, "\x15\x02", "\x00" * 8],
}


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """Valid inputs of a target: files, and of packed ones also parts to replace, after a line ``@`` and the part's name."""
    if name == "source-text":
        traditional = "市科技局力爭全社會研發經費投入超115億元，加快深江鐵路建設。"
        codecs = ("utf-8", "gb18030", "utf-16", "utf-8-sig")
        return (*(_TEXT.encode(codec) for codec in codecs), traditional.encode("big5"))
    if name == "source-html":
        page = (
            f"<!DOCTYPE html><html><head><meta charset=gbk><title>报告</title></head><body><p>{_TEXT}</p></body></html>"
        )
        return (page.encode("gb18030"), page.replace("gbk", "utf-8").encode())
    if name == "source-csv":
        out = io.StringIO()
        csv.writer(out).writerows([["id", "正文"], ["甲", _TEXT], ["乙", "a\nb"], ["", ""]])
        return tuple(out.getvalue().encode(codec) for codec in ("utf-8", "gb18030", "utf-16"))
    if name == "source-jsonl":
        rows = [{"id": 1, "text": _TEXT}, {"text": "省\n厅", "id": None}]
        return ("".join(json.dumps(row, ensure_ascii=number > 0) + "\n" for number, row in enumerate(rows)).encode(),)
    if name == "source-parquet":
        return (_parquet("snappy"), _parquet("none"))
    if name == "source-pdf":
        return (_pdf(),)
    return (_packed(name, b""), *(f"@{part}\n{xml}".encode() for part, xml in _parts(name).items()))


def _parquet(packed: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({"id": ["甲", None], "text": [_TEXT, "省"]}), out, compression=packed)
    return out.getvalue()


def _pdf() -> bytes:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, pageCompression=0)
    canvas.setFont("STSong-Light", 12)
    canvas.drawString(72, 700, _TEXT[:30])
    canvas.drawString(72, 680, "Plain 2026")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def _parts(name: str) -> dict[str, str]:
    """Parts of a Word or an Excel file, each small."""
    if name == "source-docx":
        office = "http://schemas.openxmlformats.org"
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        to = f"{office}/officeDocument/2006/relationships"
        line = f"<w:p><w:r><w:t>{_TEXT}</w:t></w:r></w:p>"
        body = f"<w:body>{line}<w:tbl><w:tr><w:tc>{line}</w:tc></w:tr></w:tbl></w:body>"
        return {
            "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{office}/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{to}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/document.xml": f'<w:document xmlns:w="{office}/wordprocessingml/2006/main">{body}</w:document>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{office}/package/2006/relationships"></Relationships>',
        }
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    for row in (["id", "正文"], ["甲", _TEXT], [2, "省厅"]):
        book.worksheets[0].append(row)
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        return {each: archive.read(each).decode() for each in archive.namelist() if "theme" not in each}


def _packed(name: str, data: bytes) -> bytes:
    """The office file, with one part replaced when the data begins with ``@`` and a part's name."""
    parts = {part: xml.encode() for part, xml in _parts(name).items()}
    head, _, rest = data.partition(b"\n")
    if head[:1] == b"@":
        parts[head[1:].decode("utf-8", "replace")] = rest
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part), content)
    return out.getvalue()


@st.composite
def flipped(draw: st.DrawFn, name: str) -> bytes:
    """A valid file of which single bytes are changed, or which is cut off."""
    data = bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(draw(st.integers(1, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.sampled_from([0, 0xFF, 0x7F, 0x80]) | st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 5)) == 0 else data)


_FOLDER = tempfile.TemporaryDirectory(prefix="fuzz-sources-")


def read_source(data: bytes, name: str) -> None:
    """Files of texts and tables give documents that can be written, or a message of one line; nothing is raised."""
    path = Path(_FOLDER.name) / ENDINGS[name]
    path.write_bytes(_packed(name, data) if data[:1] == b"@" and name in ("source-docx", "source-xlsx") else data)
    remarks = Remarks()
    documents = list(read_file(path, remarks))
    assert documents or remarks.problems
    for line in remarks.lines():
        assert len(re.split(r"[\r\n\x0b\x0c\x85\u2028\u2029]", line)) == 1, line
        line.encode()
    for document in documents:
        json.dumps(document.to_json(), ensure_ascii=False, allow_nan=False).encode()
        assert clean(document.text).raw == document.text
