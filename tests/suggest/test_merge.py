from pathlib import Path

import pytest
from suggest_cases import TEXTS, tagged

from topner.annotation import inline
from topner.annotation.formats import read_documents, write_documents
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.suggest.merge import held_documents, merge, reviewed_documents
from topner.suggest.review import review

LABELS = LabelSchema()
MODEL = "topner 0.1.0 3fa94c07"


def reviewed(*names):
    before = [d for d in tagged(0.75) if d.id in names]
    before = [Document(d.id, d.text, d.mentions, {**d.meta, "model_version": MODEL, "source_start": 4}) for d in before]
    after = [Document(d.id, d.text, d.mentions[1:], {"topic": "审", "source": "改过"}) for d in before]
    return reviewed_documents(review(before, after, LABELS))


def snapshot(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def held(folder):
    return {d.id: d for d in read_documents(folder, None, LABELS, Ledger())}


@pytest.fixture
def small(tmp_path):
    """A corpus of two documents, one of them in a file of another name."""
    folder = tmp_path / "corpus"
    (folder / "2024").mkdir(parents=True)
    one = Document("公园", TEXTS["公园"], (), {"genre": "news", "title": "公园旧稿"})
    (folder / "2024" / "park.txt").write_bytes(inline.write(one).encode())
    other = Document("灯会", "老街的灯会办到了元宵，糖画摊前排起长队，孩子们提着兔子灯。")
    (folder / "灯会.txt").write_bytes(inline.write(other).encode())
    return folder


def test_reviewed_documents_are_gold_with_metadata_of_both_sides():
    [one] = reviewed("科技")
    assert [m.score for m in one.mentions] == [None, None]
    assert dict(one.meta) == {
        "source": "改过",
        "source_start": 4,
        "topic": "审",
        "model_version": MODEL,
        "annotated": "reviewed",
    }


def test_merged_documents_are_read_back_as_they_were(small):
    documents = reviewed("水利", "科技", "无")
    files = merge(documents, small, LABELS)
    assert [path.name for path in files] == ["水利.txt", "科技.txt", "无.txt"]
    found = held(small)
    assert set(found) == {"公园", "灯会", "水利", "科技", "无"}
    for document in documents:
        assert found[document.id] == document
    assert not [path for path in small.rglob("*") if path.name.startswith(".")]


def test_ids_that_are_no_file_names(small):
    piece = Document("a/报告#200-260", TEXTS["工业"], (), {"annotated": "reviewed"})
    [path] = merge([piece], small, LABELS)
    assert path.parent == small
    assert held(small)[piece.id] == piece


@pytest.mark.parametrize(
    ("documents", "reasons"),
    [
        (reviewed("水利", "公园"), ["公园: the corpus has this id already"]),
        ([*reviewed("水利"), Document("转", "本报讯：" + TEXTS["公园"])], ["转: near-duplicate of 公园"]),
        ([*reviewed("水利"), Document("转", "本报讯：" + TEXTS["水利"])], ["转: near-duplicate of 水利"]),
        (
            [*reviewed("公园"), Document("转", TEXTS["工业"]), Document("再转", TEXTS["工业"] + "完。")],
            ["公园: the corpus has this id already", "再转: near-duplicate of 转"],
        ),
    ],
)
def test_one_refusal_stops_all(small, documents, reasons):
    before = snapshot(small)
    with pytest.raises(TopnerError, match=f"nothing was merged, {len(reasons)} of {len(documents)}") as error:
        merge(documents, small, LABELS)
    for reason in reasons:
        assert reason in str(error.value)
    assert snapshot(small) == before


def test_replacing_keeps_the_place_and_the_old_metadata(small):
    documents = reviewed("公园", "水利")
    files = merge(documents, small, LABELS, replace=True)
    assert [path.relative_to(small) for path in files] == [Path("水利.txt"), Path("2024/park.txt")]
    found = held(small)["公园"]
    assert found.meta["title"] == "公园旧稿"
    assert found.meta["annotated"] == "reviewed"
    assert len(held(small)) == 3


def test_near_duplicates_when_asked_for(small):
    merge([Document("转", "本报讯：" + TEXTS["公园"])], small, LABELS, allow_duplicates=True)
    assert set(held(small)) == {"公园", "灯会", "转"}


def test_what_lies_in_another_format_is_not_replaced(tmp_path):
    folder = tmp_path / "corpus"
    write_documents([Document("公园", "旧"), Document("灯会", "新")], folder / "old.jsonl", "jsonl", LABELS)
    before = snapshot(folder)
    with pytest.raises(TopnerError, match="holds it in another format"):
        merge(reviewed("公园"), folder, LABELS, replace=True)
    assert snapshot(folder) == before


def test_a_file_name_that_is_taken(small):
    (small / "水利.txt").write_bytes(inline.write(Document("另一篇", "别的事情")).encode())
    before = snapshot(small)
    with pytest.raises(TopnerError, match=r"水利\.txt is there already"):
        merge(reviewed("水利", "科技"), small, LABELS)
    assert snapshot(small) == before


def test_a_failure_half_way_is_undone(small, monkeypatch):
    before = snapshot(small)
    replace, calls = Path.replace, []

    def failing(self, target):
        calls.append(target)
        if len(calls) == 4:  # two new files are in place and the old one is aside
            raise OSError(28, "No space left on device")
        return replace(self, target)

    documents = reviewed("公园", "水利", "科技")
    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(TopnerError, match="nothing was merged: No space left"):
        merge(documents, small, LABELS, replace=True)
    assert len(calls) == 5  # the old one was put back
    assert snapshot(small) == before
    assert sorted(path.name for path in small.iterdir()) == ["2024", "灯会.txt"]


def test_the_corpus_is_a_folder_that_exists(tmp_path):
    (tmp_path / "file").write_text("x")
    for path, message in ((tmp_path / "file", "is a file"), (tmp_path / "none", "no such folder")):
        with pytest.raises(TopnerError, match=message):
            merge(reviewed("水利"), path, LABELS)
    assert not (tmp_path / "none").exists()


def test_an_empty_corpus_takes_what_comes(tmp_path):
    (tmp_path / "corpus").mkdir()
    assert held_documents(tmp_path / "corpus", LABELS) == []
    merge(reviewed("水利"), tmp_path / "corpus", LABELS)
    assert set(held(tmp_path / "corpus")) == {"水利"}


def test_overlapping_mentions_stop_all(small):
    before = snapshot(small)
    crossing = Document("交叉", "市科技局", (Mention(0, 3, "ORG", "市科技"), Mention(1, 4, "ORG", "科技局")))
    with pytest.raises(TopnerError, match="overlaps"):
        merge([*reviewed("水利"), crossing], small, LABELS)
    assert snapshot(small) == before
