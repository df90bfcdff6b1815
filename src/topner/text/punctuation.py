"""Half-width punctuation beside Chinese: 增長,其中 to 增長，其中."""

from __future__ import annotations

import re
from collections.abc import Iterator

from topner.text.alignment import Edit
from topner.text.han import HAN

_WIDE = dict(zip(",;:!?()", "，；：！？（）", strict=True))
# Punctuation in both widths belongs to the run, so that converting a mark never decides about its neighbour.
_RUN = re.compile(r"[,;:!?()，；：！？（） ]+")
_CHINESE = re.compile(f"[{HAN}“”‘’「」『』《》〈〉【】〔〕、。…—]")
# "?" is also what lost characters leave behind: it is a question mark only where a sentence can end.
_ENDS = re.compile(r"[”’」』]|\s*(?:\n|$)")


def widen_punctuation(text: str) -> Iterator[Edit]:
    """Step: make half-width ``, ; : ! ? ( )`` full-width where they stand beside Chinese.

    A comma between digits (1,300), a time (12:30), (GDP, CPI) in Latin text and unpaired brackets stay. Brackets are
    changed in pairs. A ``?`` inside a line stays, for it may stand for a lost character.

    Args:
        text: any text.

    Yields:
        Edits in order, in code points of ``text``; all are one to one.
    """
    wide: set[int] = set()
    pairs: list[tuple[int, int]] = []
    left_open: list[int] = []  # opening brackets of this line that wait for their partner
    chinese_brackets: set[int] = set()
    last = 0
    for run in _RUN.finditer(text):
        start, end = run.span()
        if "\n" in text[last:start]:
            left_open.clear()
        last = end
        chinese = bool(_CHINESE.match(text[start - 1 : start]) or _CHINESE.match(text[end : end + 1]))
        for i in range(start, end):
            if text[i] in "(（":
                left_open.append(i)
            elif text[i] in ")）" and left_open:
                left = left_open.pop()
                pairs.append((left, i))
                # What follows a Chinese bracket is Chinese punctuation: 人工智能(AI),5G.
                chinese = chinese or left in chinese_brackets or text[left] == "（" or text[i] == "）"
        if chinese:
            chinese_brackets.update(i for i in range(start, end) if text[i] in "()")
            wide.update(
                i for i in range(start, end) if text[i] in ",;:!" or (text[i] == "?" and _ENDS.match(text, i + 1))
            )
    for pair in pairs:
        if any(i in chinese_brackets or text[i] in "（）" for i in pair):
            wide.update(i for i in pair if text[i] in "()")
    for i in sorted(wide):
        yield Edit(i, i + 1, _WIDE[text[i]])
