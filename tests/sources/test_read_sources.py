import io
import json
import os
import sys

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_cases import SENTENCE, pdf, word

from topner.sources.read import Reading, read_file
from topner.sources.remarks import Remarks
from topner.sources.tables import Columns


def read(path, **reading):
    remarks = Remarks()
    return [(d.id, d.text) for d in read_file(path, remarks, Reading(**reading))], list(remarks.lines()), remarks


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", f"\ufeff{SENTENCE}\r\n"),
        ("a.md", f"# 报告\n\n{SENTENCE}"),
        ("a", SENTENCE),
        ("a.docx", word(SENTENCE)),
        ("a.PDF", pdf([SENTENCE])),
        ("a.htm", f"<html><body><p>{SENTENCE}</p></body></html>"),
        ("misnamed.txt", word(SENTENCE)),
        ("misnamed.docx", pdf([SENTENCE])),
        ("page", f"<!doctype html><html><body><p>{SENTENCE}</p></body></html>"),
    ],
)
def test_any_file_is_a_document_of_its_text(tmp_path, name, content):
    path = put(tmp_path / name, content)
    ((id, text),), lines, _ = read(path)
    assert id == str(path)
    assert SENTENCE in text
    assert "\ufeff" not in text
    assert "<p>" not in text
    assert lines == []


