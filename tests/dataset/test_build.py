import pytest
from transformers import AutoTokenizer

from topner.annotation.formats import read_documents
from topner.dataset.build import build_dataset, data_hash, encode_document
from topner.dataset.tags import decode_tags
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.text.clean import CleanConfig

SCHEMA, CLEANING = LabelSchema(), CleanConfig()


@pytest.fixture(scope="module")
def documents(corpus):
    return read_documents(corpus, None, SCHEMA, Ledger())


@pytest.fixture(scope="module")
def tokenizer(encoder):
    return AutoTokenizer.from_pretrained(encoder)


def test_windows_hold_every_mention(documents, tokenizer):
    dataset, ledger = build_dataset(documents, tokenizer, SCHEMA, CLEANING, 64)
    found = [
        (row["document"], label)
        for row in dataset
        for _, _, label in decode_tags([max(tag, 0) for tag in row["labels"]], SCHEMA)
    ]
    assert sorted(found) == sorted((d.id, m.label) for d in documents for m in d.mentions)
    assert len(ledger) == 0
    assert max(dataset["length"]) <= 64
    for row in dataset:
        assert row["labels"][0] == row["labels"][-1] == -100
        assert len(row["labels"]) == len(row["input_ids"]) == row["length"]


def test_the_cache_gives_the_same_and_is_keyed_by_all_that_matters(documents, tokenizer, tmp_path):
    fresh, ledger = build_dataset(documents, tokenizer, SCHEMA, CLEANING, 24, tmp_path)
    cached, cached_ledger = build_dataset(documents, tokenizer, SCHEMA, CLEANING, 24, tmp_path)
    assert cached.to_list() == fresh.to_list()
    assert (cached_ledger.losses, cached_ledger.seen) == (ledger.losses, ledger.seen)
    assert len(list(tmp_path.iterdir())) == 1
    other = [documents[0].with_mentions(()), *documents[1:]]
    hashes = {
        data_hash(documents, tokenizer, SCHEMA, CLEANING, 24),
        data_hash(documents, tokenizer, SCHEMA, CLEANING, 25),
        data_hash(documents, tokenizer, SCHEMA, CleanConfig(ruby=False), 24),
        data_hash(documents, tokenizer, LabelSchema(("ORG", "TARGET", "PROJECT")), CLEANING, 24),
        data_hash(other, tokenizer, SCHEMA, CLEANING, 24),
    }
    assert len(hashes) == 5


def test_a_mention_cut_by_a_window_is_told(tokenizer):
    text = "推进清河水库加固云湖新城建设"
    document = Document.from_spans("d", text, [(0, len(text), "PROJECT")])
    ledger = Ledger()
    rows = list(encode_document(document, tokenizer, SCHEMA, CLEANING, 10, ledger))
    assert len(rows) == 2
    assert [(loss.action, loss.text, loss.reason) for loss in ledger] == [("moved", text, "cut by a window border")]


def test_a_document_without_text_gives_no_window(tokenizer):
    assert list(encode_document(Document("d", " \n"), tokenizer, SCHEMA, CLEANING, 10, Ledger())) == []


def test_a_window_too_small_for_the_special_tokens(tokenizer):
    with pytest.raises(TopnerError, match="no room"):
        list(encode_document(Document("d", "市"), tokenizer, SCHEMA, CLEANING, 2, Ledger()))
