"""Who is to deliver a target, and in which projects: read from the structure of the text, or not said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from topner.document import Document, Mention
from topner.labels import ORG, PROJECT

Via = Literal["lead", "subject", "heading"]

_CONFIDENCE: dict[Via, float] = {"lead": 0.9, "subject": 0.75, "heading": 0.6}
_STOPS = "。！？!?；;\n"
_LEAD = re.compile(r"^[^。；\n]{0,4}(?:牵头|负责|承担|主办|承办|主责|实施|落实)")
_BY = re.compile(r"(?:由|责任单位[:：]?|牵头单位[:：]?)$")
_ACTS = re.compile(
    r"^(?:党[组委]书记|书记|主任|局长|行长|校长|院长|董事长|总经理|负责人|负责同志|相关负责人)?[、，]?[^，。；、\n]{0,6}?"
    r"(?:要|将|力争|确保|争取|计划|拟|须|应|负责|承诺|答应|表示|提出|明确|今年|明年|全年|年内|预计|安排|新建|建设|完成|实现|新增|引进|推进"
    r"|组织|开展|实施|再|还|也|都|[:：])"
)
_NOT_SUBJECT = re.compile(
    r"(?:与|和|同|向|对|给|为|经|在|到|从|据|由|联合|支持|依托|配合|协助|报|按|帮助|争取|通过|比|或|及|、|《)$"
)


@dataclass(frozen=True, slots=True)
class Party:
    """The organisation that answers for a target.

    Attributes:
        mention: where it is named; the evidence.
        via: ``lead`` (由…牵头, 责任单位), ``subject`` (it acts in the sentence) or ``heading`` (the line opens with it).
        confidence: 0..1, by the way it was read.
    """

    mention: Mention
    via: Via
    confidence: float


def responsible(document: Document, target: Mention, label: str = ORG) -> Party | None:
    """The party that answers for a target, the nearest by structure; ``None`` rather than a guess.

    In this order: who is said to lead it in its sentence; who acts in the sentence before the target; whom the line opens with,
    when nobody else acts in between.

    Args:
        document: with mentions; offsets are code points of its raw text.
        target: the TARGET mention.
        label: of organisations.
    """
    text = document.text
    start, end = _sentence(text, target)
    line = text.rfind("\n", 0, target.start) + 1
    bodies = [m for m in document.mentions if m.label == label]
    inside = [m for m in bodies if start <= m.start and m.end <= end]
    for m in sorted(inside, key=lambda m: abs(m.start - target.start)):
        after = text[m.end : min(end, m.end + 12)]
        if (_LEAD.match(after) and (m.start > target.end or _BY.search(text[start : m.start]))) or (
            m.start >= target.end and _BY.search(text[start : m.start])
        ):
            return Party(m, "lead", _CONFIDENCE["lead"])
    for m in reversed([m for m in inside if m.end <= target.start]):
        if _acts(text, m, start):
            return Party(m, "subject", _CONFIDENCE["subject"])
    opening = [
        m
        for m in bodies
        if line <= m.start < start and not text[line : m.start].strip(" \t\u3000“（(0123456789一二三四五六七八九十、.")
    ]
    if opening and _acts(text, opening[0], line):
        others = [m for m in bodies if opening[0].end <= m.start < target.start and _acts(text, m, line)]
        if not others:
            return Party(opening[0], "heading", _CONFIDENCE["heading"])
    return None


def projects(document: Document, target: Mention, label: str = PROJECT) -> tuple[Mention, ...]:
    """The projects in the commitment: those between the last stop and the next comma or stop around the target.

    Args:
        document: with mentions.
        target: the TARGET mention.
        label: of projects.
    """
    text = document.text
    start, _ = _sentence(text, target)
    previous = [m.end for m in document.mentions if m.label == target.label and start <= m.end <= target.start]
    first = max([start, *previous])
    following = [place for mark in "，,、；;。\n" if (place := text.find(mark, target.end)) >= 0]
    last = min(following, default=len(text))
    return tuple(m for m in document.mentions if m.label == label and first <= m.start and m.end <= last)


def _acts(text: str, mention: Mention, start: int) -> bool:
    """Whether the organisation is the one that acts: nothing governs it, and a verb or colon follows."""
    return not _NOT_SUBJECT.search(text[start : mention.start]) and bool(
        _ACTS.match(text[mention.end : mention.end + 24])
    )


def _sentence(text: str, target: Mention) -> tuple[int, int]:
    start = max(text.rfind(mark, 0, target.start) for mark in _STOPS) + 1
    ends = [place for mark in _STOPS if (place := text.find(mark, target.end)) >= 0]
    return start, min(ends, default=len(text))
