import dataclasses
import warnings

import pytest
from evaluation_cases import SCHEMA, data_sets, document
from hypothesis import given, settings
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from topner.evaluation.breakdown import breakdown
from topner.evaluation.scores import (
    Score,
    count_by_document,
    document_scores,
    grouping_keys,
    strict_scores,
)
from topner.labels import LabelSchema

A = "市发展改革委力争到2025年新增5G基站1万个，开工𠮷水水库。"
B = "省政府“十四五”时期建成 3 条高铁。"
GOLD = [
    document(
        "a", A, ("市发展改革委", "ORG"), ("到2025年新增5G基站1万个", "TARGET"), ("𠮷水水库", "PROJECT"), genre="report"
    ),
    document("b", B, ("省政府", "ORG"), ("建成 3 条高铁", "TARGET"), genre="news"),
]
PREDICTED = [
    document("b", B, ("省政府", "ORG"), ("3 条高铁", "TARGET"), ("“十四五”", "ORG")),
    document("a", A, ("市发展改革委", "ORG"), ("到2025年新增5G基站1万个", "TARGET"), ("𠮷水水库", "ORG")),
]


def score_of(correct, predicted, support):
    """The score of three counts, written independently of the code under test."""
    precision = correct / predicted if predicted else 0.0
    recall = correct / support if support else 0.0
    f1 = 2 * precision * recall / (precision + recall) if correct else 0.0
    return near(Score(precision, recall, f1, support, predicted, correct))


class near:  # noqa: N801 - reads like pytest.approx
    """Equal to a score up to rounding."""

    def __init__(self, score):
        self.score = score

    def __eq__(self, other):
        return pytest.approx(list(dataclasses.astuple(self.score))) == list(dataclasses.astuple(other))

    def __repr__(self):
        return f"near({self.score})"


def tags(documents):
    """IOB2 tags a character, written independently of the code under test."""
    rows = []
    for one in documents:
        row = ["O"] * len(one.text)
        for m in one.mentions:
            for i in range(m.start, m.end):
                row[i] = ("B-" if i == m.start else "I-") + m.label
        rows.append(row)
    return rows


def test_by_hand():
    scores = strict_scores(GOLD, PREDICTED, SCHEMA)
    assert scores.labels["ORG"] == score_of(2, 4, 2)
    assert scores.labels["TARGET"] == score_of(1, 2, 2)
    assert scores.labels["PROJECT"] == Score(0.0, 0.0, 0.0, support=1, predicted=0, correct=0)
    assert scores.micro == score_of(3, 6, 5)
    assert scores.micro.precision == pytest.approx(0.5)
    assert scores.micro.recall == pytest.approx(0.6)
    assert scores.macro.precision == pytest.approx((0.5 + 0.5 + 0) / 3)
    assert scores.macro.recall == pytest.approx((1 + 0.5 + 0) / 3)
    assert scores.macro.f1 == pytest.approx((2 / 3 + 0.5 + 0) / 3)
    assert list(scores.labels) == ["TARGET", "PROJECT", "ORG"]


def test_by_document_and_by_group():
    by_document = document_scores(GOLD, PREDICTED, SCHEMA)
    assert [(d.id, d.score.correct, d.score.predicted, d.score.support) for d in by_document] == [
        ("a", 2, 3, 3),
        ("b", 1, 3, 2),
    ]
    pairs = list(zip(GOLD, sorted(PREDICTED, key=lambda d: d.id), strict=True))
    parts = breakdown(
        [pair for pair in pairs for _ in range(2)]
    )  # a key must sort two documents or more into each group
    assert {name: (p.strict.correct, p.strict.predicted, p.strict.support) for name, p in parts["genre"].items()} == {
        "news": (2, 6, 4),
        "report": (4, 6, 6),
    }
    assert "place" not in parts
    assert count_by_document(GOLD, PREDICTED, SCHEMA)[1].tolist() == [[0, 1, 1], [0, 0, 0], [1, 2, 1]]


def test_adjacent_mentions_stay_apart():
    gold = [document("a", "省委省政府", (0, 2, "ORG"), (2, 5, "ORG"))]
    merged = [document("a", "省委省政府", (0, 5, "ORG"))]
    assert strict_scores(gold, merged, SCHEMA).micro == Score(0.0, 0.0, 0.0, support=2, predicted=1, correct=0)


