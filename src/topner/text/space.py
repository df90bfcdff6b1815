"""Whitespace: line ends, runs of spaces, blank lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from topner.text.alignment import Edit
from topner.text.han import HAN

_RUN = re.compile(r"\s+")
_LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CHINESE = re.compile(f"[{HAN}\u3001-\u3003\u3008-\u3011\u3014-\u301b“”‘’…—，。；：？！（）～]")


def collapse_space(text: str, join_chinese: bool = True, last: bool = True) -> Iterator[Edit]:
    """Step: one kind of line end, no space at the ends of lines, one space for many, at most one blank line.

    Args:
        text: any text.
        join_chinese: drop the spaces between two Chinese characters or punctuation marks altogether.
        last: nothing comes after the text; else it is a piece, and white space at its end is as white space inside.

    Yields:
        Edits in order, in code points of ``text``.
    """
    for run in _RUN.finditer(text):
        start, end = run.span()
        if start == 0 or (last and end == len(text)):
            new = ""
        elif lines := len(_LINE_END.findall(run[0])):
            new = "\n" * min(lines, 2)
        else:
            joined = join_chinese and _CHINESE.match(text[start - 1]) and _CHINESE.match(text[end])
            new = "" if joined else " "
        if new != run[0]:
            yield Edit(start, end, new)
