"""Cleaning a long text piece by piece, with exactly the result of cleaning it whole and memory for one piece.

A step looks no further than a line: that is what makes pieces possible. Three things are looked at over the whole text: where
its tags are (they may run over line ends), which toned readings stand anywhere on the page, and the white space around a line
end, which is kept in one piece. A very long line is cut after a full stop outside of brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from topner.text.alignment import AlignedText, Edit
from topner.text.clean import CleanConfig, clean
from topner.text.invisible import drop_invisible
from topner.text.markup import strip_markup
from topner.text.punctuation import widen_punctuation
from topner.text.ruby import drop_ruby, toned_readings
from topner.text.script import simplify
from topner.text.space import collapse_space
from topner.text.width import narrow

PIECE = 65536
"""About how many raw code points a piece has."""
# After the white space around a line end; a reading in brackets, ``(\nfā)``, stays whole.
_LINE = re.compile(r"(?<![\s(（])(?=\s*\n)\s++(?=[^\s)）])")
_END = re.compile("[\n。]")
_SENTENCE = re.compile(r"[()（）\n]|。(?=[^\s,;:!?()，；：！？（）])")


def clean_pieces(raw: str, config: CleanConfig, size: int = PIECE) -> Iterator[AlignedText]:
    """Clean a raw text of any length.

    Args:
        raw: the text as it was read.
        config: the steps to take.
        size: about how many raw code points a piece has; a text of up to twice as many comes in one.

    Yields:
        Clean pieces in order. Side by side they are ``clean(raw, config)``: their texts, and their ``starts`` and ``ends``,
        which are offsets of the whole raw text. A piece ends with a line or a sentence, if there is one.
    """
    if len(raw) <= 2 * size:
        yield clean(raw, config)
        return
    elsewhere = frozenset[tuple[str, str]]()
    if config.ruby:
        elsewhere = frozenset(pair for piece in _narrowed(raw, config, size) for pair in toned_readings(piece.text))
    pieces = _narrowed(raw, config, size)
    if config.ruby:
        pieces = (piece.apply(drop_ruby(piece.text, elsewhere)) for piece in pieces)
    if (scheme := config.script) is not None:
        pieces = (piece.apply(simplify(piece.text, scheme)) for piece in pieces)
    if config.punctuation:
        pieces = (piece.apply(widen_punctuation(piece.text)) for piece in _recut(pieces, size, _after_line_or_brackets))
    held: AlignedText | None = None
    for piece in pieces:
        if held is not None:
            yield _spaced(held, config, last=False)
        held = piece
    if held is not None:
        yield _spaced(held, config, last=True)


def _spaced(piece: AlignedText, config: CleanConfig, last: bool) -> AlignedText:
    return piece.apply(collapse_space(piece.text, config.join_chinese, last)) if config.space else piece


def _narrowed(raw: str, config: CleanConfig, size: int) -> Iterator[AlignedText]:
    """The text up to the step before ruby, cut where the later steps do not see over the cut."""

    def steps() -> Iterator[AlignedText]:
        for piece in _unmarked(raw, config, size):
            if config.invisible:
                piece = piece.apply(drop_invisible(piece.text))
            yield piece.apply(narrow(piece.text)) if config.width else piece

    return _recut(steps(), size, _after_line)


def _unmarked(raw: str, config: CleanConfig, size: int) -> Iterator[AlignedText]:
    """The text without markup, cut after line ends and full stops of the raw text, never within a tag."""
    edits: Iterator[Edit] = iter(strip_markup(raw) if config.markup else ())
    edit = next(edits, None)
    start = 0
    while start < len(raw):
        end, inside = _cut(raw, start + size, size), list[Edit]()
        while edit is not None and edit.start < end:
            if edit.end >= end:
                end = _cut(raw, edit.end, size)
            inside.append(Edit(edit.start - start, edit.end - start, edit.new))
            edit = next(edits, None)
        starts = np.arange(start, end, dtype=np.int32)
        yield AlignedText(raw, raw[start:end], starts, starts + 1).apply(inside)
        start = end


def _cut(raw: str, start: int, size: int) -> int:
    """The first place after ``start`` at which a line ends, or, when the line is long, a sentence; else the end."""
    place = raw.find("\n", start, start + size)
    if place < 0:
        found = _END.search(raw, start)
        return found.end() if found else len(raw)
    return place + 1


def _recut(pieces: Iterable[AlignedText], size: int, place: Callable[[str], int | None]) -> Iterator[AlignedText]:
    """The same text, cut at the last good place of each piece; what follows that place goes to the next one.

    Pieces without a good place are put together until they have one; it is looked for again once they are twice as long, so
    that a text without any takes time in proportion to its length.
    """
    held: list[AlignedText] = []
    length, least = 0, size // 2
    for piece in pieces:
        held.append(piece)
        length += len(piece.text)
        if length < least:
            continue
        whole = _join(held)
        cut = place(whole.text)
        if cut is None:
            held, least = [whole], 2 * length
        else:
            yield _part(whole, 0, cut)
            held = [_part(whole, cut, length)] if cut < length else []
            length, least = length - cut, size // 2
    if held:
        yield _join(held)


def _after_line(text: str) -> int | None:
    """The last place after a line end; in a text of one long line, after a full stop."""
    reach = 1024
    while True:
        found = [match.end() for match in _LINE.finditer(text, max(0, len(text) - reach))]
        if found or reach >= len(text):
            break
        reach *= 8
    return found[-1] if found else _after_brackets(text)


def _after_brackets(text: str) -> int | None:
    """The last place after a full stop at which no bracket of its line is open."""
    depth, last = 0, None
    for match in _SENTENCE.finditer(text):
        mark = match[0]
        if mark == "。":
            last = last if depth else match.end()
        else:
            depth = 0 if mark == "\n" else depth + 1 if mark in "(（" else max(0, depth - 1)
    return last


def _after_line_or_brackets(text: str) -> int | None:
    """The end, where that is the end of a line; else as :func:`_after_brackets`."""
    return len(text) if "\n" in text[len(text.rstrip()) :] else _after_brackets(text)


def _join(parts: Sequence[AlignedText]) -> AlignedText:
    if len(parts) == 1:
        return parts[0]
    starts, ends = np.concatenate([p.starts for p in parts]), np.concatenate([p.ends for p in parts])
    return AlignedText(parts[0].raw, "".join(p.text for p in parts), starts, ends)


def _part(whole: AlignedText, start: int, end: int) -> AlignedText:
    return AlignedText(whole.raw, whole.text[start:end], whole.starts[start:end], whole.ends[start:end])
