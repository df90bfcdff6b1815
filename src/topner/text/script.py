"""Traditional to simplified script with OpenCC, keeping the alignment where a phrase changes its length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import opencc

from topner.text.alignment import Edit

Scheme = Literal["t2s", "tw2s", "tw2sp", "hk2s"]
"""OpenCC conversions to simplified script; tw2sp also replaces words of Taiwan (記憶體 to 内存)."""

# Lone surrogates OpenCC refuses; at a NUL some of its configurations drop the rest of the text.
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_HIDDEN = re.compile("[\x00\ufffd\ud800-\udfff]")
_TRIES = 48  # more than any phrase of the dictionaries is long


def simplify(text: str, scheme: Scheme = "t2s") -> Iterator[Edit]:
    """Step: convert to simplified script; the result is OpenCC's own conversion of the text.

    Where OpenCC replaces a phrase by one of another length, the phrase is one edit; everything else is one to one.

    Args:
        text: any text.
        scheme: name of an OpenCC configuration.

    Yields:
        Edits in order, in code points of ``text``.
    """
    converted = _convert(text, scheme)
    if converted == text:
        return
    yield from _align(text, converted, 0, _single(text, scheme), scheme)


@lru_cache(maxsize=16384)
def simplify_character(char: str) -> str:
    """The simplified form of one character taken alone."""
    return _convert(char, "t2s")


@lru_cache(maxsize=8)
def _converter(scheme: Scheme) -> opencc.OpenCC:
    return opencc.OpenCC(scheme)


def _convert(text: str, scheme: Scheme) -> str:
    """OpenCC's conversion; NUL and lone surrogates, which it cannot take, pass unchanged."""
    if not _UNFIT.search(text):
        return str(_converter(scheme).convert(text))
    kept = iter(_HIDDEN.findall(text))
    converted = str(_converter(scheme).convert(_UNFIT.sub("\ufffd", text)))
    return re.sub("\ufffd", lambda _: next(kept), converted)


def _single(text: str, scheme: Scheme) -> dict[int, str]:
    """What each character of the text becomes when it stands alone, where that is one other character."""
    chars = sorted(set(text) - {"\n"})
    alone = _convert("\n".join(chars), scheme).split("\n")
    return {ord(char): new for char, new in zip(chars, alone, strict=True) if len(new) == 1 and new != char}


def _align(old: str, new: str, offset: int, single: dict[int, str], scheme: Scheme) -> Iterator[Edit]:
    """Edits from a piece of text to its conversion; ``offset`` is where the piece begins in the text.

    A piece that is more than its characters' conversions is cut, near the middle, where OpenCC converts the two sides
    independently of each other; one that cannot be cut is a phrase of the dictionary.
    """
    if old == new:
        return
    if old.translate(single) == new:
        yield Edit(offset, offset + len(old), new)
        return
    middle = len(old) // 2
    for distance in range(min(_TRIES, middle + 1)):
        for cut in (middle - distance, middle + distance + 1):
            if not 0 < cut < len(old):
                continue
            head, tail = _convert(old[:cut], scheme), _convert(old[cut:], scheme)
            if head + tail == new:
                yield from _align(old[:cut], head, offset, single, scheme)
                yield from _align(old[cut:], tail, offset + cut, single, scheme)
                return
    yield Edit(offset, offset + len(old), new)
