"""Tag schemes: from token tags to spans and back.

IO, IOB1, IOB2 and the BIOES family (BILOU and BMES are the same with other letters) differ in where a mention may begin
without a ``B``; one rule reads them all, see :func:`decode`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

Scheme = Literal["IO", "IOB1", "IOB2", "BIOES"]
_TAG = re.compile(r"O|([BIESMLU])[-_](\S+)")
_BEGINS, _ENDS = frozenset("BSU"), frozenset("ESLU")


class Tag(NamedTuple):
    """A tag's letter (``O`` outside) and its label, empty outside."""

    letter: str
    label: str


def parse(tag: str) -> Tag | None:
    """The parts of a tag such as ``B-ORG`` or ``B_ORG``; ``None`` when it is not one."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    return Tag(match[1], match[2]) if match[1] else Tag("O", "")


def scheme_of(sentences: Iterable[Sequence[Tag]]) -> tuple[Scheme, list[tuple[int, int]]]:
    """Which scheme the tags are in, and the tags that do not fit it.

    Args:
        sentences: tags by sentence; one without any mention fits every scheme and is taken for IOB2.

    Returns:
        The scheme and the ``(sentence, token)`` of each tag that continues a mention where none is open, although the
        scheme wants a mention to begin with ``B``. Such a tag is read as beginning one.
    """
    strays: list[tuple[int, int]] = []
    letters: set[str] = set()
    lone_b = False
    for s, tags in enumerate(sentences):
        before = Tag("O", "")
        for t, tag in enumerate(tags):
            letters.add(tag.letter)
            continues = tag.label == before.label and before.letter not in _ENDS
            if tag.letter in "IMEL" and not continues:
                strays.append((s, t))
            lone_b |= tag.letter == "B" and tag.label != before.label
            before = tag
    if letters & set("ESMLU"):
        return "BIOES", strays
    if "B" not in letters:
        return ("IO", []) if "I" in letters else ("IOB2", [])
    return ("IOB1", []) if strays and not lone_b else ("IOB2", strays)


def decode(tags: Sequence[Tag]) -> Iterator[tuple[int, int, str]]:
    """Yield token spans ``(first, last + 1, label)`` of tags in any of the schemes.

    ``B``, ``S`` and ``U`` begin a mention; ``I``, ``M``, ``E`` and ``L`` continue the open one of the same label, or
    begin one where there is none; ``E``, ``L``, ``S`` and ``U`` end it.
    """
    begin, label = 0, ""
    for i, tag in enumerate(tags):
        if label and (tag.letter in _BEGINS or tag.label != label):
            yield begin, i, label
            label = ""
        if not label:
            begin, label = i, tag.label  # none again outside
        if label and tag.letter in _ENDS:
            yield begin, i + 1, label
            label = ""
    if label:
        yield begin, len(tags), label


def encode(length: int, spans: Iterable[tuple[int, int, str]]) -> list[str]:
    """IOB2 tags of ``length`` tokens.

    Args:
        length: number of tokens.
        spans: ``(first, last + 1, label)``, in tokens; none overlaps another.
    """
    tags = ["O"] * length
    for first, last, label in spans:
        tags[first:last] = [f"B-{label}"] + [f"I-{label}"] * (last - first - 1)
    return tags
