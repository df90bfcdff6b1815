"""In which encoding a text file is: UTF-8, UTF-16, GB18030 or Big5, told apart by what Chinese text is made of.

General detectors often take short Chinese text for something else (`scripts/compare_encodings.py` prints how often). Between
these few encodings the share of everyday characters decides better, and says how sure it is.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import cache

from topner.errors import TopnerError

NAMES = {"utf-8": "UTF-8", "gb18030": "GB18030", "big5hkscs": "Big5", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "utf-16": "utf-16-le"}
_PUNCTUATION = "，。、；：？！“”‘’（）《》〈〉—…·％「」『』【】〔〕　×℃㎡①②③④⑤⑥⑦⑧⑨⑩￥"
_SAMPLE = 1 << 16  # characters that are judged
_LEAST, _SURE, _MARGIN = 0.5, 0.85, 0.15  # shares of everyday characters
_LOST = 0.02  # more lost characters than this and it is no text of that encoding


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how it was read.

    Attributes:
        text: without byte order mark; bytes that say nothing in the encoding have become U+FFFD.
        encoding: its name for people.
        lost: how many U+FFFD came in.
        doubt: why another encoding may be the right one; empty when there is no doubt.
    """

    text: str
    encoding: str
    lost: int = 0
    doubt: str = ""


def decode(data: bytes, *, declared: str | None = None, named: str | None = None) -> Decoded:
    """Find the encoding of a text and read it.

    A byte order mark is believed, then ``declared`` where the bytes fit it, then UTF-8 where they fit it (chance text seldom
    does). Otherwise UTF-8 with flaws, GB18030, Big5 and UTF-16 are judged by the share of everyday characters they give.

    Args:
        data: the file.
        declared: the encoding that the file says it has.
        named: the encoding that the user says it has: nothing else is tried.

    Raises:
        TopnerError: the bytes are no text in any of these encodings, or there is none called ``named``.
    """
    if named is not None:
        return _as_named(data, named)
    for mark, codec, name in _BOMS:
        if data.startswith(mark):
            return _lossy(data[len(mark) :], codec, name)
    said = None if declared is None else codec_of(declared)
    if declared and said and (text := _strict(data, said)) is not None:
        return Decoded(text, NAMES.get(said, declared.upper()))
    if b"\0" not in data and (text := _strict(data, "utf-8")) is not None:
        return Decoded(text, "UTF-8")
    found = sorted(((_share(_sample(data, codec)), codec) for codec in NAMES), reverse=True)
    share, codec = found[0]
    rival = next(((s, c) for s, c in found[1:] if NAMES[c] != NAMES[codec]), (0.0, ""))
    best = _lossy(data, codec, NAMES[codec])
    if share < _LEAST or best.lost > _LOST * len(best.text) + 1:
        raise TopnerError(
            "is no text in UTF-8, UTF-16, GB18030 or Big5", hint="name its encoding with --encoding, if it is text"
        )
    if share - rival[0] < _MARGIN:
        return Decoded(best.text, best.encoding, best.lost, f"it would read as {NAMES[rival[1]]} nearly as well")
    if share < _SURE:
        return Decoded(
            best.text, best.encoding, best.lost, f"{1 - share:.0%} of its characters are uncommon in Chinese"
        )
    return best


def _as_named(data: bytes, name: str) -> Decoded:
    codec = codec_of(name)
    if codec is None:
        raise TopnerError(f"there is no encoding {name!r}", hint="such as UTF-8, GB18030, Big5, UTF-16")
    mark = next((mark for mark, marked, _ in _BOMS if data.startswith(mark) and marked in (codec, f"{codec}-le")), b"")
    found = _lossy(data[len(mark) :], codec, NAMES.get(codec, name.upper()))
    if found.lost > _LOST * len(found.text) + 1:
        raise TopnerError(f"is not {found.encoding} text", hint="name another --encoding, or none")
    return found


def codec_of(name: str) -> str | None:
    """Python's codec for a name as pages and people write it, the widest of its family; ``None`` when there is none."""
    name = name.strip().lower()
    try:
        codec = codecs.lookup(_WIDER.get(name, name))
    except (LookupError, ValueError):
        return None
    try:
        b"a".decode(codec.name)
    except UnicodeError:
        pass
    except LookupError:  # hex, zip and their like turn bytes into bytes
        return None
    return _WIDER.get(codec.name, codec.name)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def _lossy(data: bytes, codec: str, name: str) -> Decoded:
    text = data.decode(codec, "replace")
    return Decoded(text, name, text.count("\ufffd"))


def _sample(data: bytes, codec: str) -> str:
    return data[: 4 * _SAMPLE].decode(codec, "replace")[:_SAMPLE]


def _share(text: str) -> float:
    """Share of everyday Chinese characters among those that are not ASCII; plain ASCII text has 1."""
    usual, unusual = 0, 0
    everyday = _everyday()
    for char in text:
        if char in everyday:
            usual += 1
        elif not (char.isascii() and (char.isprintable() or char in "\t\n\r\f")):
            unusual += 1
    return usual / (usual + unusual) if usual + unusual else 1.0


@cache
def _everyday() -> frozenset[str]:
    """The common characters of GB 2312 and of Big5, by their places in the codes, and punctuation."""
    simplified = bytes(b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for b in (row, cell))
    cells = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = bytes(b for row in range(0xA4, 0xC6) for cell in cells for b in (row, cell))
    return frozenset(simplified.decode("gb2312", "ignore") + traditional.decode("big5", "ignore") + _PUNCTUATION)
