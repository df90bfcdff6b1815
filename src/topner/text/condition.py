"""In what condition a raw text is: which kinds of noise it carries."""

from __future__ import annotations

import re
from typing import Literal, get_args

from topner.text.alignment import AlignedText, Edit, Step
from topner.text.han import HAN
from topner.text.invisible import drop_invisible
from topner.text.markup import strip_markup
from topner.text.punctuation import widen_punctuation
from topner.text.ruby import drop_ruby
from topner.text.script import simplify
from topner.text.width import narrow

Condition = Literal["clean", "markup", "invisible", "width", "ruby", "script", "punctuation", "lost"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)

_STEPS: tuple[tuple[Condition, Step], ...] = (
    ("markup", strip_markup),
    ("invisible", drop_invisible),
    ("width", narrow),
    ("ruby", drop_ruby),
    ("script", simplify),
    ("punctuation", widen_punctuation),
)
# Share of the text's characters that a step must change before the text counts as noisy: a clean page too has a ℃, a
# variant character, or a half-width bracket.
_LEAST = 0.01
_LOST = re.compile(f"[{HAN}][?？�][{HAN}]|�")


def conditions(raw: str) -> tuple[Condition, ...]:
    """The kinds of noise in a raw text, as the cleaning steps that have work to do.

    ``markup``, ``invisible``, ``width``, ``ruby``, ``script`` and ``punctuation`` are the steps of
    :class:`topner.text.clean.CleanConfig`, each counted where it changes 1 % of the characters or more and at least two
    places; ``lost`` are characters that became ``?`` or U+FFFD amid Chinese, two or more.

    Args:
        raw: the text as it was read.

    Returns:
        The kinds in the order of :data:`CONDITIONS`; ``("clean",)`` when there is none.
    """
    found: list[Condition] = []
    aligned = AlignedText.of(raw)
    for name, step in _STEPS:
        edits = list(step(aligned.text))
        changed = sum(_changed(edit, aligned.text) for edit in edits)
        if changed >= 2 and changed >= _LEAST * len(raw):
            found.append(name)
        aligned = aligned.apply(edits)
    if len(_LOST.findall(aligned.text)) >= 2:
        found.append("lost")
    return tuple(found) or ("clean",)


def _changed(edit: Edit, text: str) -> int:
    old = text[edit.start : edit.end]
    if len(old) == len(edit.new):
        return sum(a != b for a, b in zip(old, edit.new, strict=True))
    return len(old)
