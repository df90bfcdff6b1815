from pathlib import Path

import pytest

from topner.annotation.detect import detect
from topner.errors import TopnerError


def detected(tmp_path: Path, content: str, name: str = "x.txt") -> str:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return detect(path)


@pytest.mark.parametrize(
    ("content", "format"),
    [
        ("[国务院](ORG)印发通知", "inline"),
        ("{“一带一路”}：[国务院](ORG)印发通知", "inline"),
        ("---\nid: a\n---\n没有标注\n", "inline"),
        ("由 O\n省 B-ORG\n厅 I-ORG\n", "conll"),
        ("-DOCSTART- O\n\n由\tO\n", "conll"),
        ("# id = a\n", "conll"),
        ("由 O\n省 B-ORG\n厅 I-ORG\n坏行\n", "conll"),
        ('{"text": "a", "entities": []}', "jsonl"),
        ('{"text": "a", "entities": []}\n{"text": "a", "entities": [[0, 1, "ORG"]]}', "doccano"),
        ('{"text": "a", "entities": []}\n{"text": "a", "entities": [', "jsonl"),
        ('{"text": "a", "label": []}', "doccano"),
        ('{"text": "a", "label": {}}', "jsonl"),
        ('[{"data": {"text": "a"}, "annotations": []}]', "label-studio"),
        ('[{"text": "a", "id": 1, "annotator": 1, "annotation_id": 3}]', "label-studio"),
        ('[{"text": "a", "id": 1, "ner": [{"start": 0, "end": 1, "labels": ["ORG"]}]}]', "label-studio"),
        ('text,id,"label",annotation_id\na,1,,3\n', "label-studio"),
        ("T1\tORG 0 2\t省厅\n", "brat"),
        ("#1\tAnnotatorNotes T1\t核\nT1\tORG 0 2\t省厅\n", "brat"),
    ],
)
def test_by_content(tmp_path, content, format):
    assert detected(tmp_path, content) == format
    assert detected(tmp_path, "\ufeff" + content, "x") == format


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (" \n\t\n", "is empty"),
        ("普通的文字，没有标注。\n", "in none of the annotation formats"),
        ("方案 O\n这一行没有标记\n", "in none of the annotation formats"),
        ('{"text": "a"}', "in none of the annotation formats"),
        ("[1, 2]", "a JSON object was expected"),
        ('[{"text": "a", ]', "is not JSON"),
        ('{"a": 1\n}}', "is not JSON"),
        ("name,age\na,3\n", "in none of the annotation formats"),
    ],
)
def test_what_is_none(tmp_path, content, message):
    with pytest.raises(TopnerError, match=message) as error:
        detected(tmp_path, content)
    assert error.value.path == tmp_path / "x.txt"


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "x.jsonl").write_bytes("省厅".encode("gb18030"))
    with pytest.raises(TopnerError, match="is not UTF-8 text"):
        detect(tmp_path / "x.jsonl")


def test_a_text_beside_brat_annotations_is_half_a_pair(tmp_path):
    (tmp_path / "a.txt").write_text("[国务院](ORG)")
    (tmp_path / "a.ann").write_text("T1\tORG 0 2\t国务\n")
    assert detect(tmp_path / "a.txt") == "brat"
    (tmp_path / "a.ann").write_text('{"text": "a", "entities": []}')
    assert (detect(tmp_path / "a.txt"), detect(tmp_path / "a.ann")) == ("inline", "jsonl")
