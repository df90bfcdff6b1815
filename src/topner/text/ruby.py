"""Pinyin ruby: 發(fā)展 to 發展, whole or broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from topner.text.alignment import Edit
from topner.text.han import HAN
from topner.text.pinyin import LETTERS, SYLLABLES, Pinyin, read_pinyin, readings
from topner.text.script import simplify_character

_HAN = re.compile(f"[{HAN}]")
_HAN_TAIL = re.compile(f"[{HAN}]*$")
_LOST = "?？\ufffd□"
_REACH = 60  # how many characters before a reading are looked at
_OPEN = re.compile(r"[(（][^()（）\n]*$")
# (fā), or the fā) whose bracket was swallowed by a lost character.
_GAP = "[ \t\u3000\xa0]?"
_CANDIDATE = re.compile(
    rf"[(（]{_GAP}(?P<inside>[{LETTERS}][{LETTERS} '’-]{{0,30}}){_GAP}[)）]|(?P<tail>[{LETTERS}]{{1,9}})[)）]"
)


def drop_ruby(text: str, elsewhere: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Edit]:
    """Step: remove pinyin readings in brackets after Chinese characters.

    With a tone mark a reading is removed after any Chinese or lost character. Without one (``書(shu)``) it must be a
    reading of the character before it, by the table or elsewhere on the page; where the table does not know the
    character, a page that has toned readings is enough. Other brackets, (GDP), (AI), (Beijing), (km), stay.

    Pages that put these readings in worked on bytes, so that at times the lead byte of the next character and the
    opening bracket became one ``?``: ``麗?ài)``. The reading goes; the ``?`` stays, as the mark of a lost character.

    Args:
        text: any text, traditional or simplified.
        elsewhere: toned readings on other parts of the page, see :func:`toned_readings`.

    Yields:
        Edits in order, in code points of ``text``; all delete.
    """
    candidates = _candidates(text)
    if not candidates:
        return
    toned = elsewhere | _toned(text, candidates)
    kept, position = "", 0  # the end of the text kept so far, and where the last edit ended
    for match, found in candidates:
        start, end = match.span()
        before = (kept + text[max(position, start - _REACH) : start])[-_REACH:]
        if _is_ruby(match, found, before, toned):
            yield Edit(start, end, "")
            kept, position = before, end


def toned_readings(text: str) -> frozenset[tuple[str, str]]:
    """Characters with a reading in brackets that has a tone mark: what :func:`drop_ruby` learns from a page."""
    return _toned(text, _candidates(text))


def _candidates(text: str) -> list[tuple[re.Match[str], Pinyin]]:
    return [
        (match, found)
        for match in _CANDIDATE.finditer(text)
        if (found := read_pinyin(match["inside"] or match["tail"]))
    ]


def _toned(text: str, candidates: list[tuple[re.Match[str], Pinyin]]) -> frozenset[tuple[str, str]]:
    toned: set[tuple[str, str]] = set()
    for match, found in candidates:
        before = text[match.start() - 1 : match.start()]
        if found.tones and match["inside"] and _HAN.match(before):
            toned.add((before, found.letters))
    return frozenset(toned)


def _is_ruby(match: re.Match[str], found: Pinyin, before: str, toned: frozenset[tuple[str, str]]) -> bool:
    """Whether the pinyin found is a reading of what is left before it."""
    char, syllable = before[-1:], found.letters
    lost = char != "" and char in _LOST
    if not lost and not _HAN.match(char):
        return False
    if match["tail"] and not lost and (not found.tones or _OPEN.search(before)):  # the end of （读作xū）
        return False
    if syllable not in SYLLABLES:  # a word: 亳州(Bózhōu), but not 北京(Beijing) or 马拉加(Málaga)
        han = _HAN_TAIL.search(before)
        return han is not None and 2 <= found.tones <= len(han[0])
    if found.tones:
        return True
    if (match["inside"] or match["tail"])[1:2].isupper():
        return False
    known = frozenset[str]() if lost else _readings(char)
    return syllable in known or (char, syllable) in toned or (not known and bool(toned))


@lru_cache(maxsize=4096)
def _readings(char: str) -> frozenset[str]:
    """Readings of a character in either script."""
    return readings(simplify_character(char))
