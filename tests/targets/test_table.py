import csv
import json
import sys
import time

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from topner.annotation.formats import write_documents
from topner.cli import group
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.sources.remarks import Remarks
from topner.targets.files import read_commitments
from topner.targets.table import COLUMNS, amount, commitments, write_commitments
from topner.targets.view import view

TEXT = "=市科技局要力争全社会研发经费投入超115亿元，增长10%，加快深江铁路建设，完成投资3.5—4亿元。"


def spans(*pairs):
    return [(TEXT.index(words), TEXT.index(words) + len(words), label) for words, label in pairs]


@pytest.fixture
def document():
    named = spans(
        ("市科技局", "ORG"),
        ("全社会研发经费投入超115亿元", "TARGET"),
        ("增长10%", "TARGET"),
        ("深江铁路", "PROJECT"),
        ("完成投资3.5—4亿元", "TARGET"),
    )
    return Document.from_spans("江门/2026", TEXT, named, {"year": 2026})


def test_rows(document):
    first, second, third = commitments(document)
    assert first.party.mention.text == "市科技局"
    assert (amount(first.record), amount(second.record), amount(third.record)) == (">115亿元", "10%", "3.5亿元–4亿元")
    assert [text for _, _, text in third.projects] == ["深江铁路"]
    assert first.sentence == TEXT.rstrip("。")
    assert first.projects == ()


def test_every_format_holds_the_same(document, tmp_path):
    rows = commitments(document)
    for suffix in ("xlsx", "csv", "jsonl", "parquet"):
        assert write_commitments(tmp_path / f"t.{suffix}", rows) == 3
    sheet = load_workbook(tmp_path / "t.xlsx").active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert tuple(cells[0]) == COLUMNS
    place = {name: i for i, name in enumerate(COLUMNS)}
    assert cells[1][place["value"]] == 115 * 10**8
    assert cells[1][place["sentence"]].startswith("'=市科技局"), "a formula is made inert"
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as handle:
        read = list(csv.DictReader(handle))
    assert [row["value"] for row in read] == ["11500000000", "10", "350000000"]
    assert read[2]["value_max"] == "400000000"
    records = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {
        "start",
        "end",
        "text",
        "indicator",
        "direction",
        "comparator",
        "value",
        "value_max",
        "unit",
        "period",
    } <= set(records[0])
    assert TEXT[records[0]["start"] : records[0]["end"]] == records[0]["text"]
    assert records[0]["responsible"]["text"] == "市科技局"
    table = pq.read_table(tmp_path / "t.parquet").to_pylist()
    assert [row["value"] for row in table] == [11500000000.0, 10.0, 350000000.0]
    assert json.loads(table[0]["record"]) == records[0]


def test_empty_table(tmp_path):
    for suffix in ("xlsx", "csv", "jsonl", "parquet"):
        assert write_commitments(tmp_path / f"t.{suffix}", []) == 0


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl", "parquet"])
def test_two_writings_are_the_same_bytes(document, tmp_path, monkeypatch, suffix):
    write_commitments(tmp_path / f"a.{suffix}", commitments(document))
    now = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: now)
    write_commitments(tmp_path / f"b.{suffix}", commitments(document))
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_any_file_is_read(document, tmp_path, monkeypatch):
    import docx

    class Knows:
        def pipe(self, texts, batch_size):
            for text in texts:
                yield Document(text.id, text.text, document.mentions)

    word = docx.Document()
    word.add_paragraph(TEXT)
    word.save(str(tmp_path / "报告.docx"))
    (tmp_path / "空.txt").touch()
    monkeypatch.setattr("topner.inference.tagger.Tagger.from_pretrained", lambda model: Knows())
    remarks = Remarks()
    ((read, rows),) = read_commitments([tmp_path], None, False, None, remarks)
    assert read.id == str(tmp_path / "报告.docx")
    assert [amount(row.record) for row in rows] == [">115亿元", "10%", "3.5亿元–4亿元"]
    assert remarks.problems == [f"{tmp_path / '空.txt'}: is empty"]


def test_unknown_format(tmp_path):
    with pytest.raises(TopnerError, match="no table format"):
        write_commitments(tmp_path / "t.docx", [])


def test_without_the_package_of_a_spreadsheet(document, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(TopnerError, match="topner\\[tables\\]"):
        write_commitments(tmp_path / "t.xlsx", commitments(document))
    assert list(tmp_path.iterdir()) == []


def test_a_cell_holds_a_number_or_the_exact_text():
    goals = ("能耗下降三分之一", "收入增长5.5%", "投资3亿元")
    text = "，".join(goals)
    places = [(text.index(goal), text.index(goal) + len(goal), "TARGET") for goal in goals]
    row = Document.from_spans("a", text, places, {})
    values = [cells.row()[COLUMNS.index("value")] for cells in commitments(row)]
    assert values == ["100/3", 5.5, 300_000_000]


def test_view_marks_what_is_inherited(document):
    lines = view(commitments(document)).splitlines()
    assert "全社会研发经费投入*" in lines[2]
    assert "≈" not in lines[1]


def test_command(document, tmp_path):
    write_documents([document], tmp_path / "in.jsonl", "jsonl", LabelSchema())
    runner = CliRunner()
    result = runner.invoke(group, ["targets", str(tmp_path / "in.jsonl"), "--annotated", "-o", str(tmp_path / "o.csv")])
    assert result.exit_code == 0, result.output
    assert result.output == f"3 commitments: {tmp_path / 'o.csv'}\n"
    result = runner.invoke(group, ["targets", "--annotated", str(tmp_path / "in.jsonl")])
    assert "市科技局" in result.output
    result = runner.invoke(group, ["targets", "--annotated", str(tmp_path / "none.jsonl"), str(tmp_path / "in.jsonl")])
    assert result.exit_code == 1
    assert "none.jsonl" in result.output
