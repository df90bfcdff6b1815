import json

import pytest

from topner.annotation.formats import write_documents
from topner.annotation.found import Notices
from topner.corpus.annotators import by_annotator, path_names, read_layers
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger

SCHEMA = LabelSchema()
TEXT = "由𠮷林省发改委牵头，力争“十四五”末ＧＤＰ增长5%以上😀。"
ORG, TARGET = "𠮷林省发改委", "ＧＤＰ增长5%以上"


def region(part, label):
    start = TEXT.index(part)
    return {"type": "labels", "value": {"start": start, "end": start + len(part), "text": part, "labels": [label]}}


def task(*versions, id=7, **data):
    return {"id": id, "data": {"text": TEXT, **data}, "annotations": list(versions)}


def version(who, *results, **more):
    return {"completed_by": who, "result": list(results), **more}


def span(part, label, **who):
    return {"label": label, "start_offset": TEXT.index(part), "end_offset": TEXT.index(part) + len(part), **who}


def layers(path, ledger=None, notices=None):
    read = by_annotator(path, SCHEMA, Ledger() if ledger is None else ledger, notices or Notices())
    return {name: [(d.id, [(m.label, m.text) for m in d.mentions]) for d in held] for name, held in read.items()}


def write(path, *rows, lines=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows) if lines else json.dumps(list(rows))
    path.write_text(text, encoding="utf-8")
    return path


def test_label_studio_by_who_completed(tmp_path):
    path = write(
        tmp_path / "export.json",
        task(version(10, region(ORG, "ORG")), version(9, region(ORG, "ORG"), region(TARGET, "TARGET"))),
        task(version(9), version({"id": 3, "email": "wang@x.cn"}, region(TARGET, "TARGET")), id=8),
        task(version(9, region(ORG, "ORG")), version(10, region(TARGET, "TARGET"), was_cancelled=True), id=9),
    )
    ledger, notices = Ledger(), Notices()
    assert layers(path, ledger, notices) == {
        "annotator-9": [("7", [("ORG", ORG), ("TARGET", TARGET)]), ("8", []), ("9", [("ORG", ORG)])],
        "annotator-10": [("7", [("ORG", ORG)])],
        "wang@x.cn": [("8", [("TARGET", TARGET)])],
    }
    assert [(loss.document, loss.reason) for loss in ledger] == [("9", "cancelled annotation")]
    assert ledger.seen == 6


def test_of_two_versions_by_one_person_the_usual_one_counts(tmp_path):
    path = write(
        tmp_path / "export.json",
        task(
            version(1, region(ORG, "ORG"), updated_at="2026-03-02T00:00:00Z"),
            version(2, region(ORG, "ORG")),
            version(1, region(TARGET, "TARGET"), updated_at="2026-03-01T00:00:00Z"),
        ),
    )
    ledger = Ledger()
    assert layers(path, ledger)["annotator-1"] == [("7", [("ORG", ORG)])]
    assert [loss.text for loss in ledger] == [TARGET]


def test_all_annotators_of_a_task_are_read_on_the_same_text(tmp_path):
    # the title is longer than the text: only the other annotator's spans tell which of the two was labelled
    data = {"正文": TEXT, "标题": "通稿一则，标题比正文长" * 9}
    row = {"id": 1, "data": data, "annotations": [version(1), version(2, region(ORG, "ORG"))]}
    read = by_annotator(write(tmp_path / "export.json", row), SCHEMA, Ledger(), Notices())
    assert {document.text for held in read.values() for document in held} == {TEXT}


def test_json_min_rows_are_split_too(tmp_path):
    rows = [
        {"id": 3, "text": TEXT, "label": [region(ORG, "ORG")["value"]], "annotator": who, "annotation_id": who}
        for who in (1, 2)
    ]
    assert set(layers(write(tmp_path / "min.json", *rows))) == {"annotator-1", "annotator-2"}


@pytest.mark.parametrize("key", ["user", "annotator", "username"])
def test_doccano_by_who_is_named_beside_the_spans(tmp_path, key):
    rows = [
        {"id": 1, "text": TEXT, "entities": [span(ORG, "ORG", **{key: 1}), span(TARGET, "TARGET", **{key: 2})]},
        {"id": 2, "text": TEXT, "entities": [span(ORG, "ORG", **{key: 2})], "relations": []},
        {"id": 3, "text": TEXT, "entities": []},
    ]
    notices = Notices()
    assert layers(write(tmp_path / "all.jsonl", *rows, lines=True), notices=notices) == {
        "annotator-1": [("1", [("ORG", ORG)])],
        "annotator-2": [("1", [("TARGET", TARGET)]), ("2", [("ORG", ORG)])],
    }
    assert notices.notes["document in which somebody has no span: taken as not annotated by them"] == 1
    assert notices.notes["document without spans left out, it names no annotator"] == 1


def test_doccano_by_who_is_named_beside_the_document(tmp_path):
    place = [TEXT.index(ORG), TEXT.index(ORG) + len(ORG), "ORG"]
    rows = [
        {"text": TEXT, "entities": [place], "username": "wang"},
        {"text": TEXT, "entities": [], "username": "李"},
        {"text": "省厅", "entities": [[0, 2, "ORG"]], "username": "李"},
    ]
    path = write(tmp_path / "old.jsonl", *rows, lines=True)
    # without ids the rows are matched by their text; an empty list of somebody named is an answer
    assert layers(path) == {"wang": [("old-1", [("ORG", ORG)])], "李": [("old-1", []), ("old-3", [("ORG", "省厅")])]}
    assert all(
        "username" not in d.meta for held in by_annotator(path, SCHEMA, Ledger(), Notices()).values() for d in held
    )


