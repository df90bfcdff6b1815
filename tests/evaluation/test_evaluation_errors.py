import pytest
from evaluation_cases import SCHEMA, data_sets, document
from hypothesis import given, settings

from topner.evaluation.errors import ERROR_KINDS, boundary_edges, confusion, disagreements
from topner.evaluation.scores import strict_scores

TEXT = "省政府力争新增就业50万人，建设“沿江高铁”，市商务局举办𠮷庆节。"


def test_every_kind():
    gold = document(
        "a", TEXT, ("省政府", "ORG"), ("力争新增就业50万人", "TARGET"), ("沿江高铁", "PROJECT"), ("市商务局", "ORG")
    )
    predicted = document(
        "a", TEXT, ("新增就业50万人，", "TARGET"), ("沿江高铁", "TARGET"), ("商务局", "PROJECT"), ("𠮷庆节", "PROJECT")
    )
    errors = disagreements([gold], [predicted], SCHEMA)
    assert [(e.document, e.kind, e.gold and e.gold.text, e.predicted and e.predicted.text) for e in errors] == [
        ("a", "missed", "省政府", None),
        ("a", "boundary", "力争新增就业50万人", "新增就业50万人，"),
        ("a", "type", "沿江高铁", "沿江高铁"),
        ("a", "both", "市商务局", "商务局"),
        ("a", "spurious", None, "𠮷庆节"),
    ]
    assert {e.kind for e in errors} == set(ERROR_KINDS)
    assert [boundary_edges(TEXT, e.gold, e.predicted) for e in errors] == [
        (),
        ("左缺“力争”", "右多“，”"),
        (),
        ("左缺“市”",),
        (),
    ]
    assert confusion(errors) == {("ORG", "PROJECT"): 1, ("PROJECT", "TARGET"): 1}


@pytest.mark.parametrize(
    ("predicted", "edges"),
    [
        ((3, 5), ()),
        ((2, 5), ("左多“府”",)),
        ((3, 4), ("右缺“争”",)),
        ((4, 6), ("左缺“力”", "右多“新”")),
        ((2, 4), ("左多“府”", "右缺“争”")),
    ],
)
def test_edges(predicted, edges):
    gold = document("a", TEXT, (3, 5, "TARGET")).mentions[0]
    answer = document("a", TEXT, (*predicted, "TARGET")).mentions[0]
    assert boundary_edges(TEXT, gold, answer) == edges


@settings(max_examples=100, deadline=None)
@given(data_sets())
def test_errors_are_exactly_what_is_not_correct(data):
    gold, predicted = data
    errors = disagreements(gold, predicted, SCHEMA)
    micro = strict_scores(gold, predicted, SCHEMA).micro
    wrong_gold = [(e.document, e.gold) for e in errors if e.gold]
    wrong_predicted = [(e.document, e.predicted) for e in errors if e.predicted]
    assert len(set(wrong_gold)) == len(wrong_gold) == micro.support - micro.correct
    assert len(set(wrong_predicted)) == len(wrong_predicted) == micro.predicted - micro.correct
    assert disagreements(gold, gold, SCHEMA) == ()
