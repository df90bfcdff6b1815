import json

import numpy as np
import pytest
from evaluation_cases import SCHEMA, data_sets, document
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.document import Document
from topner.errors import TopnerError
from topner.evaluation.compare import compare, compare_pairs
from topner.evaluation.difference import probability, signed
from topner.evaluation.paired import paired_tests
from topner.evaluation.scores import count_by_document, strict_scores

TEXT = "“云湖新城”力争新增公园12座，市水利局负责；清河水库今年完工。"
SPANS = [("云湖新城", "PROJECT"), ("新增公园12座", "TARGET"), ("市水利局", "ORG"), ("清河水库", "PROJECT")]


def prediction(gold, skill, seed):
    """Each gold mention kept with chance ``skill``; what is not is missed or loses its first character."""
    rng = np.random.default_rng(seed)
    return [
        Document.from_spans(
            one.id,
            one.text,
            [
                (m.start + (not good), m.end, m.label)
                for m in one.mentions
                if (good := rng.random() < skill) or rng.random() < 0.5
            ],
        )
        for one in gold
    ]


@pytest.fixture(scope="module")
def gold():
    genres = ("plan", "news", "notice")
    return [document(f"d{i}", TEXT, *SPANS[: 2 + i % 3], genre=genres[i % 3], title=str(i)) for i in range(30)]


def test_figures_are_those_of_the_evaluation(gold):
    a, b = prediction(gold, 0.5, 1), prediction(gold, 0.6, 2)
    result = compare(gold, a, list(reversed(b)), SCHEMA, resamples=300)
    one, other = strict_scores(gold, a, SCHEMA), strict_scores(gold, b, SCHEMA)
    assert result.micro.f1 == pytest.approx((one.micro.f1, other.micro.f1))
    assert result.micro.value == pytest.approx(other.micro.f1 - one.micro.f1)
    for name in SCHEMA.names:
        assert result.labels[name].f1 == pytest.approx((one.labels[name].f1, other.labels[name].f1))
        assert result.labels[name].a[0].support == one.labels[name].support
    assert list(result.groups) == ["genre"]
    assert sorted(result.groups["genre"]) == ["news", "notice", "plan"]
    for value, difference in result.groups["genre"].items():
        members = [one for one in gold if one.meta["genre"] == value]
        ids = {one.id for one in members}
        assert difference.b == (strict_scores(members, [one for one in b if one.id in ids], SCHEMA).micro,)
        assert difference.interval.documents == 10
    tables = [count_by_document(gold, side, SCHEMA)[None] for side in (a, b)]
    assert [difference.test for difference in result.labels.values()] == paired_tests(*tables, resamples=300)


def test_better_worse_undecided_same(gold):
    low, high, near = prediction(gold, 0.3, 1), prediction(gold, 0.9, 2), prediction(gold, 0.3, 3)
    better = compare(gold, low, high, SCHEMA, resamples=500)
    assert better.verdict == "better"
    assert better.sentence().startswith("B is better than A on 30 documents: strict micro F1 0.")
    assert f"difference {better.micro.value:+.3f} (95% interval +" in better.sentence()
    assert better.sentence().endswith(f"p = {probability(1 / 501)}).")
    worse = compare(gold, high, low, SCHEMA, resamples=500)
    assert worse.verdict == "worse"
    assert worse.micro.test.p == better.micro.test.p
    assert worse.sentence().startswith("B is worse than A on 30 documents")
    undecided = compare(gold, low, near, SCHEMA, resamples=500)
    assert undecided.verdict == "undecided"
    assert "not distinguishable from A on 30 documents" in undecided.sentence()
    same = compare(gold, low, low, SCHEMA, resamples=500)
    assert (same.verdict, same.changes) == ("same", ())
    assert same.sentence().startswith("A and B predict the same on 30 documents")


def test_few_documents_are_never_clear():
    """Four documents can be swapped in sixteen ways, so that p is above 1/16 however large the difference."""
    gold = [document(str(i), TEXT, *SPANS) for i in range(4)]
    result = compare(gold, prediction(gold, 0.0, 1), gold, SCHEMA, resamples=2000)
    assert result.micro.interval.low > 0
    assert result.micro.test.p > 0.1
    assert result.verdict == "undecided"
    assert "4 documents are too few for a reliable interval" in result.table()


