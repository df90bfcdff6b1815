import json

import pytest

from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.training.config import DataConfig
from topner.training.data import load_splits, take_share


def load(seed=0, **values):
    return load_splits(DataConfig.model_validate(values), LabelSchema(), seed, Ledger())


def test_one_folder_is_split(corpus):
    splits = load(path=corpus, shares={"train": 0.5, "dev": 0.25, "test": 0.25})
    assert {name: len(members) for name, members in splits.items()} == {"train": 4, "dev": 2, "test": 2}


def test_files_named_one_by_one(corpus):
    splits = load(train=corpus, dev=corpus / "gz-2024.txt")
    assert {name: len(members) for name, members in splits.items()} == {"train": 8, "dev": 1}


def test_a_frozen_split_without_dev(corpus, tmp_path):
    ids = [path.stem for path in corpus.iterdir()]
    (tmp_path / "splits.json").write_text(json.dumps({"train": ids}), encoding="utf-8")
    with pytest.raises(TopnerError, match="'dev' holds no documents"):
        load(path=corpus, splits=tmp_path / "splits.json")


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(TopnerError, match="no such file"):
        load(path=tmp_path / "nowhere")


def test_a_smaller_share_is_part_of_a_larger_one(corpus):
    documents = load(train=corpus, dev=corpus)["train"]
    shares = [{d.id for d in take_share(documents, share, 5)} for share in (0.01, 0.25, 0.5, 1.0)]
    assert [len(ids) for ids in shares] == [1, 2, 4, 8]
    assert shares[0] < shares[1] < shares[2] < shares[3]
    assert len(load(train=corpus, dev=corpus, train_share=0.5)["train"]) == 4


def test_extra_documents_are_trained_on_whatever_the_split(corpus, tmp_path):
    extra = tmp_path / "真实.jsonl"
    row = {"id": "真实-1", "text": "力争GDP增长5%。", "entities": [{"start": 2, "end": 9, "label": "TARGET"}]}
    extra.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    shares = {"train": 0.5, "dev": 0.25, "test": 0.25}
    alone, joined = load(path=corpus, shares=shares), load(path=corpus, shares=shares, extra=extra, train_share=0.25)
    assert [d.id for d in joined["train"]][1:] == ["真实-1"]
    assert joined["train"][0] in alone["train"]
    assert (joined["dev"], joined["test"]) == (alone["dev"], alone["test"])
    row["id"] = alone["dev"][0].id
    extra.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    with pytest.raises(TopnerError, match=row["id"]):
        load(path=corpus, shares=shares, extra=extra)
