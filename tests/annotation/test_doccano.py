import json
from pathlib import Path
from typing import Any

import pytest

from topner.annotation import doccano
from topner.annotation.detect import detect
from topner.annotation.found import Notices
from topner.annotation.settle import settle
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger

TEXT = "由省发改委牵头，GDP增长5%以上"


def read(tmp_path: Path, *rows: Any, end: str = "\n") -> tuple[list[Document], Ledger, Notices]:
    path = tmp_path / "admin.jsonl"
    path.write_text("".join(json.dumps(row) + end for row in rows), encoding="utf-8")
    ledger, notices = Ledger(), Notices()
    found = doccano.read(path, ledger, notices)
    return settle(found, LabelSchema(), ledger, notices), ledger, notices


def mentions(document: Document) -> list[tuple[str, str]]:
    return [(m.label, m.text) for m in document.mentions]


SPAN = {"id": 9, "label": "ORG", "start_offset": 1, "end_offset": 5}


@pytest.mark.parametrize(
    ("row", "shape"),
    [
        ({"text": TEXT, "labels": [[1, 5, "ORG"]]}, "doccano {text, labels: [start, end, label]}"),
        ({"text": TEXT, "label": [[1, 5, "ORG"]]}, "doccano {text, label: [start, end, label]}"),
        ({"data": TEXT, "label": [[1, 5, "ORG"]]}, "doccano {data, label: [start, end, label]}"),
        ({"text": TEXT, "entities": [[1, 5, "ORG"]], "username": "a"}, "doccano {text, entities: [start, end, label]}"),
        ({"text": TEXT, "entities": [SPAN], "relations": []}, "doccano {text, entities: objects}"),
        ({"text": TEXT, "annotations": [{**SPAN, "user": 1}]}, "doccano {text, annotations: objects}"),
    ],
)
def test_every_shape(tmp_path, row, shape):
    [one], ledger, notices = read(tmp_path, {"id": 4, **row}, end="\r\n")
    assert (one.id, one.text, mentions(one)) == ("4", TEXT, [("ORG", "省发改委")])
    assert not ledger.losses
    assert notices.shapes == {shape: 1}
    assert detect(tmp_path / "admin.jsonl") == "doccano"


def test_a_json_list_of_documents(tmp_path):
    path = tmp_path / "all.json"
    path.write_text(json.dumps([{"doc_id": 20, "text": TEXT, "label": [[1, 5, "ORG"]]}], indent=1))
    assert [one.id for one in doccano.read(path, Ledger(), Notices())] == ["20"]


def test_documents_without_labels_or_ids(tmp_path):
    documents, _, _ = read(tmp_path, {"text": TEXT, "label": []}, {"text": "省厅", "label": [], "Comments": ["?"]})
    assert [(d.id, d.mentions, dict(d.meta)) for d in documents] == [("admin-1", (), {}), ("admin-2", (), {})]


def test_unknown_keys_are_metadata(tmp_path):
    [one], _, _ = read(tmp_path, {"id": 1, "text": TEXT, "label": [], "title": "通稿", "meta": {"year": 2026}})
    assert dict(one.meta) == {"title": "通稿", "year": 2026}


def test_label_numbers_need_the_label_file(tmp_path):
    row = {"id": 1, "text": TEXT, "annotations": [{**SPAN, "label": 3, "user": 1}]}
    with pytest.raises(TopnerError, match="labels are given by number") as error:
        read(tmp_path, row)
    assert error.value.where == "line 1"
    assert "label_config.json" in str(error.value)
    label_file = tmp_path / "label_config.json"
    label_file.write_text(json.dumps([{"id": 3, "text": "ORG", "prefixKey": None}]))
    [one], _, _ = read(tmp_path, row)
    assert mentions(one) == [("ORG", "省发改委")]
    label_file.write_text(json.dumps([{"id": 5, "text": "ORG"}]))
    with pytest.raises(TopnerError, match="names no label 3"):
        read(tmp_path, row)
    label_file.write_text("{}x")
    with pytest.raises(TopnerError, match=r"label_config\.json: a list of"):
        read(tmp_path, row)


