import csv
import io
import json
from pathlib import Path

import pytest

from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.inference.files import write_tagged
from topner.inference.output import OUTPUT_FORMATS, output_format, render

TEXT = '=市科技局<script>alert("1")</script>力争增长5%，达到\n3亿元𠮷'
START = TEXT.index("力争增长") + 2
DOCUMENT = Document(
    "a&b.txt",
    TEXT,
    (Mention(0, 5, "ORG", "=市科技局", 0.91234), Mention(START, START + 4, "TARGET", "增长5%", 0.5)),
)


def out(format):
    return "".join(render([DOCUMENT], format, ("TARGET", "PROJECT", "ORG")))


def test_jsonl_is_the_contract():
    (line,) = out("jsonl").splitlines()
    assert json.loads(line) == {
        "id": "a&b.txt",
        "text": TEXT,
        "entities": [
            {"start": 0, "end": 5, "label": "ORG", "text": "=市科技局", "score": 0.9123},
            {"start": START, "end": START + 4, "label": "TARGET", "text": "增长5%", "score": 0.5},
        ],
    }


def test_csv_cells_are_no_formulas():
    rows = list(csv.DictReader(io.StringIO(out("csv"))))
    assert [row["text"] for row in rows] == ["'=市科技局", "增长5%"]
    assert rows[1]["start"] == str(START)


def test_table_has_a_line_a_mention():
    assert out("table").count("\n") == 3
    assert "增长5%" in out("table")


def test_page_shows_markup_and_does_not_run_it():
    page = out("html")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert page.count("<mark") == 2


def test_label_studio_tasks_are_predictions():
    (task,) = json.loads(out("label-studio"))
    values = [region["value"] for region in task["predictions"][0]["result"]]
    assert [TEXT[value["start"] : value["end"]] for value in values] == ["=市科技局", "增长5%"]


def test_no_documents():
    assert json.loads("".join(render([], "label-studio"))) == []
    assert "".join(render([], "jsonl")) == ""


@pytest.mark.parametrize(
    ("named", "output", "format"),
    [
        (None, None, "jsonl"),
        (None, "a.jsonl", "jsonl"),
        (None, "表.XLSX", "xlsx"),
        (None, "a.parquet", "parquet"),
        (None, "a.csv", "csv"),
        (None, "a.htm", "html"),
        (None, "a.json", "label-studio"),
        (None, "a.txt", "table"),
        ("csv", "a.txt", "csv"),
        ("table", None, "table"),
    ],
)
def test_the_format_is_that_of_the_ending_unless_it_is_named(named, output, format):
    assert output_format(named, None if output is None else Path(output)) == format


@pytest.mark.parametrize("name", ["省\r=1+1", "\r=1", "省\r\n厅", "a\n=1", '"', "a,b"])
def test_a_cell_of_csv_stays_one_cell(name):
    document = Document.from_spans(name, f"力争{name}", [(0, len(name) + 2, "ORG")])
    text = "".join(render([document], "csv", ("TARGET", "PROJECT", "ORG")))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 2
    assert rows[1][0].removeprefix("'") == name
    assert text.endswith("\n")
    assert not text.endswith("\r\n")


@pytest.mark.parametrize(("named", "output"), [(None, "a.tsv"), (None, "a"), ("docx", "a.csv")])
def test_a_format_that_nobody_said_is_not_guessed(named, output):
    with pytest.raises(TopnerError, match="--format jsonl, csv"):
        output_format(named, Path(output))


@pytest.mark.parametrize("format", OUTPUT_FORMATS)
def test_every_format_is_written_whole_and_alike(format, tmp_path):
    write_tagged([DOCUMENT], format, (), tmp_path / "a")
    write_tagged(iter([DOCUMENT]), format, (), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != b""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_csv_file_begins_with_the_mark_that_spreadsheets_want(tmp_path):
    write_tagged([DOCUMENT], "csv", (), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbf" + out("csv").encode()


def test_tables_are_no_text():
    with pytest.raises(TopnerError, match=r"name one with -o FILE\.xlsx"):
        output_format("xlsx", None)
    for format in ("xlsx", "parquet"):
        with pytest.raises(ValueError, match="no text"):
            out(format)
