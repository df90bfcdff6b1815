"""Which documents a script that scores is given."""

import json

import pytest

from topner.dataset.part import read_part
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger


def splits(path, **parts):
    path.write_text(json.dumps(parts), encoding="utf-8")
    return path


def test_data_that_a_split_file_names_are_cut_to_the_part(corpus, tmp_path):
    names = sorted(p.stem for p in corpus.iterdir())
    file = splits(tmp_path / "s.json", train=names[:6], dev=[], test=names[6:])
    name, documents = read_part(corpus, LabelSchema(), Ledger(), file, "test")
    assert [d.id for d in documents] == names[6:]
    assert name == f"{corpus.name} (test)"


def test_other_data_are_taken_whole(corpus, tmp_path):
    file = splits(tmp_path / "s.json", test=["elsewhere"])
    for given in (file, None):
        name, documents = read_part(corpus, LabelSchema(), Ledger(), given, "test")
        assert (name, len(documents)) == (corpus.name, 8)


def test_empty_part_and_half_named_data_are_errors(corpus, tmp_path):
    names = sorted(p.stem for p in corpus.iterdir())
    with pytest.raises(TopnerError, match="dev"):
        read_part(corpus, LabelSchema(), Ledger(), splits(tmp_path / "s.json", train=names, dev=[]), "dev")
    with pytest.raises(TopnerError, match="no split"):
        read_part(corpus, LabelSchema(), Ledger(), splits(tmp_path / "t.json", test=names[1:]), "test")
