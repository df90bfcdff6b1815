import json
from fractions import Fraction

import pytest

from topner.document import Document
from topner.errors import TopnerError
from topner.targets.compare import change_text, line_up
from topner.targets.read import read_targets
from topner.targets.record import exact
from topner.targets.score import FIELDS, read_gold, score_parties, score_records
from topner.targets.table import commitments
from topner.targets.view import view

TEXT = "市科技局要求，力争全市研发经费投入增长10%，新增高新技术企业60家。"
TARGETS = ("全市研发经费投入增长10%", "新增高新技术企业60家")


@pytest.fixture
def document():
    spans = [(TEXT.index(part), TEXT.index(part) + len(part), "TARGET") for part in TARGETS]
    return Document.from_spans("甲", TEXT, [(0, 4, "ORG"), *spans], {"year": 2026})


def gold_of(record):
    row = {name: getattr(record, name) for name in FIELDS}
    row |= {"indicator": record.written, "value": exact(record.value), "value_max": exact(record.value_max)}
    return {**row, "document": record.document, "start": record.start, "end": record.end, "text": record.text}


def test_records_agree_with_themselves(document):
    records = read_targets(document)
    gold = [gold_of(record) for record in records]
    scores = score_records(gold, records)
    assert (scores.gold, scores.found, scores.whole, scores.wrong) == (2, 2, 2, ())
    assert set(scores.right.values()) == {2}


def test_what_is_wrong_is_counted_by_field_and_listed(document):
    records = read_targets(document)
    gold = [gold_of(record) for record in records]
    gold[0] |= {"value": "11", "scope": "全省"}
    gold.append({**gold[1], "start": 0, "end": 2})
    scores = score_records(gold, records)
    assert (scores.gold, scores.found, scores.whole) == (3, 2, 1)
    assert scores.right["value"] == scores.right["scope"] == 1
    assert scores.right["unit"] == 2
    assert scores.wrong == ((gold[0], records[0]), (gold[2], None))
    assert scores.table().splitlines()[0] == "3 gold records, 2 spans found"
    assert "whole record  0.333" in scores.table()
    gold[0] |= {"value": "10"}
    assert score_records(gold, records).whole == 2, "the scope alone does not make a record wrong"


def test_gold_is_read_or_refused(tmp_path, document):
    path = tmp_path / "gold.jsonl"
    row = gold_of(read_targets(document)[0])
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n\n", encoding="utf-8")
    assert read_gold(path) == [row]
    del row["unit"]
    for line, match in (
        (json.dumps(row), "line 2 lacks unit"),
        ("{", "line 2 is no JSON"),
        ("[]", "line 2 is no JSON"),
    ):
        path.write_text(f"\n{line}\n", encoding="utf-8")
        with pytest.raises(TopnerError, match=match):
            read_gold(path)


def test_parties(document):
    rows = commitments(document)
    place = {"document": "甲", "start": rows[0].record.start, "end": rows[0].record.end, "projects": []}
    right = score_parties([{**place, "responsible": {"text": "市科技局"}}], rows)
    assert (right.parties.f1, right.parties.predicted, right.unanswered) == (1.0, 1, 1.0)
    assert list(right.ways.values()) == [(1, 1)]
    assert "1 of 1 right" in right.table()
    wrong = score_parties([{**place, "responsible": None, "projects": [{"text": "深江铁路"}]}], rows)
    assert (wrong.parties.precision, wrong.unanswered, wrong.projects.recall) == (0.0, 0.0, 0.0)
    unread = score_parties([{**place, "start": 1, "responsible": None}], rows)
    assert unread.unanswered == 1.0


def test_long_cells_are_cut_on_the_screen(document):
    long = "建成" + "很长" * 30 + "的学校3所"
    rows = commitments(Document.from_spans("乙", long, [(0, len(long), "TARGET")]))
    line = view(rows).splitlines()[1]
    assert "…" in line
    assert max(map(len, line.split("  "))) <= 36


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (Fraction(0), "0"),
        (Fraction(11, 2), "5.5"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(100, 3), "100/3"),
        (Fraction(115 * 10**8), "11500000000"),
        (Fraction(1, 5**20), "0.00000000000001048576"),
        (Fraction(10**30 + 1, 10), "100000000000000000000000000000.1"),
    ],
)
def test_values_are_written_without_loss(value, text):
    assert exact(value) == text
    assert value is None or Fraction(text) == value


def test_a_range_counts_by_its_middle_and_a_lone_value_has_no_change():
    texts = {"2025": "旅游收入增长5%—7%", "2026": "旅游收入增长8%，新建学校3所"}
    documents = []
    for year, text in texts.items():
        spans = [(text.index(part), text.index(part) + len(part), "TARGET") for part in text.split("，")]
        documents.append((year, read_targets(Document.from_spans(year, text, spans))))
    lines = {line.indicator: line for line in line_up(documents, everything=True)}
    assert lines["旅游收入"].values == (6, 8)
    assert change_text(lines["旅游收入"]) == "+2个百分点"
    assert change_text(lines["学校"]) == ""
