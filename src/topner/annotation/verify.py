"""Text-verified offsets: a span is believed when the text at its offsets is the text it says it covers.

Where it is not, the ways in which annotation tools are known to miscount are tried in a fixed order, and the first that
makes the texts agree is taken. What cannot be repaired is given up, never guessed further.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from topner.annotation.found import Candidate, Found

WINDOW = 100
"""How far from its offsets, in code points, the text of a span is looked for when nothing else helps."""

_EDGES = " \t\r\n，。；、：！？,;:!?"

_CLAUSE_ENDS = frozenset("，。；！？\n")


class Place(NamedTuple):
    """Where a span stands, in code points of the text, and the repair that found it (``None`` when none was needed)."""

    start: int
    end: int
    repair: str | None


def locate(text: str, candidate: Candidate) -> Place | None:
    """Find the code points that a candidate means.

    Args:
        text: the document's text.
        candidate: its offsets may be in another unit or wrong; with no text of its own it is believed where it fits.

    Returns:
        The place, or ``None`` when the candidate's text is not at its offsets and no repair finds it.
    """
    start, end, value = candidate.start, candidate.end, candidate.text
    if not value:
        return Place(start, end, None) if 0 <= start < end <= len(text) else None
    if start < 0 or end < 0:
        only = text.find(value)
        unique = only >= 0 and text.find(value, only + 1) < 0
        return Place(only, only + len(value), "no offsets, its text occurs once") if unique else None
    for repair, unit, same in _REPAIRS:
        first, last = rescale(text, unit, start, end)
        if first < last and same(text[first:last], value):
            return Place(first, last, repair)
    if end < len(text) and text[start : end + 1] == value:
        return Place(start, end + 1, "end was inclusive")
    first, last = rescale(text, "UTF-8", start, end)
    if first < last and text[first:last] == value:
        return Place(first, last, "offsets in UTF-8 bytes")
    nearest = _nearest(text, value, start)
    return None if nearest is None else Place(nearest, nearest + len(value), "text found near its offsets")


def rescale(text: str, unit: str, start: int, end: int) -> tuple[int, int]:
    """Offsets counted in another unit as code points; one that falls inside a character is moved outward.

    Args:
        text: the text the offsets are about.
        unit: a key of ``_WEIGHTS``: how much each code point counts.
        start: first unit.
        end: one past the last unit.

    Returns:
        Half-open code points; ``(0, 0)`` when the offsets leave the text.
    """
    places = _places(text, unit)
    if not 0 <= start < end <= places[-1]:
        return 0, 0
    return bisect_right(places, start) - 1, bisect_left(places, end)


def counted_in_utf16(found: Sequence[Found]) -> bool:
    """Whether the spans of one file that carry no text look like UTF-16 units rather than code points.

    The two differ only after a character beyond the basic plane (emoji, rare characters). The unit that cuts fewer
    spans badly (outside the text, beginning or ending with punctuation, reaching over a comma or full stop, cutting a
    number or a word) is taken for the whole file; code points when neither is better.
    """
    plain = wide = 0
    for one in found:
        if not _astral(one.text):
            continue
        for c in one.candidates:
            if c.text is None:
                plain += _badness(one.text, c.start, c.end)
                wide += _badness(one.text, *rescale(one.text, "UTF-16", c.start, c.end))
                units = _places(one.text, "UTF-16")
                inside = any(units[bisect_left(units, o)] != o for o in (c.start, c.end) if 0 <= o <= units[-1])
                wide += 100 * inside
    return wide < plain


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space and zero-width characters at its ends; empty when nothing else is in it."""
    while start < end and _blank(text[start]):
        start += 1
    while start < end and _blank(text[end - 1]):
        end -= 1
    return start, end


def _blank(char: str) -> bool:
    return char.isspace() or char in "\u200b\u2060\ufeff"


def _astral(text: str) -> bool:
    return bool(text) and max(text) > "\uffff"


def _badness(text: str, start: int, end: int) -> int:
    if not 0 <= start < end <= len(text):
        return 100
    bad = (text[start] in _EDGES) + (text[end - 1] in _EDGES) + sum(char in _CLAUSE_ENDS for char in text[start:end])
    for at in (start, end):
        around = text[max(at - 1, 0) : at + 1]
        bad += at > 0 and len(around) == 2 and around.isascii() and around.isalnum()
    return bad


def _utf16(text: str) -> list[int]:
    return [1 + (char > "\uffff") for char in text]


def _utf8(text: str) -> list[int]:
    return [len(char.encode()) for char in text]


def _without_cr(text: str) -> list[int]:
    return [not text.startswith("\r\n", i) for i in range(len(text))]


def _with_cr(text: str) -> list[int]:
    return [1 + (char == "\n" and text[i - 1 : i] != "\r") for i, char in enumerate(text)]


def _collapsed(text: str) -> list[int]:
    return [not (char.isspace() and text[i - 1 : i].isspace()) for i, char in enumerate(text)]


_WEIGHTS: dict[str, Callable[[str], list[int]]] = {
    "UTF-16": _utf16,
    "UTF-8": _utf8,
    "no CR": _without_cr,
    "CRLF": _with_cr,
    "collapsed": _collapsed,
    "code points": lambda text: [1] * len(text),
}


@lru_cache(maxsize=16)
def _places(text: str, unit: str) -> list[int]:
    return [0, *accumulate(_WEIGHTS[unit](text))]


def _equal(found: str, value: str) -> bool:
    return found == value


def _equal_lines(found: str, value: str) -> bool:
    return found.replace("\r\n", "\n") == value.replace("\r\n", "\n")


def _equal_but_space(found: str, value: str) -> bool:
    # Label Studio writes a line break inside value.text as a backslash and an n.
    return bare(found) == bare(value) or bare(found) == bare(value.replace("\\n", " "))


def _equal_but_width(found: str, value: str) -> bool:
    return unicodedata.normalize("NFKC", bare(found)) == unicodedata.normalize("NFKC", bare(value))


def bare(text: str) -> str:
    """The text without any white space."""
    return "".join(text.split())


_REPAIRS: tuple[tuple[str | None, str, Callable[[str, str], bool]], ...] = (
    (None, "code points", _equal),
    ("offsets in UTF-16 units", "UTF-16", _equal),
    ("line ends differ", "no CR", _equal_lines),
    ("line ends differ", "CRLF", _equal_lines),
    ("white space in its text differs", "code points", _equal_but_space),
    ("white space counted otherwise", "collapsed", _equal_but_space),
    ("white space in its text differs, offsets in UTF-16 units", "UTF-16", _equal_but_space),
    ("character width in its text differs", "code points", _equal_but_width),
    ("character width in its text differs, offsets in UTF-16 units", "UTF-16", _equal_but_width),
)


def _nearest(text: str, value: str, start: int) -> int | None:
    low = max(0, start - WINDOW)
    at = text.find(value, low, start + WINDOW + len(value))
    best: int | None = None
    while at >= 0:
        if best is None or abs(at - start) < abs(best - start):
            best = at
        at = text.find(value, at + 1, start + WINDOW + len(value))
    return best
