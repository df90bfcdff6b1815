"""HTML leftovers: entities are read, tags and comments removed, blocks kept apart."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise

from topner.text.alignment import Edit

_BLOCK_NAMES = """
address article aside blockquote body br caption center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4
h5 h6 head header hr html legend li main menu nav ol option p pre section table tbody td tfoot th thead title tr ul
"""
_INLINE_NAMES = """
a abbr area audio b base big button canvas cite code col colgroup data del dfn em embed font frame frameset i iframe img
input ins kbd label link map mark marquee meta nobr noscript object optgroup param picture q rb rp rt rtc ruby s samp
script select small source span strike strong style sub summary sup svg textarea time track tt u var video wbr xml
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_ELEMENTS = _BLOCKS.union(_INLINE_NAMES.split())
# Elements whose content is no text of the page, and what ends it; a reading may be ended by its <ruby> alone.
_READING_END = re.compile(r"</(?:rt|rp|ruby)[ \t\r\n]*>", re.IGNORECASE)
_HIDDEN = {
    "script": re.compile(r"</script[ \t\r\n]*>", re.IGNORECASE),
    "style": re.compile(r"</style[ \t\r\n]*>", re.IGNORECASE),
    "rt": _READING_END,
    "rp": _READING_END,
}
_COMMENT_END = re.compile("-->")

# Possessive, and never across a "<": each attempt ends where the next one begins, so the whole scan is linear.
_MARK = re.compile(
    r"""
    (?P<comment><!--)
    | <[!?][a-z\[][^<>]*+>                                        # <!DOCTYPE ...>, <?xml ...>
    | <(?P<close>/?)(?P<name>[a-z][a-z0-9:_-]*+)
      (?P<attributes>(?:[\s/](?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+)?)>
    | &(?:\#[0-9]{1,7};|\#x[0-9a-f]{1,6};|[a-z][a-z0-9]{1,31};|nbsp)
    """,
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_CLOSED = re.compile(r"</([a-z][a-z0-9:_-]*+)", re.IGNORECASE | re.ASCII)


def strip_markup(text: str) -> Iterator[Edit]:
    """Step: read HTML entities, remove tags, comments and the content of script, style, rt and rp.

    A block tag (p, br, td, ...) that stands between two pieces of text on one line becomes a line break. An entity is
    read once: ``&amp;lt;`` gives ``&lt;``. What only looks like a tag (``a < b``, ``3<5且7>2``, ``<公司>``) stays.

    Args:
        text: any text; need not be well-formed HTML.

    Yields:
        Edits in order, in code points of ``text``.
    """
    if "<" not in text and "&" not in text:
        return
    tags: list[tuple[int, int, bool]] = []  # the current run of tags with nothing but whitespace between them
    for start, end, new, block in _marks(text):
        if new is None:
            if tags and text[tags[-1][1] : start].strip():
                yield from _breaks(text, tags)
                tags = []
            tags.append((start, end, block))
        else:
            yield from _breaks(text, tags)
            tags = []
            if new != text[start:end]:
                yield Edit(start, end, new)
    yield from _breaks(text, tags)


def _marks(text: str) -> Iterator[tuple[int, int, str | None, bool]]:
    """Each mark as (start, end, what an entity says or ``None`` for a tag, is it a block)."""
    closed = {name.lower() for name in _CLOSED.findall(text)}
    endless: set[re.Pattern[str]] = set()  # ends that do not come any more: looked for only once
    position = 0
    while mark := _MARK.search(text, position):
        position = mark.end()
        name = (mark["name"] or "").lower()
        if mark[0].startswith("&"):
            yield mark.start(), mark.end(), html.unescape(mark[0]), False
            continue
        if name and not _is_tag(name, mark["close"], mark["attributes"], closed):
            position = mark.start() + 1
            continue
        end = _COMMENT_END if mark["comment"] else None if mark["close"] else _HIDDEN.get(name)
        if end and end not in endless and not mark[0].endswith("/>"):
            if found := end.search(text, position):
                position = found.end()
            else:
                endless.add(end)
        if mark["comment"] and position == mark.end():  # never closed: text
            continue
        yield mark.start(), position, None, name in _BLOCKS


def _is_tag(name: str, close: str, attributes: str, closed: set[str]) -> bool:
    """Whether ``<name attributes>`` is a tag; plain text such as ``<b and c>`` or ``<Name>`` is not."""
    if name not in _ELEMENTS and name not in closed and ":" not in name and not attributes.endswith("/"):
        return "=" in attributes
    return bool(close) or not attributes.strip(" \t\r\n/") or "=" in attributes or attributes.strip().isidentifier()


def _breaks(text: str, tags: list[tuple[int, int, bool]]) -> Iterator[Edit]:
    """Remove a run of tags; its first block becomes a line break when the run parts text that no line break parts."""
    if not tags:
        return
    before, after = tags[0][0], tags[-1][1]
    while before and text[before - 1].isspace():
        before -= 1
    while after < len(text) and text[after].isspace():
        after += 1
    gaps = [text[before : tags[0][0]], text[tags[-1][1] : after]]
    gaps += (text[left[1] : right[0]] for left, right in pairwise(tags))
    missing = before > 0 and after < len(text) and not any("\n" in gap or "\r" in gap for gap in gaps)
    for start, end, block in tags:
        yield Edit(start, end, "\n" if missing and block else "")
        missing = missing and not block
