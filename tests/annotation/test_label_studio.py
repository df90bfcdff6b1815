import json
from pathlib import Path
from typing import Any

import pytest

from topner.annotation import label_studio
from topner.annotation.found import Notices
from topner.annotation.settle import settle
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger

TEXT = "𠮷林省发改委要求：GDP增长5%以上，由省教育厅  督办。"
ORG, TARGET = "𠮷林省发改委", "GDP增长5%以上"


def region(part: str, label: str, kind: str = "labels", **more: Any) -> dict[str, Any]:
    start = TEXT.index(part)
    return {"type": kind, "value": {"start": start, "end": start + len(part), "text": part, kind: [label]}, **more}


def version(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"result": list(results), **more}


def task(*versions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 7, "data": {"text": TEXT}, "annotations": list(versions), **more}


def read(tmp_path: Path, content: Any, name: str = "export.json") -> tuple[list[Document], Ledger, Notices]:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    ledger, notices = Ledger(), Notices()
    found = label_studio.read(path, ledger, notices)
    return settle(found, LabelSchema(), ledger, notices), ledger, notices


def mentions(document: Document) -> list[tuple[str, str]]:
    return [(m.label, m.text) for m in document.mentions]


def test_an_export_of_today(tmp_path):
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}
    content = [task(version(region(ORG, "ORG"), region(TARGET, "TARGET"), relation, completed_by=1))]
    [one], ledger, notices = read(tmp_path, content)
    assert (one.id, one.text, mentions(one)) == ("7", TEXT, [("ORG", ORG), ("TARGET", TARGET)])
    assert not ledger.losses
    assert notices.shapes == {"Label Studio JSON, data.text": 1}
    assert "relation result ignored" in notices.summary()


def test_completions_of_old_versions(tmp_path):
    content = [{"id": 7, "data": {"text": TEXT}, "completions": [version(region(ORG, "ORG"), created_at=1609789589)]}]
    [one], _, notices = read(tmp_path, content)
    assert mentions(one) == [("ORG", ORG)]
    assert "completions" in notices.summary()


def test_the_text_may_stand_under_any_key(tmp_path):
    data = {"title": "通稿一则，标题比正文长" * 9, "正文": TEXT, "page": 3, "tags": ["a"], "url": "https://x.cn/1"}
    [one], _, notices = read(tmp_path, [{"id": 1, "data": data, "annotations": [version(region(ORG, "ORG"))]}])
    assert one.text == TEXT
    assert dict(one.meta) == {"title": data["title"], "page": 3, "tags": '["a"]', "url": "https://x.cn/1"}
    assert "data.正文" in notices.summary()


def test_cancelled_annotations_never_count(tmp_path):
    content = [
        task(version(region(ORG, "ORG"), was_cancelled=True), version(region(TARGET, "TARGET"))),
        {**task(version(region(ORG, "ORG"), region(TARGET, "TARGET"), was_cancelled=True)), "id": 8},
    ]
    documents, ledger, notices = read(tmp_path, content)
    assert [(d.id, mentions(d)) for d in documents] == [("7", [("TARGET", TARGET)])]
    assert [(x.document, x.label, x.reason) for x in ledger] == [
        ("7", "ORG", "cancelled annotation"),
        ("8", "ORG", "cancelled annotation"),
        ("8", "TARGET", "cancelled annotation"),
    ]
    assert ledger.seen == 4
    assert notices.notes["task left out, its annotation was cancelled"] == 1


def test_what_an_annotator_took_over_from_a_prediction_has_no_score(tmp_path):
    prediction = version(region(ORG, "ORG", score=0.5), region(TARGET, "TARGET", score=0.9))
    taken = version(region(ORG, "ORG", score=0.5, origin="prediction"), region(TARGET, "ORG", score=0.9))
    [one], _, _ = read(tmp_path, [task(taken, predictions=[prediction])])
    assert [(m.label, m.score) for m in one.mentions] == [("ORG", None), ("ORG", None)]
    assert "annotations" in label_studio.task(one)  # not a prediction again