def test_of_several_users_the_last(tmp_path):
    spans = [{**SPAN, "user": 1}, {**SPAN, "user": 1, "start_offset": 8, "end_offset": 15}, {**SPAN, "user": 2}]
    [one], ledger, notices = read(tmp_path, {"id": 1, "text": TEXT, "annotations": spans})
    assert mentions(one) == [("ORG", "省发改委")]
    assert [(x.start, x.reason) for x in ledger] == [(8, "another annotator's version")]
    assert ledger.seen == 3
    assert "several annotators" in notices.summary()


@pytest.mark.parametrize("key", ["user", "annotator", "username"])
def test_every_users_version_is_read(tmp_path, key):
    path = tmp_path / "all.jsonl"
    second = {**SPAN, "start_offset": 8, "end_offset": 15, "label": "TARGET"}
    rows = [
        {"id": 1, "text": TEXT, "entities": [{**SPAN, key: 1}, {**second, key: "wang"}]},
        {"id": 2, "text": TEXT, "entities": [SPAN], key: "li", "title": "通稿"},
        {"id": 3, "text": TEXT, "entities": []},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = doccano.read_annotators(path, Notices())
    assert [(who, one.id, [(c.start, c.label) for c in one.candidates], dict(one.meta)) for who, one in found] == [
        ("1", "1", [(1, "ORG")], {}),
        ("wang", "1", [(8, "TARGET")], {}),
        ("li", "2", [(1, "ORG")], {"title": "通稿"}),
        (None, "3", [], {}),
    ]


def test_spans_drawn_on_the_page_are_counted_in_utf16(tmp_path):
    rows = [{"text": "🏭🏭由省发改委牵头。", "label": [[5, 9, "ORG"]]}, {"text": "🏭省厅", "label": [[2, 4, "ORG"]]}]
    documents, ledger, _ = read(tmp_path, *rows)
    assert [mentions(d) for d in documents] == [[("ORG", "省发改委")], [("ORG", "省厅")]]
    assert {x.reason for x in ledger} == {"offsets in UTF-16 units"}


def test_spans_added_to_a_written_file_leave_the_others_right(tmp_path):
    text = "🏭🏭省厅、省发改委。"
    row = json.loads(doccano.write([Document.from_spans("a", text, [(2, 4, "ORG")])]))
    row["label"].append([7, 11, "ORG"])
    [one], ledger, _ = read(tmp_path, row)
    assert mentions(one) == [("ORG", "省厅"), ("ORG", "省发改委")]
    assert [x.text for x in ledger] == ["改委。"]
    assert ledger.losses[0].action == "repaired"


def test_what_is_written():
    document = Document.from_spans("a", "省厅", [(0, 2, "ORG")], {"title": "通稿"})
    assert doccano.write([document]) == (
        '{"id": "a", "text": "省厅", "label": [[0, 2, "ORG"]], "meta": {"title": "通稿"}}\n'
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": TEXT}, "is not a doccano document"),
        ({"text": 3, "label": []}, "is not a doccano document"),
        ({"text": TEXT, "label": ["ORG"]}, "is not a span.*text classification"),
        ({"text": TEXT, "label": [[1, "ORG"]]}, "is not a span"),
        ({"text": TEXT, "label": [["x", 3, "ORG"]]}, "is not a span"),
        ({"text": TEXT, "annotations": [{"label": "ORG"}]}, "is not a span"),
        ([1], "a JSON object was expected"),
    ],
)
def test_errors_name_the_line(tmp_path, row, message):
    with pytest.raises(TopnerError, match=message) as error:
        read(tmp_path, {"text": TEXT, "label": []}, row)
    assert error.value.where == "line 2"
