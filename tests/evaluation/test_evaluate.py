import json

import pytest
from evaluation_cases import SCHEMA, data_sets, document
from hypothesis import given, settings

from topner.columns import display_width
from topner.errors import TopnerError
from topner.evaluation.evaluate import evaluate_documents
from topner.labels import LabelSchema
from topner.ledger import Ledger

TEXT = "省政府力争新增就业50万人，建设沿江高铁。"
GOLD = [
    document("甲", TEXT, ("省政府", "ORG"), ("新增就业50万人", "TARGET"), genre="report"),
    document("乙", TEXT, ("沿江高铁", "PROJECT"), genre="news"),
    document("丙", "没有提及", genre="news"),
    document("丁", TEXT, genre="report"),
]
PREDICTED = [
    document("丁", TEXT, ("沿江", "ORG")),
    document("丙", "没有提及"),
    document("乙", TEXT, ("沿江高铁", "TARGET")),
    document("甲", TEXT, ("省政府", "ORG"), ("就业50万人", "TARGET")),
]


def test_metrics_hold_what_was_promised():
    ledger = Ledger(seen=5)
    ledger.add("甲", "convert", "dropped", "ORG", 0, 2, "省政", "overlap")
    result = evaluate_documents(GOLD, PREDICTED, SCHEMA, ledger, {"model": "runs/甲", "versions": {"topner": "0.1.0"}})
    metrics = json.loads(json.dumps(result.to_json()))
    assert metrics["schema_version"] == 1
    assert metrics["labels"] == ["TARGET", "PROJECT", "ORG"]
    assert metrics["strict"]["micro"] == {
        "precision": 0.25,
        "recall": 0.333333,
        "f1": 0.285714,
        "support": 3,
        "predicted": 4,
        "correct": 1,
    }
    assert metrics["strict"]["labels"]["ORG"]["precision"] == 0.5
    assert metrics["strict"]["macro"]["recall"] == pytest.approx(1 / 3, abs=1e-6)
    assert metrics["partial"]["overall"]["type"]["correct"] == 2
    assert metrics["partial"]["labels"]["TARGET"]["partial"]["partial"] == 1
    assert [d["id"] for d in metrics["documents"]] == ["甲", "乙", "丙", "丁"]
    assert metrics["documents"][0]["errors"] == {"missed": 0, "spurious": 0, "boundary": 1, "type": 0, "both": 0}
    assert metrics["groups"]["genre"]["news"]["support"] == 1
    assert set(metrics["interval"]["micro_f1"]) == {"low", "high", "level", "resamples", "documents"}
    assert set(metrics["interval"]["labels"]) == set(SCHEMA.names)
    assert metrics["errors"] == {"missed": 0, "spurious": 1, "boundary": 1, "type": 1, "both": 0}
    assert metrics["confusion"] == [{"gold": "PROJECT", "predicted": "TARGET", "count": 1}]
    assert metrics["losses"] == {"seen": 5, "dropped": 1, "moved": 0, "repaired": 0}
    assert metrics["provenance"] == {"model": "runs/甲", "versions": {"topner": "0.1.0"}}


def test_predictions_are_brought_into_the_order_of_the_gold():
    result = evaluate_documents(GOLD, PREDICTED, SCHEMA)
    assert [d.id for d in result.predicted] == ["甲", "乙", "丙", "丁"]
    assert result.to_json()["losses"] is None


@pytest.mark.parametrize("data", [[], [document("a", "")], [document("a", "没有"), document("b", "提及")]])
def test_empty_data(data):
    metrics = evaluate_documents(data, data, SCHEMA).to_json()
    assert metrics["strict"]["micro"]["f1"] == metrics["interval"]["micro_f1"]["high"] == 0.0
    assert len(metrics["documents"]) == len(data)
    json.dumps(metrics, allow_nan=False)


@settings(max_examples=25, deadline=None)
@given(data_sets())
def test_a_perfect_prediction_scores_one_everywhere(data):
    gold, _ = data
    if not any(d.mentions for d in gold):
        return
    metrics = evaluate_documents(gold, gold, SCHEMA, resamples=50).to_json()
    assert [metrics["strict"][name]["f1"] for name in ("micro", "macro")] == [1.0, 1.0]
    assert [score["f1"] for score in metrics["partial"]["overall"].values()] == [1.0] * 4
    assert [d["f1"] for d in metrics["documents"]] == [float(bool(d.mentions)) for d in gold]
    assert (metrics["interval"]["micro_f1"]["low"], metrics["interval"]["micro_f1"]["high"]) == (1.0, 1.0)
    assert not any(metrics["errors"].values())


def test_mismatch_is_refused():
    with pytest.raises(TopnerError, match="no prediction"):
        evaluate_documents(GOLD, PREDICTED[1:], SCHEMA)


def test_table_is_aligned_with_chinese_labels():
    schema = LabelSchema(("目标", "ORG", "重大项目"))
    gold = [document("a", TEXT, ("省政府", "ORG"), ("沿江高铁", "重大项目"))]
    table = evaluate_documents(gold, [document("a", TEXT, ("省政府", "ORG"))], schema).table().splitlines()
    rows = table[:-1]
    assert [row.split()[0] for row in rows] == ["label", "目标", "ORG", "重大项目", "micro", "macro"]
    assert len({display_width(row) for row in rows}) == 1
    assert rows[2].split()[1:] == ["1.000", "1.000", "1.000", "1"]
    assert rows[4].split()[1:] == ["1.000", "0.500", "0.667", "2"]
    assert "0.667" in table[-1]
    assert "1 document" in table[-1]


@pytest.mark.parametrize(("text", "width"), [("目标", 4), ("GDP", 3), ("Ａ", 2), ("e\u0301", 1), ("𠮷", 2), ("", 0)])
def test_display_width(text, width):
    assert display_width(text) == width
