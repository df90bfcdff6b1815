import json

import pytest

from topner.annotation.formats import read_documents
from topner.corpus.readings import model_opinions, read_opinions
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.model.tagger_model import new_model, save_model
from topner.text.clean import CleanConfig


@pytest.fixture
def documents(corpus):
    return read_documents(corpus, None, LabelSchema(), Ledger())


@pytest.fixture
def model(encoder, tmp_path):
    """An untrained model in a run folder that says what it was trained on."""
    from transformers import AutoTokenizer

    from topner.inference.tagger import settings_of

    folder = tmp_path / "run" / "model"
    network = new_model(str(encoder), LabelSchema(), "crf", "eager")
    save_model(network, AutoTokenizer.from_pretrained(encoder), folder, settings_of(CleanConfig(), 48, 12))
    return folder


def write(path, *documents):
    path.write_text("".join(json.dumps(d.to_json(), ensure_ascii=False) + "\n" for d in documents), encoding="utf-8")
    return path


def test_predictions_are_found_by_id(documents, tmp_path):
    stranger = Document.from_spans("elsewhere", "市财政局", [(0, 4, "ORG")])
    path = write(tmp_path / "p.jsonl", documents[3], stranger, documents[0].with_mentions(()))
    opinions = read_opinions(path, documents, LabelSchema())
    assert [(o.predicted.id, o.gold) for o in opinions] == [(documents[3].id, None), (documents[0].id, None)]
    assert [m.key for m in opinions[0].predicted.mentions] == [m.key for m in documents[3].mentions]


def test_predictions_that_do_not_fit(documents, tmp_path):
    stranger = Document("elsewhere", "市财政局")
    with pytest.raises(TopnerError, match=r"predicts none of the 8 documents.*'elsewhere' here"):
        read_opinions(write(tmp_path / "p.jsonl", stranger), documents, LabelSchema())
    changed = Document(documents[0].id, documents[0].text.replace("，", ","))
    with pytest.raises(TopnerError, match="another text"):
        read_opinions(write(tmp_path / "p.jsonl", changed), documents, LabelSchema())


def test_a_model_reads_what_it_was_not_trained_on(documents, model):
    assert len(model_opinions(model, documents)) == 8
    (model.parent / "run.json").write_text(json.dumps({"splits": {"train": ["gz-2024", "st-01"], "dev": ["nw-01"]}}))
    opinions = model_opinions(model, documents)
    assert [o.predicted.id for o in opinions] == ["gz-2025", "nw-01", "nw-02", "pl-01", "pl-02", "st-02"]
    for o in opinions:
        (gold,) = (d for d in documents if d.id == o.predicted.id)
        assert [m.key for m in o.gold.mentions] == [m.key for m in gold.mentions]
        assert all(0 <= m.score <= 1 for m in o.gold.mentions)
        assert all(m.score is not None for m in o.predicted.mentions)


def test_a_model_that_cannot_judge(documents, model):
    person = [Document.from_spans("a", "陈𠮷说", [(0, 2, "PERSON")])]
    with pytest.raises(TopnerError, match="does not know the labels PERSON"):
        model_opinions(model, person)
    (model.parent / "run.json").write_text(json.dumps({"splits": {"train": [d.id for d in documents]}}))
    with pytest.raises(TopnerError, match="trained on every document"):
        model_opinions(model, documents)
    (model.parent / "run.json").write_text("[]")
    with pytest.raises(TopnerError, match="train split"):
        model_opinions(model, documents)
