from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.annotation import inline
from topner.annotation.found import Found, Notices
from topner.document import Document
from topner.errors import TopnerError
from topner.ledger import Ledger


def found(tmp_path: Path, content: str) -> Found:
    path = tmp_path / "文件.txt"
    path.write_bytes(content.encode("utf-8"))
    [one] = inline.read(path, Ledger(), Notices())
    return one


def marked(one: Found) -> list[tuple[str, str]]:
    assert all(one.text[c.start : c.end] == c.text for c in one.candidates)
    return [(c.label, c.text or "") for c in one.candidates]


def test_front_matter_and_marks(tmp_path):
    one = found(
        tmp_path,
        "---\nid: gd-2026\ntitle: 讲话：之一\nyear: 2026\n---\n今年[GDP增长5%左右](TARGET)，[省发改委](ORG)负责。\n",
    )
    assert (one.id, dict(one.meta)) == ("gd-2026", {"title": "讲话：之一", "year": 2026})
    assert one.text == "今年GDP增长5%左右，省发改委负责。"
    assert marked(one) == [("TARGET", "GDP增长5%左右"), ("ORG", "省发改委")]


def test_without_front_matter_the_file_names_the_document(tmp_path):
    one = found(tmp_path, "[省发改委](ORG)")
    assert (one.id, one.text, dict(one.meta)) == ("文件", "省发改委", {})


def test_escapes_and_lone_backslashes(tmp_path):
    one = found(tmp_path, r"国发\[2024\]5号 C:\new \\ [“\[新\]区”](PROJECT)" + "\n")
    assert one.text == "国发[2024]5号 C:\\new \\ “[新]区”"
    assert marked(one) == [("PROJECT", "“[新]区”")]


def test_marks_may_be_nested(tmp_path):
    one = found(tmp_path, "[建成[[丹青](ORG)物流园](PROJECT)等50个](TARGET)")
    assert marked(one) == [("ORG", "丹青"), ("PROJECT", "丹青物流园"), ("TARGET", "建成丹青物流园等50个")]


def test_only_one_line_end_is_taken_off(tmp_path):
    assert found(tmp_path, "---\nid: a\n---\n\n 一\r\n\n\n").text == "\n 一\r\n\n"


def test_a_file_saved_with_crlf_is_read_as_it_was_before(tmp_path):
    content = "---\nid: a\n---\n[省厅](ORG)\n二\n"
    assert found(tmp_path, content.replace("\n", "\r\n")) == found(tmp_path, content)


def test_names_and_dates_stay_as_spelled(tmp_path):
    one = found(tmp_path, "---\nid: 007\ndate: 2026-07-01\nflag: yes\nnone:\n---\nx\n")
    assert one.id == "007"
    assert dict(one.meta) == {"date": "2026-07-01", "flag": True, "none": None}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("---\nid: a\n---\n一\n国发[2024]5号\n", 5, r"[2024] is not followed by (LABEL)"),
        ("第一行\n[省厅] (ORG)\n", 2, "[省厅] is not followed by (LABEL)"),
        ("见[这里](https://x.cn)\n", 1, "[这里] is not followed by (LABEL)"),
        ("第一行\n省厅](ORG)\n", 2, "a ] without a [ before it"),
        ("第一行\n\n[省厅\n", 3, "[省厅 is never closed by a ]"),
        ("---\nid: a\n正文\n", 1, "the front matter has no closing line ---"),
        ("---\nid: a\ntitle: [a\n---\n正文\n", 4, "the front matter is not YAML"),
        ("---\nid: a\ntags: [a, b]\n---\n正文\n", 3, "the front matter is not flat"),
        ("---\n只有文字\n---\n正文\n", 2, "the front matter is not a list of 'key: value' lines"),
        ("---\ndate: 2026-13-45\n---\n正文\n", 2, "the front matter is not YAML"),
    ],
)
def test_errors_name_the_line(tmp_path, content, line, message):
    with pytest.raises(TopnerError) as error:
        found(tmp_path, content)
    assert error.value.path == tmp_path / "文件.txt"
    assert error.value.where == f"line {line}"
    assert message in error.value.message


def test_an_unescaped_bracket_is_told_what_to_write(tmp_path):
    with pytest.raises(TopnerError, match=r"write \\\[ or \\\]"):
        found(tmp_path, "[2024]")


def test_what_is_written_can_be_read_by_eye():
    document = Document.from_spans("a", "要[新]建50个。", [(4, 8, "TARGET")], {"title": "全文", "year": 2026})
    assert inline.write(document) == "---\nid: a\ntitle: 全文\nyear: 2026\n---\n要\\[新\\][建50个](TARGET)。\n"


@given(st.text(st.sampled_from("省厅[]()\\\nORG"), max_size=20))
def test_any_text_escaped_parses_to_itself(text):
    assert inline.parse(inline.escape(text)) == (text, [])
