import json

import pytest

from topner.errors import TopnerError
from topner.files import atomic_folder, atomic_path, read_text, sha256, write_json, write_jsonl, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_line_ends_and_rare_characters_survive(tmp_path):
    text = "一\r\n二\r三\u2028𠮷😀"
    write_text(tmp_path / "深/处/a.txt", text)
    assert read_text(tmp_path / "深/处/a.txt") == text


def test_a_byte_order_mark_is_dropped(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf" + "市".encode())
    assert read_text(tmp_path / "a.txt") == "市"


@pytest.mark.parametrize(("content", "message"), [(None, "no such file"), ("市".encode("gb18030"), "not UTF-8")])
def test_what_cannot_be_read_is_said(tmp_path, content, message):
    path = tmp_path / "a.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TopnerError, match=message):
        read_text(path)
    with pytest.raises(TopnerError, match="folder"):
        read_text(tmp_path)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    write_text(tmp_path / "a.jsonl", "old\n")

    def records():
        yield {"text": "市"}
        raise RuntimeError("the disk burns")

    with pytest.raises(RuntimeError):
        write_jsonl(tmp_path / "a.jsonl", records())
    assert names(tmp_path) == ["a.jsonl"]
    assert read_text(tmp_path / "a.jsonl") == "old\n"


def test_a_folder_is_replaced_as_a_whole_or_not_at_all(tmp_path):
    with atomic_folder(tmp_path / "model") as folder:
        write_text(folder / "old.txt", "1")

    def fail():
        with atomic_folder(tmp_path / "model") as folder:
            write_text(folder / "half.txt", "2")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names(tmp_path / "model") == ["old.txt"]
    with atomic_folder(tmp_path / "model") as folder:
        write_text(folder / "new.txt", "3")
    assert names(tmp_path / "model") == ["new.txt"]
    assert names(tmp_path) == ["model"]


def test_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TopnerError, match="cannot be written"), atomic_path(tmp_path / "file/a.txt"):
        pass


def test_json_is_readable(tmp_path):
    write_json(tmp_path / "a.json", {"市": 1})
    assert json.loads(read_text(tmp_path / "a.json")) == {"市": 1}
    assert "市" in read_text(tmp_path / "a.json")
    assert len(sha256(tmp_path / "a.json")) == 64
