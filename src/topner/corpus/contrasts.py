"""The contrasts that make policy text hard to tag, counted by simple signs; how well a set teaches or tests them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from topner.document import Document, Mention
from topner.labels import ORG, PROJECT, TARGET

_NUMBER = re.compile(r"\d[\d.,]*(?:[%％‰]|个百分点|[万亿千百]*[^\W\d、，。；]{1,2})")
_HEDGE = re.compile(r"左右|以上|以下|以内|不低于|不少于|不高于|不超过|超过?|[近约]|[—–~至到]\d|突破|力争")
_ELLIPTIC = re.compile(
    r"(?:同比|年均|比上年|比去年)?(?:增长|增加|提高|上升|下降|降低|减少|达到|突破|超过|降到|降至|升到|升至|[达超增降升])?\d[^，。；、]{0,8}"
)
_COUNTED_FIRST = re.compile(
    r"(?:超过?|近|约|至少|不少于)?\d[\d.,万亿千百余多]*[个家项条座名人户台套处所亩吨件场次对辆艘只]\D{2,}"
)
_TITLE = re.compile(
    r"(?:党组|党委|党工委)?(?:书记|副书记|局长|副局长|主任|副主任|行长|校长|院长|部长|厅长|处长|科长|董事长|总经理|"
    r"镇长|县长|市长|区长|所长|站长|负责人|秘书长|总工程师)"
)
_LIST = 6
_NEAR = 40
_HEADING = 30


def contrasts(documents: Sequence[Document]) -> dict[str, int]:
    """Number of documents in which each kind of contrast stands, by its name, and those with six kinds or more.

    The kinds are told by their signs (a number outside every mention near a target, a target that begins with its number
    ...), so the counts are estimates.
    """
    held = [{name: sign(document) for name, sign in SIGNS.items()} for document in documents]
    counts = {name: sum(row[name] for row in held) for name in SIGNS}
    return {**counts, "six kinds or more": sum(sum(row.values()) >= 6 for row in held)}


def _of(document: Document, label: str) -> list[Mention]:
    return [m for m in document.mentions if m.label == label]


def _achieved_beside_promised(document: Document) -> bool:
    covered = [False] * len(document.text)
    for m in document.mentions:
        covered[m.start : m.end] = [True] * (m.end - m.start)
    free = [found.start() for found in _NUMBER.finditer(document.text) if not covered[found.start()]]
    return any(abs(m.start - at) <= _NEAR for m in _of(document, TARGET) for at in free)


def _elliptical_chain(document: Document) -> bool:
    return any(
        0 < right.start - left.end <= 2 and _ELLIPTIC.fullmatch(right.text) is not None
        for left, right in pairwise(_of(document, TARGET))
    )


def _any_target(pattern: re.Pattern[str], whole: bool = False) -> Callable[[Document], bool]:
    match = pattern.fullmatch if whole else pattern.search
    return lambda document: any(match(m.text) for m in _of(document, TARGET))


def _no_digit(document: Document) -> bool:
    return any(not re.search(r"[\d０-９]", m.text) for m in _of(document, TARGET))


def _nested_name(document: Document) -> bool:
    texts = {(m.label, m.text) for m in document.mentions}
    return any(a != b and x != y and x in y and len(x) > 1 for a, x in texts for b, y in texts)


def _short_name(document: Document) -> bool:
    names = {m.text for m in _of(document, ORG)}
    return any(x != y and len(x) > 1 and (y.startswith(x) or x in y[2:]) for x in names for y in names)


def _quoted(document: Document) -> bool:
    return any(_around(document, m) == "“”" for m in _of(document, PROJECT))


def _half_quoted(document: Document) -> bool:
    return any("“" in m.text for m in _of(document, PROJECT))


def _unquoted(document: Document) -> bool:
    return any("“" not in m.text and _around(document, m) != "“”" for m in _of(document, PROJECT))


def _around(document: Document, mention: Mention) -> str:
    return document.text[mention.start - 1 : mention.start] + document.text[mention.end : mention.end + 1]


def _in_a_title(document: Document) -> bool:
    return any(_TITLE.match(document.text, m.end) for m in _of(document, ORG))


def _list_of_projects(document: Document) -> bool:
    run = 1
    for left, right in pairwise(_of(document, PROJECT)):
        run = run + 1 if document.text[left.end : right.start].strip("“”") == "、" else 1
        if run >= _LIST:
            return True
    return False


def _in_a_heading(document: Document) -> bool:
    position = 0
    for line in document.text.splitlines(keepends=True):
        end = position + len(line)
        if len(line) <= _HEADING and "。" not in line and any(position <= m.start < end for m in document.mentions):
            return True
        position = end
    return False


SIGNS: Mapping[str, Callable[[Document], bool]] = {
    "achieved beside promised": _achieved_beside_promised,
    "elliptical chain": _elliptical_chain,
    "range or hedge": _any_target(_HEDGE),
    "quantity before noun": _any_target(_COUNTED_FIRST, whole=True),
    "benchmark without digits": _no_digit,
    "nested name": _nested_name,
    "short name of an organisation": _short_name,
    "quoted project": _quoted,
    "half-quoted project": _half_quoted,
    "unquoted project": _unquoted,
    "organisation inside a title": _in_a_title,
    f"list of {_LIST} projects or more": _list_of_projects,
    "mention in a heading": _in_a_heading,
}