def test_drafts_are_counted_and_not_read(tmp_path):
    draft = {"result": [region(ORG, "ORG")], "annotation": None}
    content = [
        task(version(), drafts=[draft]),
        {**task(drafts=[8, 9]), "id": 8},
        {**task(version(), drafts=[]), "id": 9},
    ]
    documents, _, notices = read(tmp_path, content)
    assert [(d.id, mentions(d)) for d in documents] == [("7", []), ("9", [])]
    assert notices.notes["draft passed over, nobody has submitted it"] == 3
    assert notices.notes["task left out, nobody has labelled it"] == 1


@pytest.mark.parametrize("row", [{"id": 3}, {"id": 3, "topner_id": "省-1"}, {"id": "省-1"}])
def test_json_min_keeps_the_documents_id(tmp_path, row):
    content = [{**row, "text": TEXT, "annotation_id": 11, "label": [region(ORG, "ORG")["value"]]}]
    [one], _, _ = read(tmp_path, content)
    assert (one.id, one.text, dict(one.meta)) == ("3" if row == {"id": 3} else "省-1", TEXT, {})


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        ({}, {}, "second"),
        ({"updated_at": "2026-03-02T00:00:00Z"}, {"updated_at": "2026-03-01T00:00:00Z"}, "first"),
        ({"created_at": 200}, {"created_at": 100}, "first"),
        ({"ground_truth": True}, {"updated_at": "2026-03-01T00:00:00Z"}, "first"),
    ],
)
def test_of_several_annotators_ground_truth_or_the_latest(tmp_path, first, second, taken):
    one = version(region(ORG, "ORG"), region(TARGET, "TARGET"), completed_by={"id": 1, "email": "wang@x.cn"}, **first)
    two = version(region(ORG, "ORG"), region("省教育厅", "ORG"), completed_by=2, **second)
    [document], ledger, notices = read(tmp_path, [task(one, two)])
    assert mentions(document)[1] == (("TARGET", TARGET) if taken == "first" else ("ORG", "省教育厅"))
    who, lost = ("2", "省教育厅") if taken == "first" else ("wang@x.cn", TARGET)
    assert [(x.text, x.reason) for x in ledger] == [(lost, f"annotation of annotator {who}, another was taken")]
    assert ledger.seen == 4
    assert "several annotations" in notices.summary()


def test_every_annotators_version_is_read(tmp_path):
    path = tmp_path / "export.json"
    versions = [
        version(region(ORG, "ORG"), completed_by={"id": 1, "email": "wang@x.cn"}),
        version(region(TARGET, "TARGET"), completed_by=2),
        version(completed_by=2, was_cancelled=True),
        version(region(ORG, "ORG"), completed_by=3, was_cancelled=True),
        version(region("省教育厅", "ORG")),
    ]
    rows = [task(*versions), task(), task(predictions=[version(region(ORG, "ORG"))])]
    inside = {"result": [region(ORG, "ORG")], "completed_by": 4, "task": {"id": 9, "data": {"text": TEXT}}}
    path.write_text(json.dumps([*rows, inside]), encoding="utf-8")
    ledger, notices = Ledger(), Notices()
    found = label_studio.read_annotators(path, ledger, notices)
    assert [(who, one.id, [c.text for c in one.candidates]) for who, one in found] == [
        ("wang@x.cn", "7", [ORG]),
        ("2", "7", [TARGET]),
        (None, "7", ["省教育厅"]),
        ("4", "9", [ORG]),
    ]
    assert [loss.reason for loss in ledger] == ["cancelled annotation"]
    assert notices.notes["task left out, nobody has labelled it"] == 2
    path.write_text('[{"id": 2}]')
    with pytest.raises(TopnerError, match="it has no 'data'"):
        label_studio.read_annotators(path, ledger, notices)


def test_predictions_alone_are_read_as_predicted(tmp_path):
    prediction = version(region(ORG, "ORG", score=0.5), region(TARGET, "TARGET"), score=0.25, model_version="m")
    [one], _, notices = read(tmp_path, [task(predictions=[prediction])])
    assert [m.score for m in one.mentions] == [0.5, 0.25]
    assert "predictions only" in notices.summary()


