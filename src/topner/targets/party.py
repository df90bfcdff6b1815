"""Who is to deliver a target, and in which projects: read from the structure of the text, or not said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from topner.document import Document, Mention
from topner.labels import ORG, PROJECT

Via = Literal["lead", "subject", "heading"]

_STOPS = "。！？!?；;\n"
_SAYS = re.compile(
    r"^(?:党[组委]书记|书记|主任|局长|厅长|行长|校长|院长|站长|董事长|总经理|经理|负责人|负责同志|相关负责人|[^，。；、\n]{0,6}?长)"
    r"[^，。；\n]{0,14}?(?:说|表示|介绍|提出|透露|告诉|坦言|承诺|答应|回应|讲|认为|的(?:口径|账|算法))"
)
_BY = re.compile("(?:由|责任单位[:：]?|牵头单位[:：]?|责成|明确)$")
_LED = re.compile(
    "^[^，。；、\n]{0,2}(?:牵头|负责|承担|主办|承办|主责|主抓|统筹|经营|开发|建设|运营|实施|落实|承建|组织|兜底)"
)
_FREE = re.compile(r"(?:^|[^\w]|今年|明年|全年|年内|今后|同时|其中|要求|确定|\d月)$")
_SPEAKER = re.compile(r"[:：]\s*$")
_NO_ACT = re.compile(
    "^(?:[的、，。；：）)]|等|与|和|及|附近|一期|二期|门口|大楼|支持|帮|指导|协助|配合|联合|会同|测|推荐)"
)
_OTHERS = re.compile("(?:^|[，,：:])(?:我[省市县区镇]|全[省市县区镇州]|会议|县里|市里|镇里|省里|当地|计划|目标)")

# Right answers by each way among the 479 targets of data/targets/parties.jsonl: (right + 1) / (all + 2).
_CONFIDENCE: dict[Via, float] = {"lead": 0.93, "subject": 0.68, "heading": 0.56}


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

    In this order: who is said to lead it in its sentence (由…牵头); who acts before it in its sentence; whose head speaks, or
    whose name and a colon open the line, in the sentences before it; the last line above that names one and ends
    in a colon. When a place or a meeting acts in between, nobody does.

    Args:
        document: with mentions; offsets are code points of its raw text.
        target: the TARGET mention.
        label: of organisations.
    """
    text = document.text
    start, end = _sentence(text, target)
    bodies = [m for m in document.mentions if m.label == label]
    inside = [m for m in bodies if start <= m.start and m.end <= end]
    for m in inside:
        if m.start >= target.end and _BY.search(text[start : m.start]) and _LED.match(text[m.end : end]):
            return Party(m, "lead", _CONFIDENCE["lead"])
    for m in reversed([m for m in inside if m.end <= target.start]):
        if _OTHERS.search(text[m.end : target.start]):
            break
        if _BY.search(text[start : m.start]) and _LED.match(text[m.end : target.start]):
            return Party(m, "lead", _CONFIDENCE["lead"])
        if _acts(text, m, start):
            return Party(m, "subject", _CONFIDENCE["subject"])
    line = text.rfind("\n", 0, target.start) + 1
    for m in reversed([m for m in bodies if line <= m.start and m.end <= start]):
        if _SAYS.match(text[m.end : start]) or (m.start - line < 4 and text.startswith(("：", ":"), m.end)):
            return Party(m, "heading", _CONFIDENCE["heading"])
    return _speaker(text, bodies, line)


def _speaker(text: str, bodies: Sequence[Mention], line: int) -> Party | None:
    """The organisation of the last line above that opens with one and ends in a colon (市科技局局长某某：)."""
    while line > 0:
        last, line = line - 1, text.rfind("\n", 0, line - 1) + 1
        if _SPEAKER.search(text[line:last]):
            opening = [m for m in bodies if line <= m.start <= line + 2 and m.end <= last]
            return Party(opening[0], "heading", _CONFIDENCE["heading"]) if opening else None
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
    """Whether the organisation is the one that acts: it opens a clause and a predicate follows, or its head speaks."""
    after = text[mention.end : mention.end + 30]
    if not _FREE.search(text[start : mention.start]):
        return False
    return bool(_SAYS.match(after)) or not _NO_ACT.match(after) or bool(re.match("[：:]", after))


def _sentence(text: str, target: Mention) -> tuple[int, int]:
    start = max(text.rfind(mark, 0, target.start) for mark in _STOPS) + 1
    ends = [place for mark in _STOPS if (place := text.find(mark, target.end)) >= 0]
    return start, min(ends, default=len(text))
