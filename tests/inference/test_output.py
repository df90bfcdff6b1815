import csv
import io
import json

from topner.document import Document, Mention
from topner.inference.output import render

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