def test_table(gold):
    result = compare(gold, prediction(gold, 0.3, 1), prediction(gold, 0.9, 2), SCHEMA, resamples=200)
    heading, *rows, verdict = result.table().splitlines()
    assert heading.split() == [
        *("label", "F1", "A", "F1", "B", "B", "-", "A", "interval", "p"),
        *("fixed", "broken", "changed", "vanished", "appeared"),
    ]
    assert [row.split()[0] for row in rows] == [*SCHEMA.names, "micro"]
    tally = result.tally()
    assert [int(cell) for cell in rows[-1].split()[-5:]] == [tally[kind] for kind in heading.split()[-5:]]
    assert sum(tally.values()) == len(result.changes)
    assert len({len(row) for row in (heading, *rows)}) == 1
    assert verdict == result.sentence()


def test_label_that_does_not_occur():
    gold = [document("甲", TEXT, SPANS[0])]
    table = compare(gold, gold, [document("甲", TEXT)], SCHEMA, resamples=20).table()
    assert "ORG       nothing to find, nothing found" in table


def test_pairs_of_seeds(gold):
    pairs = [(prediction(gold, 0.4, seed), prediction(gold, 0.8, 10 + seed)) for seed in range(3)]
    result = compare_pairs(gold, pairs, SCHEMA, resamples=300)
    single = [compare(gold, a, b, SCHEMA, resamples=300) for a, b in pairs]
    assert result.micro.by_pair == pytest.approx([one.micro.value for one in single])
    assert result.micro.value == pytest.approx(sum(result.micro.by_pair) / 3)
    assert result.micro.deviation == pytest.approx(np.std(result.micro.by_pair, ddof=1))
    assert single[0].micro.deviation is None
    for kind, count in result.tally().items():
        assert count == sum(one.tally()[kind] for one in single)
    assert len(result.changes) < sum(len(one.changes) for one in single)
    assert "mean of 3 pairs" in result.sentence()
    by_pair = ", ".join(f"{value:+.3f}" for value in result.micro.by_pair)
    assert f"by pair: {by_pair} (standard deviation {result.micro.deviation:.3f})" in result.table()


def test_json(gold):
    a, b = prediction(gold, 0.4, 1), prediction(gold, 0.8, 2)
    result = compare(gold, a, b, SCHEMA, {"A": ["甲"], "B": ["乙"]}, resamples=100)
    record = json.loads(json.dumps(result.to_json(), ensure_ascii=False))
    assert record == result.to_json()
    assert (record["schema_version"], record["documents"], record["pairs"]) == (1, 30, 1)
    assert record["provenance"] == {"A": ["甲"], "B": ["乙"]}
    assert record["strict"]["micro"]["difference"] == round(result.micro.value, 6)
    assert record["strict"]["micro"]["interval"]["resamples"] == 100
    assert len(record["changes"]["list"]) == len(result.changes) == sum(record["changes"]["total"].values())
    first, change = record["changes"]["list"][0], result.changes[0]
    assert (first["document"], first["change"], first["before"]) == (change.document, change.kind, change.before)
    assert first["gold"] == {"start": 1, "end": 5, "label": "PROJECT", "text": "云湖新城"}


def test_nothing_to_compare():
    with pytest.raises(TopnerError, match="no documents to compare"):
        compare([], [], [], SCHEMA)
    with pytest.raises(TopnerError, match="document '甲' has no prediction"):
        compare([document("甲", TEXT)], [document("甲", TEXT)], [], SCHEMA)


@settings(max_examples=30, deadline=None)
@given(data_sets(), st.integers(0, 3))
def test_any_data(sets, seed):
    gold, a = sets
    if not gold:
        return
    result = compare(gold, a, gold, SCHEMA, resamples=20, seed=seed)
    mirror = compare(gold, gold, a, SCHEMA, resamples=20, seed=seed)
    assert result.verdict in ("better", "undecided", "same")
    assert result.micro.test.p == mirror.micro.test.p
    assert result.tally()["broken"] == result.tally()["appeared"] == 0  # B is the gold itself
    assert result.tally()["fixed"] == mirror.tally()["broken"]
    assert result.tally()["vanished"] == mirror.tally()["appeared"]
    json.dumps(result.to_json())
    assert result.table().endswith(result.sentence())


def test_figures_as_text():
    assert [signed(value) for value in (0.0424, -0.0424, 0.0, -0.0001, 1.0)] == [
        *("+0.042", "-0.042", "0.000", "0.000", "+1.000"),
    ]
    assert [probability(p) for p in (0.0001, 0.0099, 0.0123, 0.5, 1.0)] == ["0.0001", "0.0099", "0.012", "0.50", "1.00"]
