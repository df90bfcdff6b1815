import json

import pytest

import topner.training.train as training
from topner.annotation.formats import read_documents
from topner.corpus.audit import audit
from topner.corpus.folds import cross_validate, deal
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.training.config import TrainConfig


def test_every_document_is_held_out_once_and_repeats_stay_together():
    texts = ["".join(chr(0x4E00 + (i * 977 + k * k * 31 + k) % 9000) for k in range(80)) for i in range(30)]
    texts[17] = texts[4]
    documents = [Document(f"d{i:02}", text, (), {"genre": "plan" if i % 2 else "news"}) for i, text in enumerate(texts)]
    dealt = deal(documents, 3, seed=5)
    held_out = [d.id for splits in dealt for d in splits["test"]]
    assert sorted(held_out) == [d.id for d in documents]
    for splits in dealt:
        assert {d.id for part in splits.values() for d in part} == {d.id for d in documents}
        assert sum(map(len, splits.values())) == len(documents)
        assert len({name for name, part in splits.items() for d in part if d.id in ("d04", "d17")}) == 1
    assert deal(documents, 3, seed=5) == dealt


def test_too_few_of_either():
    with pytest.raises(TopnerError, match="leave nothing to train on"):
        deal([Document("a", "云湖")], 1, seed=0)
    with pytest.raises(TopnerError, match="too few"):
        deal([Document("a", "云湖新城"), Document("b", "清河水库")], 3, seed=0)


def test_folds_are_trained_once_and_resumed(settings, corpus, tmp_path, monkeypatch):
    settings["training"].update(epochs=1, batch_size=8)
    config = TrainConfig.model_validate(settings)
    documents = read_documents(corpus, None, LabelSchema(), Ledger())
    trained = []
    really = training.train

    def train(config, resume=False):
        trained.append((config.run.name, resume))
        if len(trained) == 2:
            raise KeyboardInterrupt
        return really(config, resume)

    monkeypatch.setattr(training, "train", train)
    work = tmp_path / "work"
    with pytest.raises(KeyboardInterrupt):
        cross_validate(corpus, documents, config, 2, work)
    opinions = cross_validate(corpus, documents, config, 2, work)
    assert trained == [("fold-1", False), ("fold-2", False), ("fold-2", True)]
    assert sorted(o.predicted.id for o in opinions) == sorted(d.id for d in documents)
    for number in (1, 2):
        run = json.loads((work / f"fold-{number}" / "run.json").read_text(encoding="utf-8"))["splits"]
        assert not set(run["test"]) & {*run["train"], *run["dev"]}
    held_out = json.loads((work / "fold-1" / "splits.json").read_text(encoding="utf-8"))["test"]
    assert {o.predicted.id for o in opinions[: len(held_out)]} == set(held_out)
    suspects = audit(documents, LabelSchema(), opinions)
    assert any(kind.startswith("model") for s in suspects for kind in s.kinds)