def test_offsets_are_counted_in_one_unit_for_all(tmp_path):
    text = "🏭🏭由省发改委牵头，市科技局、县教育局配合。"
    # UTF-16 units; the first annotator's span alone would fit as code points too
    spans = [
        {"label": "ORG", "start_offset": 5, "end_offset": 9, "user": 1},
        {"label": "ORG", "start_offset": 21, "end_offset": 23, "user": 2},
    ]
    read = by_annotator(write(tmp_path / "a.jsonl", {"id": 1, "text": text, "annotations": spans}, lines=True), SCHEMA,
                        Ledger(), Notices())  # fmt: skip
    assert [m.text for held in read.values() for d in held for m in d.mentions] == ["省发改委", "配合"]


def test_a_folder_for_each_annotator(tmp_path):
    document = Document.from_spans("a", TEXT, [(1, 7, "ORG")])
    write_documents([document], tmp_path / "二审", "inline", SCHEMA)
    write_documents([document.with_mentions(())], tmp_path / "一审", "brat", SCHEMA)
    (tmp_path / ".git").mkdir()
    (tmp_path / "说明.md").write_text("两人各标一遍。", encoding="utf-8")
    notices = Notices()
    assert layers(tmp_path, notices=notices) == {"一审": [("a", [])], "二审": [("a", [("ORG", ORG)])]}
    assert notices.notes["file beside the annotators' folders passed over"] == 1


def test_a_folder_of_exports(tmp_path):
    # doccano's one file a person, and one file whose name is taken by a person in another file
    write(
        tmp_path / "wang.jsonl",
        {"id": 1, "text": TEXT, "label": [[1, 7, "ORG"]]},
        {"id": 2, "text": "厅", "label": []},
        lines=True,
    )
    write(tmp_path / "unknown.jsonl", {"id": 4, "text": "无人标过", "label": []}, lines=True)
    write(tmp_path / "li.json", task(version("wang", region(TARGET, "TARGET")), version("li"), id=1))
    notices = Notices()
    assert layers(tmp_path, notices=notices) == {
        "li": [("1", [])],
        "wang": [("1", [("TARGET", TARGET)])],
        "wang (2)": [("1", [("ORG", ORG)]), ("2", [])],
    }


def test_projects_that_are_both_numbered_from_one(tmp_path):
    other = {"id": 1, "data": {"text": "省厅"}, "annotations": [version(1), version(2)]}
    write(tmp_path / "a.json", task(version(1), version(2), id=1))
    write(tmp_path / "b.json", other)
    assert layers(tmp_path) == {f"annotator-{n}": [("a-1", []), ("b-1", [])] for n in (1, 2)}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            task(version(3, region(ORG, "ORG"))),
            r"only one annotator was found: annotator-3 \(1 documents\).*completed_by",
        ),
        (task(version(None, region(ORG, "ORG"))), r"only one annotator was found: unnamed \(1 documents\)"),
        (task(), "no annotator was found"),
        (
            {"text": TEXT, "label": [[1, 7, "ORG"]]},
            "only one annotator was found: unnamed.*user, annotator or username",
        ),
    ],
)
def test_one_annotator_is_not_enough(tmp_path, row, message):
    with pytest.raises(TopnerError, match=message) as error:
        layers(write(tmp_path / "export.json", row))
    assert error.value.path == tmp_path / "export.json"


def test_what_names_nobody(tmp_path):
    (tmp_path / "a.txt").write_text("[省厅](ORG)印发通知。", encoding="utf-8")
    with pytest.raises(TopnerError, match=r"is inline, which does not say who annotated.*one folder for each"):
        layers(tmp_path / "a.txt")
    with pytest.raises(TopnerError, match="is inline"):
        layers(tmp_path)
    with pytest.raises(TopnerError, match="no such file"):
        layers(tmp_path / "b")
    (tmp_path / "empty").mkdir()
    with pytest.raises(TopnerError, match=r"no annotator was found.*a folder for each"):
        layers(tmp_path / "empty")


def test_a_document_twice(tmp_path):
    with pytest.raises(TopnerError, match="annotator-1 has the document '7' twice"):
        layers(write(tmp_path / "export.json", task(version(1), version(2)), task(version(1))))


def test_several_paths_are_one_annotator_each(tmp_path):
    for name in ("corpus", "second"):
        write_documents([Document("a", TEXT)], tmp_path / name, "inline", SCHEMA)
    read = read_layers([tmp_path / "corpus", tmp_path / "second"], SCHEMA, Ledger(), Notices())
    assert list(read) == ["corpus", "second"]
    with pytest.raises(TopnerError, match="is given twice"):
        read_layers([tmp_path / "corpus", tmp_path / "second" / ".." / "corpus"], SCHEMA, Ledger(), Notices())


def test_names_are_as_long_as_they_must_be(tmp_path):
    paths = [tmp_path / "wang" / "export.json", tmp_path / "li" / "export.json", tmp_path / "corpus"]
    for path in paths[:2]:
        write(path)
    assert path_names(paths[:1]) == ["export"]
    assert path_names(paths[1:]) == ["export", "corpus"]
    assert path_names(paths)[:2] == ["wang/export", "li/export"]
    write(tmp_path / "li" / "export.csv")
    assert path_names([tmp_path / "li" / "export.json", tmp_path / "li" / "export.csv"]) == [
        str(tmp_path / "li" / "export.json"),
        str(tmp_path / "li" / "export.csv"),
    ]
