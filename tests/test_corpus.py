"""The corpus is what its card says."""

from collections import Counter
from pathlib import Path

import pytest

from topner.annotation.formats import read_documents
from topner.corpus.agreement import agreement
from topner.corpus.check import check_corpus
from topner.corpus.statistics import spread
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.text.clean import clean

DATA = Path(__file__).parents[1] / "data"
REAL = Path(__file__).parents[2] / "shared" / "gold" / "dev.jsonl"
GENRES = {
    "work_report", "statement", "plan", "budget", "communique",
    "local_news", "project_news", "company_news", "meeting", "notice",
}  # fmt: skip
HEADER = {"genre", "title", "place", "level", "year", "topic", "written_by", "reviewed_by"}
LEVELS = {"national", "provincial", "prefecture", "county", "township"}


@pytest.fixture(scope="module")
def documents():
    ledger = Ledger()
    found = read_documents(DATA / "corpus", "inline", LabelSchema(), ledger)
    assert list(ledger) == []
    return found


def test_every_document_is_described(documents):
    assert len(documents) >= 400
    assert sum(len(document.text) for document in documents) >= 300_000
    for document in documents:
        assert set(document.meta) >= HEADER, document.id
        assert document.meta["genre"] in GENRES, document.id
        assert document.meta["level"] in LEVELS, document.id
        assert 2006 <= int(document.meta["year"]) <= 2027, document.id
        assert document.meta["written_by"] != document.meta["reviewed_by"]
        assert (DATA / "corpus" / f"{document.id}.txt").is_file()


def test_spans_are_trimmed_and_balanced(documents):
    for document in documents:
        for mention in document.mentions:
            assert "\n" not in mention.text, (document.id, mention)
            assert mention.text == mention.text.strip(" ，。、；：,;"), (document.id, mention)
            for opening, closing in ("“”", "（）", "《》"):
                assert mention.text.count(opening) == mention.text.count(closing), (document.id, mention)


def test_cleaning_leaves_every_mention_standing(documents):
    for document in documents:
        aligned = clean(document.text)
        for mention in document.mentions:
            span = aligned.clean_span(mention.start, mention.end)
            assert span is not None
            assert aligned.raw_span(*span) == mention.span, (document.id, mention)


def test_all_labels_genres_levels_and_provinces_are_there(documents):
    labels = Counter(m.label for d in documents for m in d.mentions)
    assert labels["TARGET"] >= 6000
    assert labels["ORG"] >= 6000
    assert labels["PROJECT"] >= 4000
    assert {str(d.meta["genre"]) for d in documents} == GENRES
    assert {str(d.meta["level"]) for d in documents} == LEVELS
    assert len(spread(documents, "province")) == 31 + 1  # and the whole country


def test_communiques_promise_next_to_nothing(documents):
    promises = [
        sum(m.label == "TARGET" for m in document.mentions)
        for document in documents
        if document.meta["genre"] == "communique"
    ]
    assert sum(count > 4 for count in promises) <= 1  # one has a section of outlook
    assert sum(promises) <= 2 * len(promises)


@pytest.fixture(scope="module")
def check():
    reference = REAL if REAL.is_file() else None
    return check_corpus(DATA / "corpus", LabelSchema(), DATA / "splits.json", reference, ["province", "topic"])


def test_the_check_finds_nothing_wrong(check):
    assert list(check.errors) == []
    assert set(check.by_split) == {"train", "dev", "test"}


@pytest.mark.skipif(not REAL.is_file(), reason="the real development documents are not there")
def test_the_corpus_is_as_varied_as_real_documents(check):
    assert check.statistics.diversity > 0.8 * check.reference.diversity


def test_a_second_annotator_agrees(documents):
    second = read_documents(DATA / "second", "inline", LabelSchema(), Ledger())
    result = agreement({"first": documents, "second": second}, LabelSchema())
    assert result.documents == len(second) >= 0.14 * len(documents)
    assert result.span_f1 > 0.9
