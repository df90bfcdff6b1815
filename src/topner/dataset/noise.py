"""Noise: clean documents rendered as scraped pages are, with their gold carried along.

The corpus is written clean; real input is not (lost characters, pinyin in brackets, traditional script, HTML remains).
Each character of a document is rendered as a core and a tail; a mention runs from the core of its first character to the
core of its last, so that a reading or a tag after its last character is outside, as in
:mod:`topner.text.alignment`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from html import escape
from typing import Literal, get_args

import opencc
from pydantic import BaseModel, ConfigDict, Field

from topner.document import Document
from topner.text.han import HAN

Noise = Literal["script", "case", "width", "punctuation", "lost", "ruby", "lines", "markup", "space", "stripped"]
NOISES: tuple[Noise, ...] = get_args(Noise)
"""Kinds of noise, in the order in which they are applied."""

_HAN = re.compile(f"[{HAN}]+")
_HALF = str.maketrans("，；：！？（）", ",;:!?()")
_FULL = {code: code + 0xFEE0 for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), 0x25, 0x2B)}
_ENTITIES = {"“": "&ldquo;", "”": "&rdquo;", "—": "&mdash;", "…": "&hellip;", "·": "&middot;"}
_PUNCTUATION = re.compile(
    r"[，。、；：？！“”‘’（）《》〈〉【】「」『』…·■□◆●○▲△※!\"'()\[\]{}<>;?]"
    r"|(?<![0-9A-Za-z])[,.:/~_-]|[,.:/~_-](?![0-9A-Za-z])|(?<![0-9%％—–])[—–]|[—–](?![0-9—–])"
)
_LOST_SHARE = 0.004
_SWALLOWED_SHARE = 0.01


class NoiseConfig(BaseModel):
    """How much noise training documents get.

    Attributes:
        share: share of the documents (0..1) that are rendered noisy instead of clean.
        chance: for each noisy document, the chance (0..1) of each kind of noise; at least one kind is always taken.
        kinds: of noise, see :func:`render`; all of them unless named.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: float = Field(0.0, ge=0, le=1)
    chance: float = Field(0.4, gt=0, le=1)
    kinds: tuple[Noise, ...] = Field(NOISES, min_length=1)


def add_noise(documents: Sequence[Document], config: NoiseConfig, seed: int) -> list[Document]:
    """Render a share of the documents noisy; the others pass unchanged. The same seed gives the same texts.

    Args:
        documents: with gold mentions.
        config: how many, and how noisy.
        seed: of the choice; the noise of a document depends on it and on the document's id alone.
    """
    rendered = []
    for document in documents:
        rng = random.Random(f"{seed}/{document.id}")  # noqa: S311 (no secret)
        if rng.random() < config.share:
            kinds = [kind for kind in config.kinds if rng.random() < config.chance] or [rng.choice(config.kinds)]
            document = render(document, kinds, seed)
        rendered.append(document)
    return rendered


def render(document: Document, kinds: Collection[Noise], seed: int = 0) -> Document:
    """A document with the given kinds of noise; id and metadata stay, mentions move with their characters.

    =========== =========================================================================================
    script      traditional characters
    case        Latin letters in lower case
    width       full-width digits, letters, ``%`` and ``+``
    punctuation half-width ``, ; : ! ? ( )``, in some documents straight quotation marks too
    lost        a Chinese character in some hundred replaced by ``?``, ``□`` or U+FFFD
    ruby        pinyin in brackets: after each traditional character on a page that has them, else after some
    lines       line breaks gone, or spaces in their place
    markup      HTML paragraphs, line breaks and entities
    space       ideographic indents, zero-width characters, spaces between Chinese and Latin
    stripped    no punctuation marks, but for line ends, percent and plus signs and what stands between digits or Latin letters
                (``5.5``, ``1:1``, ``6—8``); a mention of which nothing is left is gone
    =========== =========================================================================================

    Args:
        document: with gold mentions.
        kinds: of noise.
        seed: the same seed gives the same text.
    """
    rng = random.Random(f"{seed}/{document.id}/noise")  # noqa: S311 (no secret)
    page = _Page(document.text)
    for kind, step in _STEPS.items():
        if kind in kinds:
            step(page, rng)
    return page.of(document)


