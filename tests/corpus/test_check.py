import json

import pytest

from topner.annotation.inline import write
from topner.corpus.check import check_corpus
from topner.dataset.split import changed_splits, read_splits, write_splits
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema

SCHEMA = LabelSchema()
WORDS = "河港渔盐茶桑铁煤瓷酒纸糖棉稻麦豆薯果林牧"


def make(folder, places=("广东省江门市", "陕西省神木市", "广东省阳江市")):
    documents = []
    folder.mkdir()
    for i, place in enumerate(places):
        words = "".join(f"{w}{v}{i}业" for w in WORDS for v in WORDS[i : i + 3])
        document = Document.from_spans(
            f"d{i}", "市科技局说：" + words, [(0, 4, "ORG")], {"place": place, "genre": "news"}
        )
        (folder / f"d{i}.txt").write_text(write(document), encoding="utf-8")
        documents.append(document)
    return documents


def test_a_sound_set(tmp_path):
    documents = make(tmp_path / "corpus")
    splits = {"train": documents[:1], "dev": documents[2:], "test": documents[1:2]}
    write_splits(tmp_path / "splits.json", splits)
    result = check_corpus(tmp_path / "corpus", SCHEMA, tmp_path / "splits.json", tmp_path / "corpus", ["province"])
    assert (list(result.errors), list(result.suspicions)) == ([], [])
    table = result.table()
    assert "ratio 1.000" in table
    assert "广东" in table
    assert result.by_split["train"].mentions["ORG"] == 1
    result.write_suspicions(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").startswith("kind,document")


def test_what_is_wrong_is_named(tmp_path):
    documents = make(tmp_path / "corpus", ["广东省江门市", "广东省阳江市", "陕西省神木市"])
    copy = Document("copy", documents[0].text + "（转载）", documents[0].mentions, documents[0].meta)
    bad = Document.from_spans("bad", "办好“科创杯”大赛", [(2, 6, "PROJECT")])
    for document in (copy, bad):
        (tmp_path / "corpus" / f"{document.id}.txt").write_text(write(document), encoding="utf-8")
    write_splits(
        tmp_path / "splits.json", {"train": [documents[0], bad], "test": [documents[1], copy], "dev": documents[2:]}
    )
    changed = json.loads((tmp_path / "splits.json").read_text(encoding="utf-8"))
    changed["sha256"]["dev"] = "0" * 64
    (tmp_path / "splits.json").write_text(json.dumps(changed), encoding="utf-8")
    result = check_corpus(tmp_path / "corpus", SCHEMA, tmp_path / "splits.json", None, ["province"])
    errors = "\n".join(result.errors)
    assert "half of a pair" in errors
    assert "near-duplicates in different splits: copy, d0" in errors
    assert "province '广东' is in train and in test" in errors
    assert "dev has changed since it was frozen" in errors
    assert "train has changed" not in errors


def test_templates_show_up(tmp_path):
    make(tmp_path / "real")
    (tmp_path / "flat").mkdir()
    text = "今年确保工业增长百分之六。" * 60
    (tmp_path / "flat" / "a.txt").write_text(
        write(Document.from_spans("a", text, [(4, 12, "TARGET")])), encoding="utf-8"
    )
    result = check_corpus(tmp_path / "flat", SCHEMA, reference=tmp_path / "real")
    assert any("diversity" in error for error in result.errors)


def test_hashes_know_a_changed_annotation(tmp_path):
    documents = make(tmp_path / "corpus")
    write_splits(tmp_path / "s.json", {"train": documents})
    assert changed_splits(tmp_path / "s.json", read_splits(tmp_path / "s.json", documents)) == []
    documents[0] = documents[0].with_mentions(())
    assert changed_splits(tmp_path / "s.json", read_splits(tmp_path / "s.json", documents)) == ["train"]


def test_a_split_that_does_not_fit(tmp_path):
    make(tmp_path / "corpus")
    (tmp_path / "s.json").write_text('{"train": ["d0"]}', encoding="utf-8")
    with pytest.raises(TopnerError, match="in no split"):
        check_corpus(tmp_path / "corpus", SCHEMA, tmp_path / "s.json")