def test_the_encoding_taken_is_told(tmp_path):
    gb = put(tmp_path / "a.txt", SENTENCE.encode("gb18030"))
    ((_, text),), lines, remarks = read(gb)
    assert (text, lines, remarks.problems) == (SENTENCE, [f"read as GB18030: {gb}"], [])
    short = put(tmp_path / "b.txt", "库".encode("gb18030"))
    _, (line,), remarks = read(short)
    assert "name it with --encoding" in line
    assert remarks.problems == []
    ((_, text),), _, _ = read(short, encoding="gbk")
    assert text == "库"
    _, lines, remarks = read(gb, encoding="utf-8")
    assert lines == remarks.problems == [f"{gb}: is not UTF-8 text (name another --encoding, or none)"]
    cut = put(tmp_path / "c.txt", SENTENCE.encode()[:-1])
    ((_, text),), (line,), _ = read(cut)
    assert text == SENTENCE[:-1] + "�"
    assert "1 characters cannot be read as UTF-8" in line


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "", "is empty"),
        ("a.txt", " \n\u3000", "holds no text"),
        ("a.docx", "", "is empty"),
        ("a.docx", word(), "holds no text"),
        ("a.docx", "市科技局", "does not begin as .docx files do"),
        ("a.docx", word("市")[:500], "is broken"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "is encrypted"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Office file of before 2007"),
        ("a.pdf", pdf([SENTENCE], password="geheim"), "is encrypted"),
        ("a.pdf", pdf(None), "only images"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(100), "is an image"),
        ("a.rtf", "{\\rtf1 x}", "is RTF"),
        ("a.html", "<html><script>1</script></html>", "holds no text"),
        ("a.bin", bytes(range(256)) * 9, "is no text in UTF-8"),
        ("a.csv", "", "is empty"),
        ("a.csv", "甲,乙\n1,2\n", "no column for the text, only 甲, 乙 (name it with --column)"),
        ("a.csv", '"甲\n\u2028乙",丙\n1,2\n', "only 甲 乙, 丙 (name it"),
        ("a.csv", "\x1b[2J\u202e甲,乙\n1,2\n", "only \\x1b[2J\\u202e甲, 乙 (name it"),
        ("a.csv", "text\n", "holds no row"),
        ("a.parquet", b"PAR1 nonsense", "is no parquet file"),
        ("a.xlsx", b"PK\x03\x04", "is broken"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, name, content, message):
    path = put(tmp_path / name, content)
    found, lines, remarks = read(path)
    assert found == []
    (line,) = remarks.problems
    assert line.startswith(f"{path}: ")
    assert message in line
    assert "\n" not in line
    assert lines == [line]


def test_missing_files_folders_and_devices(tmp_path):
    for path, message in ((tmp_path / "无.txt", "no such file"), (tmp_path, "is a folder"), (tmp_path / "a\0", "null")):
        _, (line,), _ = read(path)
        assert message in line
    os.mkfifo(tmp_path / "pipe")
    if not os.fork():  # a writer, as in topner predict <(command)
        (tmp_path / "pipe").write_text(SENTENCE, encoding="utf-8")
        os._exit(0)
    assert read(tmp_path / "pipe")[0] == [(str(tmp_path / "pipe"), SENTENCE)]
    os.wait()


@pytest.mark.parametrize("content", [SENTENCE.encode(), SENTENCE.encode("gb18030"), word(SENTENCE), pdf([SENTENCE])])
def test_standard_input_may_be_anything(monkeypatch, content, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    ((id, text),), _, _ = read(tmp_path.__class__("-"))
    assert (id, text.strip()) == ("stdin", SENTENCE)


ROWS = [("文-1", SENTENCE), ("文-2", '他说“力争”，\n"增长5%"'), (None, "云湖新城😀𠮷")]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_rows(tmp_path, codec, delimiter):
    lines = ['"标题"', "编号", "正文"], *(["题", id or "", '"' + text.replace('"', '""') + '"'] for id, text in ROWS)
    path = put(tmp_path / "表.csv", "\r\n".join(delimiter.join(line) for line in lines).encode(codec))
    found, _, remarks = read(path)
    assert found == [("文-1", ROWS[0][1]), ("文-2", ROWS[1][1]), (f"{path}:2", ROWS[2][1])]
    assert remarks.problems == []
    found, _, _ = read(path, columns=Columns("标题", "正文"))
    assert found[0] == (SENTENCE, "题")


def test_other_tables_hold_the_same(tmp_path):
    ids, texts = [id for id, _ in ROWS], [text for _, text in ROWS]
    put(tmp_path / "t.jsonl", "\n\n".join(json.dumps({"id": i, "text": t}, ensure_ascii=False) for i, t in ROWS))
    pq.write_table(pa.table({"id": ids, "content": texts, "x": [1, 2, 3]}), tmp_path / "t.parquet")
    book = openpyxl.Workbook()
    for row in (("内容", "ID"), *((t, i) for i, t in ROWS)):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    for name in ("t.jsonl", "t.parquet", "t.xlsx"):
        found, lines, _ = read(tmp_path / name)
        assert found == [("文-1", texts[0]), ("文-2", texts[1]), (f"{tmp_path / name}:2", texts[2])]
        assert lines == []


def test_a_table_of_one_column_needs_no_name(tmp_path):
    assert read(put(tmp_path / "a.csv", "句子\n力争\n增长\n"))[0] == [
        (f"{tmp_path}/a.csv:0", "力争"),
        (f"{tmp_path}/a.csv:1", "增长"),
    ]
    book = openpyxl.Workbook()
    for row in (("id", "text"), (17.0, "力争")):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx")[0] == [("17", "力争")]


def test_long_cells_and_empty_ones(tmp_path):
    long = "云湖新城" * 100_000
    found, lines, remarks = read(put(tmp_path / "a.csv", f"id,text\n1,{long}\n2,\n3\n4,增长\n"))
    assert found == [("1", long), ("2", ""), ("3", ""), ("4", "增长")], "no row is lost"
    assert lines == [f"{tmp_path}/a.csv: no text in row 1, 2"]
    assert remarks.problems == []


def test_bad_lines_of_jsonl_do_not_stop_the_rest(tmp_path):
    lines = [
        '{"text": "甲"}',
        "{",
        "[1]",
        '{"text": 5}',
        '{"txt": "x", "b": 1}',
        '{"text": "\\ud800"}',
        '{"text": null}',
    ]
    content = "\n".join(lines).encode() + b'\n{"text": "\xff"}\n' + b"[" * 200_000 + '\n{"text": "乙"}'.encode()
    path = put(tmp_path / "a.jsonl", content)
    found, lines, remarks = read(path)
    assert found == [(f"{path}:0", "甲"), (f"{path}:6", ""), (f"{path}:9", "乙")]
    assert [line.removeprefix(f"{path}, ").partition(" (")[0] for line in remarks.problems] == [
        "line 2: is no JSON",
        "line 3: is no JSON object",
        "row 3: its text is no text",
        "line 5: has no column for the text, only txt, b",
        "row 5: its text is no text",
        "line 8: is not UTF-8",
        "line 9: is no JSON",
    ]


def test_a_table_that_changes_its_encoding_is_told(tmp_path):
    content = "text\n" + "力争增长\n" * 200_000
    _, _, remarks = read(put(tmp_path / "a.csv", content.encode() + "力争增长\n".encode("gb18030")))
    assert "changes its encoding after line" in remarks.problems[0]
