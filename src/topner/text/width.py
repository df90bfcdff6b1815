"""Full-width and compatibility forms: ２０２５ to 2025, ㎡ to m2, ％ to %; Chinese punctuation stays Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from topner.text.alignment import Edit

# What full-width punctuation is to be, whatever NFKC makes of it: ， stays, and ﹐ or the vertical ︐ become it.
_CHINESE = str.maketrans(",:;!?()~⁄", "，：；！？（）～/")
# Radicals that PDF extraction leaves in place of characters and that NFKC does not know.
_RADICALS = dict(
    zip(
        "⺠⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰",
        "民西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙",
        strict=True,
    )
)


def narrow(text: str) -> Iterator[Edit]:
    """Step: write full-width letters, digits and signs and compatibility forms with ordinary characters (NFKC).

    Chinese punctuation ，。、；：？！（）～…“” stays as it is. A form that would run into a digit beside it and make
    another number (``5²``, ``1½``, ``3①``) is left alone.

    Args:
        text: any text.

    Yields:
        Edits in order, in code points of ``text``.
    """
    forms = {char: form for char in set(text) if (form := _ordinary(char)) != char}
    if not forms:
        return
    for run in re.finditer(f"[{re.escape(''.join(forms))}]+", text):
        start, end = run.span()
        new = [text[i] if _makes_number(text, i, forms[text[i]]) else forms[text[i]] for i in range(start, end)]
        if all(len(form) == 1 for form in new):
            yield Edit(start, end, "".join(new))
        else:
            yield from (Edit(i, i + 1, form) for i, form in enumerate(new, start) if form != text[i])


@lru_cache(maxsize=4096)
def _ordinary(char: str) -> str:
    """The ordinary form of a character; the character itself where there is none."""
    if char in _RADICALS:
        return _RADICALS[char]
    form = unicodedata.normalize("NFKC", char)
    if form == char or char in "…‥″‴‵‶‷⁗":
        return char
    if form[0] == " " and not char.isspace():  # ¨, ´, ￣: an accent upon a space
        return char
    return form.translate(_CHINESE)


def _makes_number(text: str, i: int, form: str) -> bool:
    """Whether the form of character ``i`` would run into a digit; true digits (２) and the point (．) may."""
    if form == "." or unicodedata.category(text[i]) == "Nd":
        return False
    before, after = _ordinary(text[i - 1 : i])[-1:], _ordinary(text[i + 1 : i + 2])[:1]
    return (form[0].isdigit() and before.isdigit()) or (form[-1] in ".0123456789" and after.isdigit())
