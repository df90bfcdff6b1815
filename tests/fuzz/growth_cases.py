"""Text that makes regular expressions and loops go wild: what is read, cleaned and parsed, and texts made against it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from topner.annotation import conll, tags
from topner.annotation.detect import detect
from topner.annotation.found import Notices
from topner.annotation.inline import parse
from topner.annotation.inline import read as read_inline
from topner.annotation.label_studio import plain_text
from topner.errors import TopnerError
from topner.ledger import Ledger
from topner.sources.encoding import decode
from topner.sources.pdf import join_lines
from topner.targets.quantity import find_quantities
from topner.text.clean import CleanConfig, clean
from topner.text.condition import conditions
from topner.text.pieces import clean_pieces

Text = tuple[str, str, str]
"""A beginning, a part that is repeated, and an end."""


def alone(*parts: str) -> list[Text]:
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


def refused(read: Callable[..., Any]) -> Callable[..., None]:
    """The reader, to whom the text may be wrong but not endless."""

    def run(*arguments: Any) -> None:
        try:
            read(*arguments)
        except TopnerError:
            return

    return run


def files(text: str) -> None:
    """Find the format of a file, and read it as inline markup and as CoNLL."""
    with tempfile.TemporaryDirectory(prefix="growth-") as folder:
        path = Path(folder) / "x.txt"
        path.write_bytes(text.encode())
        refused(detect)(path)
        refused(read_inline)(path, Ledger(), Notices())
        refused(conll.read)(path, Ledger(), Notices())


def tag_schemes(text: str) -> None:
    """Read tags of any scheme."""
    read = [tag for word in text.split() if (tag := tags.parse(word))]
    tags.scheme_of([read])
    list(tags.decode(read))


def pieces(text: str) -> None:
    """Clean a text in small pieces."""
    for _ in clean_pieces(text, CleanConfig(), 512):
        pass


def bytes_of_text(text: str) -> None:
    """Find the encoding of bytes that fit none well."""
    refused(decode)(text.encode("gb18030") + b"\xff\xff")


def lines_of_a_pdf(text: str) -> None:
    """Join the lines of a page."""
    join_lines([text.splitlines()])


WORK: dict[str, tuple[Callable[[str], Any], list[Text]]] = {
    "cleaning": (clean, [*MARKUP, *RUBY, *SPACE, *MARKS, *SCRIPT, *NUMBERS[:10]]),
    "cleaning in pieces": (pieces, [*MARKUP[::2], *RUBY, *SPACE, *MARKS]),
    "condition of a page": (
        conditions,
        [*MARKUP[::3], *RUBY[::3], *SPACE[::3], ("", "字?字", ""), ("", "\ufffd", "")],
    ),
    "quantities": (find_quantities, [*NUMBERS, *SPACE]),
    "hypertext": (plain_text, MARKUP),
    "inline markup": (refused(parse), [*BRACKETS, *MARKUP[:3]]),
    "files": (files, [*LINES, *BRACKETS, ("", '{"', ""), ("", '{"a":', ""), ("", '{"a":1}\n', "")]),
    "tag schemes": (tag_schemes, alone("B-a I-a ", "I-a I-b ", "E-a ", "S-a O ", "B-a ")),
    "encodings": (bytes_of_text, [*SPACE, *SCRIPT, *MARKUP[:2]]),
    "lines of a PDF": (
        lines_of_a_pdf,
        [*SPACE, ("", "字\n", ""), ("", "1\n", ""), ("", "第1页\n", ""), ("", "字" * 30 + "\n", "")],
    ),
}
"""What is done with a text, by name, and the texts that are to make it slow."""


def build(text: Text, length: int) -> str:
    """A text of about that many code points."""
    lead, part, tail = text
    return lead + part * (length // len(part)) + tail
