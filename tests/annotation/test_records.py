from pathlib import Path

import pytest

from topner.annotation.records import read_records, record_id
from topner.errors import TopnerError


def read(tmp_path: Path, content: str) -> list[tuple[str, dict[str, object]]]:
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    return [tuple(record) for record in read_records(path)]


@pytest.mark.parametrize(
    ("content", "wheres"),
    [
        ('{"a": 1}\n\n{"a": 2}\n', ["line 1", "line 3"]),
        ('{"a": 1}\r\n{"a": 2}', ["line 1", "line 2"]),
        ('{"a": "一\u2028二"}\n{"a": 2}', ["line 1", "line 2"]),
        ('[{"a": 1}, {"a": 2}]', ["record 1", "record 2"]),
        ('[\n {"a": 1},\n {"a": 2}\n]', ["record 1", "record 2"]),
        ('{\n "a": 1\n}', ["record 1"]),
        ("", []),
        (" \n", []),
        ("[]", []),
    ],
)
def test_a_list_an_object_or_lines(tmp_path, content, wheres):
    assert [where for where, _ in read(tmp_path, content)] == wheres


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('{"a": 1}\n{"a": \n', "line 2, column 7"),
        ('{"a": 1\n{"a": 2}\n', "line 1, column 8"),
        ('[\n{"a": 1},\n{"a" 2}]', "line 3, column 6"),
        ('{"a": 1}\n[1]\n', "line 2"),
        ("[1]", "record 1"),
        ("[" * 100_000, None),
        ('{"a": 1' + "0" * 5000 + "}\n", None),
    ],
)
def test_what_is_broken_is_named(tmp_path, content, where):
    with pytest.raises(TopnerError) as error:
        read(tmp_path, content)
    assert error.value.path == tmp_path / "a.json"
    assert where is None or error.value.where == where


def test_ids():
    path = Path("x/train.jsonl")
    assert [record_id(value, path, 3) for value in ({"id": 0}, {"doc_id": "b"}, {"id": ""}, {"id": [1]}, {})] == [
        "0",
        "b",
        "train-3",
        "train-3",
        "train-3",
    ]
