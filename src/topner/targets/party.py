"""Who is to deliver a target, and in which projects: read from the structure of the text, or not said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from topner.document import Mention
from topner.targets.scene import Placed, Scene, within
from topner.targets.voice import SAYS, Voices

Via = Literal["lead", "subject", "heading"]

_BY = re.compile("(?:由|责成|明确)$")
_LED = re.compile(
    "^(?!配合|协助)[^，。；、\n]{0,5}?(?:牵头|负责|供应|承担|主办|承办|主责|主抓|统筹|经营|开发|建设|运营|实施|落实|承建"
    "|组织|兜底|下达|盯|签|衔接|保障|代建|施工)"
)
_TAKES = re.compile("^(?:牵头|负责|代为|盯办|承办|包保|兜底|统筹)")
_UNIT = re.compile("(?:责任|牵头|主办|承办|实施)(?:单位|部门)[:：]\\s*$")
_FREE = re.compile(r"(?:^|[^\w]|今年|明年|全年|年内|今后|同时|其中|要求|确定|\d月)$")
_NO_ACT = re.compile(
    "^(?:[的、，。；：）)]|等|与|和|及|附近|一期|二期|门口|大楼|支持|帮|指导|协助|配合|测|推荐|有关|提供"
    "|已?.{0,6}(?:批准|批复|审议|核定))"
)
_OTHERS = re.compile("(?:^|[，,：:])(?:我们|我[省市县区镇]|全[省市县区镇州]|会议|县里|市里|镇里|省里|当地|计划|目标)")
_JOINED = re.compile("^(?:、|和|及|以及)$")
_WITH = re.compile("^(?:会同|联合|与|同|携手)$")
_NEAR = 400  # characters that a bracket may stand behind its goal
_CHAIN = 4  # characters between goals that are one commitment: ，其中
_ASIDE = re.compile(r"[（(][^（）()\n]{1,60}[）)]")

# Right answers by each way among the 479 targets of data/targets/parties.jsonl: (right + 1) / (all + 2).
_CONFIDENCE: dict[Via, float] = {"lead": 0.92, "subject": 0.9, "heading": 0.65}


@dataclass(frozen=True, slots=True)
class Party:
    """The organisation that answers for a target.

    Attributes:
        mention: where it is named; the evidence.
        via: ``lead`` (由…牵头, 责任单位), ``subject`` (it acts in the sentence) or ``heading`` (its head speaks).
        confidence: 0..1, by the way it was read.
    """

    mention: Mention
    via: Via
    confidence: float


def responsible(scene: Scene, voices: Voices, target: Placed) -> Party | None:
    """The party that answers for a target, the nearest by structure; ``None`` rather than a guess.

    In this order: who is said to lead it (由…牵头, （…负责）, 责任单位：…); who acts before it in its sentence; whose head
    speaks, or whose name and a colon open the line, in the sentences before it; the heading above that names one with its
    head. Of bodies named side by side the last counts, of one that acts together with others the first. When a place or a
    meeting acts in between, nobody does.

    Args:
        scene: the text with its mentions.
        voices: who speaks its lines.
        target: one of its targets.
    """
    start, end = scene.sentence(target)
    line = scene.text.rfind("\n", 0, target.start) + 1
    found = _lead(scene, target, start, end) or _aside(scene, target)
    if found:
        return Party(found.mention, "lead", _CONFIDENCE["lead"])
    found = _subject(scene, target, start)
    if found:
        return Party(found.mention, "subject", _CONFIDENCE["subject"])
    found = _said(scene, target, line, start) or voices.at(target.start)
    return Party(found.mention, "heading", _CONFIDENCE["heading"]) if found else None


def _lead(scene: Scene, target: Placed, start: int, end: int) -> Placed | None:
    """Who is said to lead it in its sentence."""
    for run in _runs(scene, start, end):
        before, after = scene.text[start : run[0].start], scene.text[run[-1].end : end]
        led = _BY.search(before) and _LED.match(after)
        if run[0].start >= target.end:
            nearest = not within(scene.targets, target.end, run[0].start) and before.endswith(("，", ","))
            if led or (nearest and _TAKES.match(after)):
                return _chosen(scene.text, run)
        elif led and run[-1].end <= target.start and not _OTHERS.search(scene.text[run[-1].end : target.start]):
            return _chosen(scene.text, run)
    return None


def _aside(scene: Scene, target: Placed) -> Placed | None:
    """The body of the next bracket in its line that names one and its part (…（市科技局牵头）), or behind 责任单位."""
    stop = scene.text.find("\n", target.end)
    last = min(len(scene.text) if stop < 0 else stop, target.end + _NEAR)
    for bracket in _ASIDE.finditer(scene.text, target.end, last):
        inside = within(scene.bodies, *bracket.span())
        if inside and (
            _UNIT.search(scene.text[bracket.start() : inside[0].start])
            or _LED.match(scene.text[inside[-1].end : bracket.end()])
            or _LED.match(scene.text[inside[0].end : bracket.end()])
        ):
            return inside[0]
    for body in within(scene.bodies, target.end, min(len(scene.text), last + 60)):
        if _UNIT.search(scene.text[target.end : body.start]):
            return body
    return None


def _subject(scene: Scene, target: Placed, start: int) -> Placed | None:
    """Who acts before it in its sentence."""
    text = scene.text
    for run in reversed(_runs(scene, start, target.start)):
        if _OTHERS.search(text[run[-1].end : target.start]):
            return None
        after = text[run[-1].end : run[-1].end + 40]
        if not _FREE.search(text[start : run[0].start]):
            continue
        if SAYS.match(after) or _owns(scene, run[-1].end, target.start) or after[:1] in ("：", ":"):
            return _chosen(text, run)
        if not _NO_ACT.match(after):
            return _chosen(text, run)
    return None


def _owns(scene: Scene, end: int, before: int) -> bool:
    """县联社的“特惠贷”今年…: the body's own project acts."""
    if scene.text[end : end + 1] != "的":
        return False
    return any(project.start - end <= 2 for project in within(scene.projects, end, before)[:1])


