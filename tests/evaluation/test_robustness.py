"""Scores by condition, with taggers that know words by heart."""

import json

import pytest
from evaluation_cases import SCHEMA, document

from topner.dataset.noise import render
from topner.document import Document
from topner.errors import TopnerError
from topner.evaluation.robustness import CONDITIONS, is_carried, measure_robustness, table
from topner.text.clean import clean

GOLD = [
    document("甲", "市发展改革局要求，力争GDP增长5.5%以上。", ("市发展改革局", "ORG"), ("GDP增长5.5%以上", "TARGET")),
    document("乙", "推进“园区再造”工程𠮷😀；市发展改革局负责。", ("园区再造", "PROJECT"), ("市发展改革局", "ORG")),
]
WORDS = {"市发展改革局": "ORG", "GDP增长5.5%以上": "TARGET", "园区再造": "PROJECT"}


def by_heart(documents):
    """Finds its words in the raw text as it is."""
    for d in documents:
        assert not d.mentions
        spans = [(d.text.index(w), d.text.index(w) + len(w), label) for w, label in WORDS.items() if w in d.text]
        yield Document.from_spans(d.id, d.text, spans)


def after_cleaning(documents):
    for d in documents:
        aligned = clean(d.text)
        spans = [
            (*aligned.raw_span(aligned.text.index(w), aligned.text.index(w) + len(w)), label)
            for w, label in WORDS.items()
            if w in aligned.text
        ]
        yield Document.from_spans(d.id, d.text, spans)


def test_a_tagger_that_cleans_loses_nothing_where_cleaning_undoes():
    rows = {row.condition: row for row in measure_robustness(after_cleaning, GOLD, SCHEMA, resamples=50)}
    assert list(rows) == list(CONDITIONS)
    for name in ("clean", "ruby", "traditional", "traditional, ruby", "full width", "markup", "no punctuation"):
        assert rows[name].micro.f1 == 1.0, name
    assert rows["lower case"].labels["TARGET"].f1 == 0
    assert rows["lower case"].micro.f1 == pytest.approx(2 * 3 / (3 + 4))


def test_a_tagger_that_does_not_clean_loses_what_the_condition_changes():
    rows = {row.condition: row for row in measure_robustness(by_heart, GOLD, SCHEMA, resamples=50)}
    assert rows["clean"].micro.f1 == rows["clean"].clean == 1
    assert rows["clean"].changed == 0
    assert rows["traditional"].changed == 2
    assert rows["traditional"].labels["ORG"].f1 == 0  # 發
    assert rows["traditional"].micro.f1 < rows["traditional"].clean
    assert rows["full width"].labels["TARGET"].f1 == 0
    assert rows["full width"].labels["ORG"].f1 == 1


def test_documents_whose_gold_is_lost_are_counted_and_left_out_on_both_sides():
    odd = document("丙", "，。市发展改革局", (0, 1, "TARGET"), ("市发展改革局", "ORG"))
    (row,) = measure_robustness(
        by_heart, [*GOLD, odd], SCHEMA, {"no punctuation": CONDITIONS["no punctuation"]}, resamples=20
    )
    assert row.left_out == ("丙",)
    assert (row.documents, row.micro.support, row.clean) == (2, 4, 1.0)
    with pytest.raises(TopnerError, match="no punctuation"):
        measure_robustness(by_heart, [odd], SCHEMA, resamples=20)
    with pytest.raises(TopnerError, match="no documents"):
        measure_robustness(by_heart, [], SCHEMA)


def test_carried_means_every_mention_with_something_to_see_at_its_ends():
    assert is_carried(GOLD[0], render(GOLD[0], ["script"]))
    assert not is_carried(GOLD[0], GOLD[0].with_mentions(GOLD[0].mentions[1:]))
    spaced = document("x", "市 局", (0, 2, "ORG"))
    assert not is_carried(document("x", "市局局", (0, 2, "ORG")), spaced)


def test_table_and_json():
    rows = measure_robustness(by_heart, GOLD, SCHEMA, resamples=20)
    lines = table(rows).splitlines()
    assert len(lines) == len(CONDITIONS) + 1
    assert lines[1].split()[:7] == ["clean", "2", "0", "0", "1.000", "1.000", "1.000"]
    assert lines[1].endswith("+0.000")
    json.dumps([row.to_json() for row in rows], allow_nan=False)