class _Page:
    """A text whose characters are rendered one by one.

    Attributes:
        text: the clean text.
        head: what stands before its first character.
        core: what each character has become.
        tail: what follows it and belongs to no mention that ends with it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.head = ""
        self.core = list(text)
        self.tail = [""] * len(text)

    def of(self, document: Document) -> Document:
        """The document with the rendered text, its mentions moved along; those of which nothing is left are gone."""
        starts, length = [], len(self.head)
        for core, tail in zip(self.core, self.tail, strict=True):
            starts.append(length)
            length += len(core) + len(tail)
        text = self.head + "".join(core + tail for core, tail in zip(self.core, self.tail, strict=True))
        spans = [
            (starts[m.start], starts[m.end - 1] + len(self.core[m.end - 1]), m.label)
            for m in document.mentions
            if any(self.core[m.start : m.end])
        ]
        return Document.from_spans(document.id, text, spans, document.meta)


@lru_cache(maxsize=1)
def _to_traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _script(page: _Page, rng: random.Random) -> None:
    converted = _to_traditional().convert(page.text)
    if len(converted) == len(page.text):
        page.core = list(converted)


def _case(page: _Page, rng: random.Random) -> None:
    page.core = [c.lower() if c.isascii() else c for c in page.core]


def _width(page: _Page, rng: random.Random) -> None:
    page.core = [c.translate(_FULL) for c in page.core]


def _punctuation(page: _Page, rng: random.Random) -> None:
    table = dict(_HALF)
    if rng.random() < 0.3:
        table |= str.maketrans("“”‘’", "\"\"''")
    page.core = [c.translate(table) for c in page.core]


def _lost(page: _Page, rng: random.Random) -> None:
    mark = rng.choice("??□\ufffd")
    page.core = [mark if _HAN.match(c) and rng.random() < _LOST_SHARE else c for c in page.core]


def _ruby(page: _Page, rng: random.Random) -> None:
    from pypinyin import Style, pinyin  # its dictionary takes a quarter of a second to load

    opening, closing = rng.choice(("()", "()", "（）"))
    style = Style.NORMAL if rng.random() < 0.15 else Style.TONE
    foreign = any(_HAN.match(old) and old != new for old, new in zip(page.text, page.core, strict=True))
    share = rng.uniform(0.05, 0.3)
    for run in _HAN.finditer(page.text):
        readings = pinyin(run[0], style=style)
        for i, (reading, *_) in enumerate(readings if len(readings) == len(run[0]) else [], run.start()):
            old, new = page.text[i], page.core[i]
            if not _HAN.match(new) or not (old != new if foreign else rng.random() < share):
                continue
            if rng.random() < _SWALLOWED_SHARE:  # the lost lead byte took the character and the bracket along
                page.core[i], page.tail[i] = "?", reading + closing
            else:
                page.tail[i] = opening + reading + closing


def _lines(page: _Page, rng: random.Random) -> None:
    new = rng.choice(("", " ", "\u3000"))
    page.core = [new if c in "\r\n" else c for c in page.core]


def _markup(page: _Page, rng: random.Random) -> None:
    break_ = rng.choice(("</p>\n<p>", "<br>", "<br/>\n", "</p><p>&nbsp;&nbsp;"))
    table = {"\n": break_, "&": escape("&"), "<": escape("<"), ">": escape(">")}
    if rng.random() < 0.5:
        table |= _ENTITIES
    page.core = [table.get(c, c) for c in page.core]
    if "p>" in break_:
        page.head = "<p>"
        if page.tail:
            page.tail[-1] += "</p>"


def _space(page: _Page, rng: random.Random) -> None:
    indent, hidden, spaced = rng.random() < 0.5, rng.random() < 0.5, rng.random() < 0.5
    for i, core in enumerate(page.core):
        following = page.core[i + 1 : i + 2]
        if core == "\n" and indent:
            page.tail[i] += "\u3000\u3000"
        elif hidden and rng.random() < 0.003:
            page.tail[i] += rng.choice("\u200b\u200b\ufeff\xad")
        elif spaced and following and bool(_HAN.match(core)) != bool(_HAN.match(following[0])):
            latin = following[0] if _HAN.match(core) else core
            if latin.isascii() and latin.isalnum():
                page.tail[i] += " "


def _stripped(page: _Page, rng: random.Random) -> None:
    for place in _PUNCTUATION.finditer(page.text):
        page.core[place.start()] = ""


_STEPS: dict[Noise, Callable[[_Page, random.Random], None]] = {
    "script": _script,
    "case": _case,
    "width": _width,
    "punctuation": _punctuation,
    "lost": _lost,
    "ruby": _ruby,
    "lines": _lines,
    "markup": _markup,
    "space": _space,
    "stripped": _stripped,
}