def test_labels_that_seqeval_would_confuse_stay_apart():
    schema = LabelSchema(("Z-", "Z", "A.b", "目标"))
    gold = [document("a", "一二三四", (0, 1, "Z-"), (1, 2, "Z"), (2, 3, "A.b"), (3, 4, "目标"))]
    predicted = [document("a", "一二三四", (0, 1, "Z"), (1, 2, "Z"), (2, 3, "A.b"), (3, 4, "目标"))]
    scores = strict_scores(gold, predicted, schema).labels
    assert [(s.correct, s.predicted, s.support) for s in scores.values()] == [
        (0, 0, 1),
        (1, 2, 1),
        (1, 1, 1),
        (1, 1, 1),
    ]
    assert [s.f1 for s in scores.values()] == pytest.approx([0, 2 / 3, 1, 1])


@pytest.mark.parametrize("gold", [[], [document("a", "")], [document("a", "没有"), document("b", "提及")]])
def test_nothing_gold_and_nothing_predicted_is_zero_without_a_warning(gold):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = strict_scores(gold, gold, SCHEMA)
    empty = Score(0.0, 0.0, 0.0, 0, 0, 0)
    assert scores.micro == scores.macro == empty
    assert list(scores.labels.values()) == [empty] * 3
    assert not scores.micro.defined
    assert [d.score for d in document_scores(gold, gold, SCHEMA)] == [empty] * len(gold)


@pytest.mark.parametrize("swap", [False, True])
def test_one_side_empty_is_zero_without_a_warning(swap):
    sides = (GOLD[:1], [document("a", A)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = strict_scores(*(reversed(sides) if swap else sides), SCHEMA)
    assert (scores.micro.f1, scores.macro.f1, scores.micro.defined) == (0.0, 0.0, True)


@settings(max_examples=100, deadline=None)
@given(data_sets())
def test_agrees_with_seqeval_and_set_arithmetic(data):
    gold, predicted = data
    keys = [{(d.id, *m.key) for d in side for m in d.mentions} for side in (gold, predicted)]
    scores = strict_scores(gold, list(reversed(predicted)), SCHEMA)
    for label in SCHEMA.names:
        golden, found = ({key for key in side if key[3] == label} for side in keys)
        assert scores.labels[label] == score_of(len(golden & found), len(found), len(golden))
    assert scores.micro == score_of(len(keys[0] & keys[1]), len(keys[1]), len(keys[0]))
    if any(keys):
        strict = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
        for average, score in (("micro", scores.micro), ("macro", scores.macro)):
            sides = tags(gold), tags(predicted)
            assert score.precision == pytest.approx(precision_score(*sides, average=average, **strict))
            assert score.recall == pytest.approx(recall_score(*sides, average=average, **strict))
            assert score.f1 == pytest.approx(f1_score(*sides, average=average, **strict))


@settings(max_examples=50, deadline=None)
@given(data_sets())
def test_perfect_prediction_and_exchange(data):
    gold, predicted = data
    for score in (perfect := strict_scores(gold, gold, SCHEMA)).labels.values():
        assert (score.precision, score.recall, score.f1) == ((1.0,) * 3 if score.support else (0.0,) * 3)
    assert perfect.macro.f1 == perfect.micro.f1 == float(perfect.micro.defined)
    there, back = strict_scores(gold, predicted, SCHEMA), strict_scores(predicted, gold, SCHEMA)
    for one, other in [
        (there.micro, back.micro),
        (there.macro, back.macro),
        *zip(there.labels.values(), back.labels.values(), strict=True),
    ]:
        assert (one.precision, one.recall, one.f1) == pytest.approx((other.recall, other.precision, other.f1))


def test_keys_that_group():
    documents = [
        document(str(i), "文", genre="news" if i % 2 else "report", title=f"标题{i}", source="x", year=2020 + i // 2)
        for i in range(6)
    ]
    assert grouping_keys(documents) == ["genre", "year"]
    assert grouping_keys(documents[:1]) == grouping_keys([]) == []