def test_predictions_beside_an_annotation_do_not_count(tmp_path):
    content = [task(version(region(TARGET, "TARGET")), predictions=[version(region(ORG, "ORG")), 12])]
    [one], ledger, _ = read(tmp_path, content)
    assert mentions(one) == [("TARGET", TARGET)]
    assert not ledger.losses


def test_tasks_that_nobody_labelled_are_left_out_and_empty_ones_kept(tmp_path):
    documents, _, notices = read(tmp_path, [task(), {**task(version()), "id": 8}])
    assert [d.id for d in documents] == ["8"]
    assert notices.notes["task left out, nobody has labelled it"] == 1


def test_hypertext_is_read_by_its_global_offsets(tmp_path):
    page = "<html><head><style>p{}</style></head><body><p>由<b>省发改委</b>牵头&amp;督办</p></body></html>"
    value = {
        "start": "/p[1]/b[1]/text()[1]", "end": "/p[1]/b[1]/text()[1]", "startOffset": 0, "endOffset": 4,
        "text": "省发改委", "hypertextlabels": ["ORG"],
    }  # fmt: skip
    for offsets in ({"globalOffsets": {"start": 1, "end": 5}}, {}):
        result = {"type": "hypertextlabels", "value": {**value, **offsets}}
        [one], ledger, notices = read(tmp_path, [{"id": 1, "data": {"html": page}, "annotations": [version(result)]}])
        assert (one.text, mentions(one)) == ("由省发改委牵头&督办", [("ORG", "省发改委")])
        assert [x.reason for x in ledger] == ([] if offsets else ["no offsets, its text occurs once"])
        assert "HyperText" in notices.summary()


def test_utf16_offsets_and_collapsed_spaces_are_repaired(tmp_path):
    wide = {"type": "labels", "value": {"start": 10, "end": 19, "text": TARGET, "labels": ["TARGET"]}}
    collapsed = region("省教育厅  督办", "ORG")
    collapsed["value"]["text"] = "省教育厅 督办"
    [one], ledger, _ = read(tmp_path, [task(version(wide, collapsed))])
    assert mentions(one) == [("TARGET", TARGET), ("ORG", "省教育厅  督办")]
    assert [x.reason for x in ledger] == ["offsets in UTF-16 units", "white space in its text differs"]


def test_several_labels_on_one_region_and_none(tmp_path):
    both, none = region(ORG, "ORG"), region(TARGET, "TARGET")
    both["value"]["labels"] = ["ORG", "PROJECT"]
    none["value"]["labels"] = []
    [one], ledger, _ = read(tmp_path, [task(version(both, none))])
    assert mentions(one) == [("PROJECT", ORG)]
    assert sorted(x.reason.split(":")[0] for x in ledger) == ["overlaps a PROJECT", "unknown label (none)"]


def test_json_min(tmp_path):
    rows = [
        {"id": 3, "text": TEXT, "source": "新华社", "label": [region(ORG, "ORG")["value"]], "annotator": 1,
         "annotation_id": 11, "updated_at": "2026-01-01", "lead_time": 3.5},
        {"id": 3, "text": TEXT, "source": "新华社", "label": [region(TARGET, "TARGET")["value"]], "annotator": 2,
         "annotation_id": 12, "updated_at": "2026-01-02", "lead_time": 3.5},
        {"id": 4, "text": "省厅", "annotator": 2, "annotation_id": 13, "lead_time": 1.0},
    ]  # fmt: skip
    documents, ledger, notices = read(tmp_path, rows)
    assert [(d.id, mentions(d)) for d in documents] == [("3", [("TARGET", TARGET)]), ("4", [])]
    assert dict(documents[0].meta) == {"source": "新华社"}
    assert [x.text for x in ledger] == [ORG]
    assert notices.shapes == {"Label Studio JSON_MIN, data.text": 2}


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_tables_with_json_in_a_cell(tmp_path, delimiter):
    cell = json.dumps([region(ORG, "ORG")["value"]], ensure_ascii=False).replace('"', '""')
    meta = json.dumps({"year": 2026, "title": "通稿"}, ensure_ascii=False).replace('"', '""')
    header = [
        "text",
        "id",
        "label",
        "annotator",
        "annotation_id",
        "created_at",
        "updated_at",
        "lead_time",
        "meta",
        "note",
    ]
    row = [f'"{TEXT}"', "5", f'"{cell}"', "1", "2", "2026-01-01", "2026-01-01", "9.1", f'"{meta}"', "{}"]
    content = "\ufeff" + delimiter.join(header) + "\r\n" + delimiter.join(row) + "\r\n"
    [one], ledger, notices = read(tmp_path, content, "export.csv")
    assert (one.id, one.text, mentions(one)) == ("5", TEXT, [("ORG", ORG)])
    assert dict(one.meta) == {"year": 2026, "title": "通稿", "note": "{}"}
    assert not ledger.losses
    assert notices.shapes == {"Label Studio table, data.text": 1}


