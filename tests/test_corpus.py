"""The corpus is what its card says."""

from collections import Counter
from pathlib import Path

import pytest

from topner.annotation.formats import read_documents
from topner.dataset.duplicates import near_duplicate_groups
from topner.dataset.split import read_splits
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.text.clean import clean

DATA = Path(__file__).parents[1] / "data"
GENRES = {
    "work_report", "statement", "plan", "budget", "communique",
    "local_news", "project_news", "company_news", "meeting", "notice",
}  # fmt: skip
LEVELS = {"national", "provincial", "prefecture", "county", "township"}


@pytest.fixture(scope="module")
def documents():
    ledger = Ledger()
    found = read_documents(DATA / "corpus", "inline", LabelSchema(), ledger)
    assert list(ledger) == []
    return found


def test_every_document_is_described(documents):
    assert len(documents) >= 60
    for document in documents:
        assert document.meta["genre"] in GENRES, document.id
        assert document.meta["level"] in LEVELS, document.id
        assert 2008 <= int(document.meta["year"]) <= 2027, document.id
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


def test_all_labels_and_genres_are_there(documents):
    labels = Counter(m.label for d in documents for m in d.mentions)
    assert min(labels[name] for name in LabelSchema().names) > 500
    assert {str(d.meta["genre"]) for d in documents} == GENRES


def test_no_two_documents_repeat_each_other(documents):
    assert all(len(group) == 1 for group in near_duplicate_groups([d.text for d in documents]))


def test_the_frozen_split_fits(documents):
    splits = read_splits(DATA / "splits.json", documents)
    assert set(splits) == {"train", "dev", "test"}
    assert len(splits["train"]) > 4 * len(splits["dev"])
