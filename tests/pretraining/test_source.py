import json
import sys

import pytest

from topner.corpus.standoff import split_standoff
from topner.document import Document
from topner.errors import TopnerError
from topner.pretraining.config import SourceConfig
from topner.pretraining.source import read_documents, read_lines, text_files

LINES = ["一、2025年工作回顾", "全市地区生产总值增长5.5%。", "", "“百千万工程”𠮷😀 ２０２６年", "完", ""]


if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def source(path, **more):
    return SourceConfig.model_validate({"path": path, **more})


def standoff(*texts):
    documents = [Document.from_spans(str(n), text, []) for n, text in enumerate(texts)]
    return "".join(json.dumps(record) + "\n" for record in split_standoff(documents, LINES))


def test_an_empty_line_the_limit_and_the_end_of_the_file_end_a_document(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\r\n".join(LINES), encoding="utf-8-sig", newline="")
    assert list(read_documents(source(path), 100)) == [LINES[:2], LINES[3:5]]
    assert list(read_documents(source(path), 1)) == [[line] for line in LINES if line]


def test_zstandard_reads_like_plain_text(tmp_path):
    text = "\n".join(LINES * 3000)
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    half = len(text) // 2
    (tmp_path / "b.zst").write_bytes(zstd.compress(text[:half].encode()) + zstd.compress(text[half:].encode()))
    assert list(read_lines(tmp_path / "b.zst")) == list(read_lines(tmp_path / "a.txt"))


def test_lines_choose_a_part_of_a_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n".join(LINES), encoding="utf-8")
    assert list(read_documents(source(path, lines=(1, 4)), 100)) == [[LINES[1]], [LINES[3]]]


def test_lines_that_are_measured_on_are_left_out(tmp_path):
    path, measured = tmp_path / "a.txt", tmp_path / "measured.jsonl"
    path.write_text("\n".join(LINES), encoding="utf-8")
    measured.write_text(standoff(LINES[0], LINES[4]), encoding="utf-8")
    assert list(read_documents(source(path, without=measured), 100)) == [[LINES[1]], [LINES[3]]]
    assert list(read_documents(source(path, without=measured, lines=(3, 6)), 100)) == [[LINES[3]]]
    assert list(read_documents(source(path, without=measured), 1)) == [[], [LINES[1]], [LINES[3]], []]  # none moves
    path.write_text("\n".join(["一行新的", *LINES]), encoding="utf-8")
    with pytest.raises(TopnerError, match="not those that were annotated"):
        list(read_documents(source(path, without=measured), 100))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ('{"lines": 3}', "'lines' is missing or of another form"),
        ('{"lines": [0, Infinity]}', "'lines' is missing or of another form"),
        ('{"lines": [3, 2]}', "'lines' are no range"),
        ('{"lines": [0, 9000000000000]}', "not those that were annotated"),
    ],
)
def test_what_is_no_list_of_measured_lines_is_said(tmp_path, record, message):
    path, measured = tmp_path / "a.txt", tmp_path / "measured.jsonl"
    path.write_text("\n".join(LINES), encoding="utf-8")
    measured.write_text(record + "\n", encoding="utf-8")
    with pytest.raises(TopnerError, match=message):
        list(read_documents(source(path, without=measured), 100))


def test_lines_of_a_folder_cannot_be_told(tmp_path):
    measured = tmp_path / "measured.jsonl"
    with pytest.raises(TopnerError, match="need one file"):
        text_files(source(tmp_path, without=measured))


def test_a_folder_is_read_in_order_and_without_other_files(tmp_path):
    for name in ("b/2.txt", "a.txt", "b/1.txt", "notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    assert [document[0] for document in read_documents(source(tmp_path), 9)] == ["a.txt", "b/1.txt", "b/2.txt"]


def test_a_source_is_called_by_its_file_unless_named(tmp_path):
    assert source("x/公报.txt.zst").name == "公报"
    assert source("x/公报.txt.zst", name="bulletins").name == "bulletins"


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (None, "gone.txt", "no such file"),
        ("发展".encode("gb18030"), "a.txt", "not UTF-8"),
        (b"plain, not packed at all", "a.zst", "not Zstandard"),
        (zstd.compress("发展".encode() * 9000)[:-9], "a.zst", "broken"),
    ],
)
def test_bad_files_are_named(tmp_path, content, name, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(TopnerError, match=message) as error:
        list(read_documents(source(tmp_path / name), 9))
    assert name in str(error.value)


def test_lines_of_a_folder_and_a_folder_without_text_are_refused(tmp_path):
    with pytest.raises(TopnerError, match="one file"):
        text_files(source(tmp_path, lines=(0, 5)))
    with pytest.raises(TopnerError, match="holds no"):
        text_files(source(tmp_path))
