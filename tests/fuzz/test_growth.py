"""Time grows with the length of a text, not with its square: sixteen times the text takes far less than 256 times as long.

Processor time of this process alone is taken, and the limit lies in the middle between the two on a logarithmic scale.
"""

import time
from pathlib import Path
from typing import Any

import pytest

from topner.annotation import conll, tags
from topner.annotation.detect import detect
from topner.annotation.found import Notices
from topner.annotation.inline import parse
from topner.annotation.inline import read as read_inline
from topner.annotation.label_studio import plain_text
from topner.errors import TopnerError
from topner.ledger import Ledger
from topner.targets.quantity import find_quantities
from topner.text.clean import clean
from topner.text.condition import conditions

SHORT, TIMES = 1_000, 16
LIMIT = TIMES**1.5


def alone(*parts: str) -> list[tuple[str, str, str]]:
    """Each part repeated, nothing before or after it."""
    return [("", part, "") for part in parts]


MARKUP = [
    *alone(
        "<",
        "<b",
        "<b ",
        "<b a='",
        "</",
        "<!--",
        "<!-- -->",
        "<script>",
        "<rt>",
        "<rt></rt>",
        "<p> ",
        "字<p>\n ",
        "&",
        "&#",
        "&nbsp;",
    ),
    *alone("<?", "<![CDATA[", "<a:b ", "<公司>"),
    *(
        ("<b ", '"', ""),
        ("<b ", "a=", ""),
        ("<!--", "-", ""),
        ("字<p>", " ", ""),
        ("&#", "1", ""),
        ("&", "a", ""),
        ("<?x", "y", ""),
    ),
    *(
        ("<", "a", ""),
        ("<a", "/", ""),
        ("<a", " ", ""),
        ("<a ", "b ", ""),
        ("<!--", "--!", ""),
        ("<b", "=", ""),
        ("<b ", "='", ""),
    ),
    ("<script>", "</", ""),
]
RUBY = [*alone("(", "（fā", "字(xian)", "(fā)", "?ān)"), ("字(", "a", ""), ("字(", "an", ")"), ("", "an", ")")]
SPACE = [*alone(" ", "字 ", "\r", "?"), ("字", " ", "字"), ("字", "\n", ""), ("字?", "\t", "字"), ("字", "? ", "")]
MARKS = [*alone("(", ")", "字(a)", ",", "“", "："), ("字", "(", ")"), ("字", ",", "")]
SCRIPT = alone("發", "裏面", "髮", "干", "乾隆", "㎡", "①", "\u0301", "\u200b", "𠮷")
NUMBERS = [
    *alone(
        "1",
        "一",
        "万",
        "1,111",
        "1-",
        "十点",
        "翻",
        "前1",
        "1:",
        "1 ",
        "零",
        "半",
        "过半",
        "“1",
        "第",
        "A1",
        "1亿元",
        "三五",
    ),
    *alone("二分之一", "2025年", "不低于", "5G", "+", "1+", "-1"),
    *(("", "1", "%"), ("", "1—1", "成"), ("1", " ", ""), ("", "至少", "1个"), ("1", "—", "2"), ("1", "多", "")),
]
BRACKETS = [*alone("[", "]", "[]", "[字](ORG)", "\\", "\\["), ("[字](", "O", ""), ("[字](", "O", ")")]
LINES = [
    *alone("O ", "字 O\n", "字\tB-A\n", "-DOCSTART-\n", "# id = 1\n", "#"),
    *(
        ("字", " ", "O"),
        ("---\n", "a\n", ""),
        ("---\n", "---", ""),
        ("---", " ", ""),
        ("---\n", "\n", "---"),
        ("---\n", "--- ", ""),
    ),
]


def seconds(run, text: str) -> float:
    begun = time.process_time()
    run(text)
    return time.process_time() - begun


def grows_like_its_length(run, lead: str, part: str, tail: str) -> None:
    def text(length: int) -> str:
        return lead + part * (length // len(part)) + tail

    run(text(SHORT))
    short = min(seconds(run, text(SHORT)) for _ in range(2))
    limit = LIMIT * max(short, 0.0005)
    long = seconds(run, text(SHORT * TIMES))
    if long >= limit:  # something else may have come in between
        long = seconds(run, text(SHORT * TIMES))
    assert long < limit, f"{short:.4f} s, then {long:.4f} s"


@pytest.mark.parametrize(("lead", "part", "tail"), [*MARKUP, *RUBY, *SPACE, *MARKS, *SCRIPT, *NUMBERS[:10]])
def test_cleaning(lead, part, tail):
    grows_like_its_length(clean, lead, part, tail)


@pytest.mark.parametrize(
    ("lead", "part", "tail"), [*MARKUP[::3], *RUBY[::3], *SPACE[::3], ("", "字?字", ""), ("", "\ufffd", "")]
)
def test_condition(lead, part, tail):
    grows_like_its_length(conditions, lead, part, tail)


@pytest.mark.parametrize(("lead", "part", "tail"), [*NUMBERS, *SPACE])
def test_quantities(lead, part, tail):
    grows_like_its_length(find_quantities, lead, part, tail)


@pytest.mark.parametrize(("lead", "part", "tail"), MARKUP)
def test_hypertext(lead, part, tail):
    grows_like_its_length(plain_text, lead, part, tail)


@pytest.mark.parametrize(("lead", "part", "tail"), [*BRACKETS, *MARKUP[:3]])
def test_inline_markup(lead, part, tail):
    grows_like_its_length(refused(parse), lead, part, tail)


@pytest.mark.parametrize(
    ("lead", "part", "tail"), [*LINES, *BRACKETS, ("", '{"', ""), ("", '{"a":', ""), ("", '{"a":1}\n', "")]
)
def test_files(lead, part, tail, tmp_path):
    path = tmp_path / "x.txt"

    def run(text: str) -> None:
        path.write_bytes(text.encode())
        refused(detect)(path)
        refused(read_inline)(path, Ledger(), Notices())
        refused(conll.read)(path, Ledger(), Notices())

    grows_like_its_length(run, lead, part, tail)


@pytest.mark.parametrize("words", ["B-a I-a", "I-a I-b", "E-a", "S-a O", "B-a"])
def test_tag_schemes(words):
    def run(text: str) -> None:
        read = [tag for word in text.split() if (tag := tags.parse(word))]
        tags.scheme_of([read])
        list(tags.decode(read))

    grows_like_its_length(run, "", words + " ", "")


def test_the_limit_tells_a_square_from_a_line():
    def square(text: str) -> None:
        for at in range(0, len(text), 8):
            sum(1 for _ in range(0, at, 8))

    with pytest.raises(AssertionError):
        grows_like_its_length(square, "", "a", "")


def refused(read: Any) -> Any:
    """The reader, to whom the text may be wrong but not endless."""

    def run(*arguments: Any) -> None:
        try:
            read(*arguments)
        except TopnerError:
            return

    return run


def test_nothing_is_written(tmp_path):
    path = Path(tmp_path / "x.txt")
    path.write_text("[", encoding="utf-8")
    refused(detect)(path)
    assert [each.name for each in tmp_path.iterdir()] == ["x.txt"]
