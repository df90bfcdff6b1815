"""Rows and table of the comparison, against counts made by hand."""

import json

import pytest

from topner.baseline.compare import score_rows, table
from topner.document import Document
from topner.errors import TopnerError

TEXT = "力争新增企业60家，增长10%，市科技局负责。"


def documents(*layers):
    return [
        Document.from_spans(f"甲{i}", TEXT, [(TEXT.index(t), TEXT.index(t) + len(t), label) for t, label in layer])
        for i, layer in enumerate(layers)
    ]


GOLD = documents(
    [("新增企业60家", "TARGET"), ("增长10%", "TARGET"), ("市科技局", "ORG")],
    [("新增企业60家", "TARGET")],
)
FOUND = documents(
    [("企业60家", "TARGET"), ("增长10%", "TARGET")],
    [("新增企业60家", "TARGET"), ("科技局", "ORG")],
)


def test_scores_of_a_label_leave_the_others_out():
    target, org = score_rows("甲乙", "rules", GOLD, FOUND, ["TARGET", "ORG"])
    assert (target.strict.correct, target.strict.predicted, target.strict.support) == (2, 3, 3)
    assert target.strict.f1 == pytest.approx(2 / 3)
    assert target.partial == pytest.approx(2.5 / 3)
    assert (org.strict.correct, org.strict.predicted, org.strict.support, org.partial) == (0, 1, 1, 0)
    assert (target.documents, target.system, target.data) == (2, "rules", "甲乙")


def test_intervals_hold_the_score_and_the_partial_one_is_that_of_the_partial_score():
    (row,) = score_rows("甲", "rules", GOLD[:1], FOUND[:1], ["TARGET"])
    assert row.strict_interval.low == row.strict_interval.high == pytest.approx(row.strict.f1) == pytest.approx(0.5)
    assert row.partial_interval.low == row.partial_interval.high == pytest.approx(row.partial) == pytest.approx(0.75)


def test_prediction_of_other_documents_is_refused():
    with pytest.raises(TopnerError, match="甲1"):
        score_rows("甲", "rules", GOLD, FOUND[:1], ["TARGET"])


def test_table_has_one_line_a_row_under_its_data():
    rows = score_rows("开发集", "规则", GOLD, FOUND, ["TARGET"]) + score_rows("x", "LAC", GOLD, FOUND, ["ORG"])
    lines = table(rows).splitlines()
    assert lines[0].startswith("开发集, 2 documents")
    assert lines[2].split()[:4] == ["TARGET", "规则", "0.667", "0.667"]
    assert lines[-1].split()[:5] == ["ORG", "LAC", "0.000", "0.000", "0.000"]
    assert table([]) == ""
    json.dumps([row.to_json() for row in rows], allow_nan=False)