def test_a_table_cell_may_hold_a_whole_document(tmp_path):
    text = "省" * 200_000
    [one], _, _ = read(tmp_path, f"text,id,annotation_id\n{text},1,2\n", "export.csv")
    assert one.text == text


def test_one_annotation_a_file_with_its_task_inside(tmp_path):
    content = {"id": 31, "result": [region(ORG, "ORG")], "task": {"id": 9, "data": {"text": TEXT}}}
    [one], _, _ = read(tmp_path, content)
    assert (one.id, mentions(one)) == ("9", [("ORG", ORG)])


@pytest.mark.parametrize(
    ("content", "where", "message"),
    [
        ([task(), {"id": 2}], "task 2", "it has no 'data'"),
        ([task(), 3], "record 2", "a JSON object was expected, found int"),
        ([{"data": {"n": 1}, "annotations": [version()]}], "task 1", "no text in 'data'"),
        (
            [{"data": {"text": "/data/upload/1/a.txt"}, "annotations": [version(region(ORG, "ORG"))]}],
            "task 1",
            "holds only the address",
        ),
        ("[{", "line 1, column 3", "is not JSON"),
        ("text,id,annotation_id\n省厅,1\n", "line 2", "2 cells, the header has 3"),
    ],
)
def test_errors_name_the_task(tmp_path, content, where, message):
    with pytest.raises(TopnerError) as error:
        read(tmp_path, content)
    assert (error.value.path, error.value.where) == (tmp_path / "export.json", where)
    assert message in error.value.message


def test_gold_is_written_as_annotations_and_scores_as_predictions():
    gold = Document.from_spans("a", TEXT, [(0, 6, "ORG")], {"title": "通稿"})
    written = label_studio.task(gold)
    assert written["data"] == {"topner_id": "a", "text": TEXT, "meta": {"title": "通稿"}}
    [made] = written["annotations"]
    assert made["result"][0]["value"] == {"start": 0, "end": 6, "text": ORG, "labels": ["ORG"]}
    scored = gold.with_mentions([Mention(0, 6, "ORG", ORG, 0.5), Mention(9, 18, "TARGET", TARGET, 0.75)])
    written = label_studio.task(scored, model_version="run-3")
    assert "annotations" not in written
    assert written["predictions"][0]["model_version"] == "run-3"
    assert written["predictions"][0]["score"] == 0.625
    assert [r["score"] for r in written["predictions"][0]["result"]] == [0.5, 0.75]
    assert label_studio.task(Document("b", "无"), predicted=True)["predictions"][0]["result"] == []
    assert "predictions" not in label_studio.task(scored, predicted=False)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p class='a>b' title=\"<i>\">市科技局</p>", "市科技局"),
        ("<p it's>省厅<br/>办</p >", "省厅办"),
        ("a < b & c &lt;d&gt; &#x4e2d;&nbsp;", "a < b & c <d> 中\xa0"),
        ("<![if !supportLists]>一、<![endif]><![x[省]]>厅", "一、厅"),
        ("<!DOCTYPE html><?xml version='1.0'?>省<!-- <p>厅</p> -->办<!-->会</>议", "省办会议"),
        ("<SCRIPT>if (a < b) '</p>'</SCRIPT >省<style>p{}</style>厅", "省厅"),
        ("省<script>never closed", "省"),
        ("省<p title='never closed>厅", "省"),
        ("省&#" + "1" * 5000 + ";厅", "省\ufffd厅"),
    ],
)
def test_pages_as_a_browser_reads_them(page, text):
    assert label_studio.plain_text(page) == text