def _said(scene: Scene, target: Placed, line: int, start: int) -> Placed | None:
    """Whose head speaks in the sentences before, or whose name and a colon open the line."""
    for body in reversed(within(scene.bodies, line, start)):
        after = scene.text[body.end : min(start, body.end + 60)]
        if within(scene.bodies, body.end, target.start):
            return None
        if SAYS.match(after) or (body.start - line < 4 and after[:1] in ("：", ":")):
            return body
    return None


def _runs(scene: Scene, start: int, end: int) -> list[list[Placed]]:
    """The bodies of a stretch, those that stand side by side together."""
    runs: list[list[Placed]] = []
    for body in within(scene.bodies, start, end):
        between = scene.text[runs[-1][-1].end : body.start] if runs else ""
        if runs and (_JOINED.match(between) or _WITH.match(between)):
            runs[-1].append(body)
        else:
            runs.append([body])
    return runs


def _chosen(text: str, run: Sequence[Placed]) -> Placed:
    """Of bodies side by side the last, of those that act with others the first."""
    for one, other in pairwise(run):
        if _WITH.match(text[one.end : other.start]):
            return one
    return run[-1]


def projects(scene: Scene, target: Placed) -> tuple[Mention, ...]:
    """The projects in the commitment: the last ones named before it in its sentence, and those up to the next comma behind it.

    Args:
        scene: the text with its mentions.
        target: one of its targets.
    """
    start, _ = scene.sentence(target)
    following = [place for mark in "，,、；;。\n" if (place := scene.text.find(mark, target.end)) >= 0]
    after = within(scene.projects, target.start, min(following, default=len(scene.text)))
    last = target.start
    for goal in (*reversed(within(scene.targets, start, target.start)), None):
        first = start if goal is None else goal.end
        before = within(scene.projects, first, last)
        if last - first > _CHAIN and goal is not None and not before:
            break
        if before or after:
            return tuple(place.mention for place in (*before, *after))
        last = first
    return ()
