import pytest
from evaluation_cases import SCHEMA, data_sets, document
from hypothesis import assume, given, settings

from topner.evaluation.partial import MEASURES, PartialScore, partial_scores
from topner.evaluation.scores import strict_scores

# COR, INC, PAR, MIS, SPU of a data set in which every kind of error occurs once, and two mentions are right
TEXT = "省政府力争新增就业50万人，建设沿江高铁，市商务局举办广交会，区水务局修复汾河。"
GOLD = [
    document("a", TEXT, ("省政府", "ORG"), ("新增就业50万人", "TARGET"), ("沿江高铁", "PROJECT"), ("市商务局", "ORG")),
    document("b", TEXT, ("区水务局", "ORG"), ("汾河", "PROJECT")),
]
PREDICTED = [
    document("a", TEXT, ("省政府", "ORG"), ("就业50万人", "TARGET"), ("沿江高铁", "TARGET"), ("商务局举办", "PROJECT")),
    document("b", TEXT, ("汾河", "PROJECT"), ("广交会", "PROJECT")),
]


def counts(score):
    return score.correct, score.incorrect, score.partial, score.missed, score.spurious


def test_by_hand():
    scores = partial_scores(GOLD, PREDICTED, SCHEMA)
    assert {name: counts(score) for name, score in scores.overall.items()} == {
        "exact": (2, 3, 0, 1, 1),
        "boundary": (3, 2, 0, 1, 1),
        "type": (3, 2, 0, 1, 1),
        "partial": (3, 0, 2, 1, 1),
    }
    assert scores.overall["partial"].precision == pytest.approx((3 + 0.5 * 2) / 6)
    assert scores.overall["partial"].recall == pytest.approx((3 + 0.5 * 2) / 6)
    assert {name: counts(score) for name, score in scores.labels["TARGET"].items()} == {
        "exact": (0, 1, 0, 0, 1),
        "boundary": (0, 1, 0, 0, 1),
        "type": (1, 0, 0, 0, 1),
        "partial": (0, 0, 1, 0, 1),
    }
    assert counts(scores.labels["ORG"]["exact"]) == (1, 0, 0, 2, 0)
    assert counts(scores.labels["PROJECT"]["exact"]) == (1, 0, 0, 1, 2)


def test_half_credit_survives_several_documents():
    """COR 2 and PAR 3 over five documents is 0.70, not 0.40."""
    gold = [document(str(i), "新增就业五十万人", (0, 8, "TARGET")) for i in range(5)]
    predicted = [document(str(i), "新增就业五十万人", (0 if i < 2 else 2, 8, "TARGET")) for i in range(5)]
    score = partial_scores(gold, predicted, SCHEMA).overall["partial"]
    assert counts(score) == (2, 0, 3, 0, 0)
    assert (score.precision, score.recall, score.f1) == pytest.approx((0.7, 0.7, 0.7))


def test_one_prediction_over_two_gold_mentions():
    gold = [document("a", "省委省政府", (0, 2, "ORG"), (2, 5, "ORG"))]
    predicted = [document("a", "省委省政府", (0, 5, "ORG"))]
    score = partial_scores(gold, predicted, SCHEMA).overall["partial"]
    assert counts(score) == (0, 0, 1, 1, 0)
    assert (score.precision, score.recall) == (0.5, 0.25)


def test_nothing_at_all():
    for data in ([], [document("a", ""), document("b", "没有提及")]):
        scores = partial_scores(data, data, SCHEMA)
        for measure in MEASURES:
            assert scores.overall[measure] == PartialScore()
            assert scores.overall[measure].f1 == 0.0


@settings(max_examples=100, deadline=None)
@given(data_sets())
def test_counts_add_up_and_exact_is_strict(data):
    gold, predicted = data
    scores, strict = partial_scores(gold, predicted, SCHEMA), strict_scores(gold, predicted, SCHEMA)
    for measures, reference in [
        (scores.overall, strict.micro),
        *((scores.labels[name], strict.labels[name]) for name in SCHEMA.names),
    ]:
        for score in measures.values():
            correct, incorrect, partial, missed, spurious = counts(score)
            assert correct + incorrect + partial + missed == reference.support
            assert correct + incorrect + partial + spurious == reference.predicted
        exact = measures["exact"]
        assert (exact.precision, exact.recall, exact.f1) == pytest.approx(
            (reference.precision, reference.recall, reference.f1)
        )
        assert exact.f1 <= measures["boundary"].f1 <= measures["partial"].f1 + 1e-12
        assert exact.f1 <= measures["type"].f1
    back = partial_scores(predicted, gold, SCHEMA)
    for measure in MEASURES:
        assert scores.overall[measure].precision == pytest.approx(back.overall[measure].recall)


@settings(max_examples=30, deadline=None)
@given(data_sets())
def test_perfect_prediction(data):
    gold, _ = data
    for score in partial_scores(gold, gold, SCHEMA).overall.values():
        assert score.f1 == float(any(document.mentions for document in gold))


@settings(max_examples=150, deadline=None)
@given(data_sets(max_documents=3))
def test_agrees_with_nervaluate_where_no_mention_overlaps_two(data):
    evaluator = pytest.importorskip("nervaluate").Evaluator
    gold, predicted = data
    for one, other in zip(gold, predicted, strict=True):
        for layer, across in ((one.mentions, other.mentions), (other.mentions, one.mentions)):
            for mention in layer:
                assume(sum(m.start < mention.end and mention.start < m.end for m in across) <= 1)
    assume(any(document.mentions for document in gold) or any(document.mentions for document in predicted))
    sides = [
        [[{"label": m.label, "start": m.start, "end": m.end - 1} for m in document.mentions] for document in side]
        for side in (gold, predicted)
    ]
    theirs = evaluator(*sides, tags=list(SCHEMA.names), loader="dict").evaluate()
    ours = partial_scores(gold, predicted, SCHEMA)
    names = {"exact": "strict", "boundary": "exact", "type": "ent_type", "partial": "partial"}
    for measure, name in names.items():
        for mine, reference in [
            (ours.overall[measure], theirs["overall"][name]),
            *((ours.labels[label][measure], scores[name]) for label, scores in theirs["entities"].items()),
        ]:
            assert counts(mine) == counts(reference)
            assert (mine.precision, mine.recall, mine.f1) == pytest.approx(
                (reference.precision, reference.recall, reference.f1)
            )
