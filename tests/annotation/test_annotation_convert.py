import json
from pathlib import Path

import pytest

from topner.annotation.convert import convert
from topner.errors import TopnerError
from topner.labels import LabelSchema

SCHEMA = LabelSchema()
NESTED = "---\nid: a\n---\n[建成[智慧物流园](PROJECT)等50个](TARGET)，[张三](PERSON)说。\n"


def source(tmp_path: Path, content: str = NESTED, name: str = "a.txt") -> Path:
    path = tmp_path / "in" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode())
    return path


def test_a_nested_text_is_made_flat_and_its_losses_listed(tmp_path):
    done = convert(source(tmp_path), tmp_path / "out.jsonl", None, "jsonl", SCHEMA)
    assert [(m.label, m.text) for m in done.documents[0].mentions] == [("TARGET", "建成智慧物流园等50个")]
    assert done.ledger_path == tmp_path / "out.jsonl.losses.csv"
    lines = done.ledger_path.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 3
    assert "unknown label PERSON" in lines[1]
    assert "overlaps a TARGET" in lines[2]
    assert done.ledger.seen == 3
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["id"] == "a"


def test_a_ledger_of_an_earlier_run_goes_when_nothing_is_lost(tmp_path):
    convert(source(tmp_path), tmp_path / "out", None, "inline", SCHEMA)
    assert (tmp_path / "out.losses.csv").exists()
    done = convert(source(tmp_path, "[省厅](ORG)\n"), tmp_path / "out", None, "inline", SCHEMA)
    assert done.ledger_path is None
    assert not (tmp_path / "out.losses.csv").exists()


def test_too_much_lost_writes_the_ledger_alone(tmp_path):
    with pytest.raises(TopnerError, match=r"out\.jsonl\.losses\.csv: nothing was written: 2 of 3 annotations"):
        convert(source(tmp_path), tmp_path / "out.jsonl", None, "jsonl", SCHEMA, max_loss=0.5)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out.jsonl.losses.csv"]
    convert(source(tmp_path), tmp_path / "out.jsonl", None, "jsonl", SCHEMA, max_loss=0.67)
    assert (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("target", ["in/a.txt", "in", "../{}/in/./a.txt"])
def test_the_source_is_never_overwritten(tmp_path, target):
    path = source(tmp_path)
    for origin in (path, path.parent):
        with pytest.raises(TopnerError, match="in the source"):
            convert(origin, tmp_path / "in" / ".." / target.format(tmp_path.name), None, "jsonl", SCHEMA)
    assert path.read_bytes().decode() == NESTED
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_the_output_never_lies_in_the_source(tmp_path):
    path = source(tmp_path)
    with pytest.raises(TopnerError, match="lies in the source"):
        convert(path.parent, path.parent / "deep" / "out.jsonl", None, "jsonl", SCHEMA)
    convert(path, path.parent / "out.jsonl", None, "jsonl", SCHEMA)  # beside it there is no danger
    assert path.read_bytes().decode() == NESTED


def test_a_link_to_the_source_is_the_source(tmp_path):
    path = source(tmp_path)
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(TopnerError, match="in the source"):
        convert(path, tmp_path / "link", None, "jsonl", SCHEMA)


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.md").write_text("私人")
    with pytest.raises(TopnerError, match=r"holds other files, such as notes\.md"):
        convert(source(tmp_path), out, None, "inline", SCHEMA)
    assert [p.name for p in out.iterdir()] == ["notes.md"]
    convert(source(tmp_path), out, None, "inline", SCHEMA, force=True)
    assert sorted(p.name for p in out.iterdir()) == ["a.txt", "notes.md"]
    (out / "notes.md").unlink()
    convert(source(tmp_path), out, None, "inline", SCHEMA)  # a second run replaces its own files
    convert(source(tmp_path), out, None, "brat", SCHEMA)
    with pytest.raises(TopnerError, match=r"such as a\.ann"):  # else x.txt would be taken for half of a brat pair
        convert(source(tmp_path), out, None, "inline", SCHEMA)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "[省厅](ORG)说[2024]\n"),
        ("a.jsonl", '{"text": "省厅", "entities": []}\n{"text": \n'),
        ("a.json", '[{"data": {"text": "省厅"}, "annotations": [{"result": []}]}, {"id": 3}]'),
        ("a.bio", "省\tB-ORG\n厅\tI-ORG\n办\tO\n坏\n"),
        ("a.jsonl", '{"text": "省厅", "label": [[0, 2]]}\n'),
    ],
)
def test_a_bad_file_leaves_nothing_behind(tmp_path, name, content):
    with pytest.raises(TopnerError) as error:
        convert(source(tmp_path, content, name), tmp_path / "out.jsonl", None, "jsonl", SCHEMA)
    assert error.value.path == tmp_path / "in" / name
    assert error.value.where is not None
    assert [p.name for p in tmp_path.iterdir()] == ["in"]
