"""What a target measures or delivers: the mention without its verb of change, comparator and quantity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from topner.targets.quantity import Quantity
from topner.targets.verbs import ADVERBS, DOWN, EACH, FRONT, GAIN, LESSEN, NAMED, REACH, TAIL, UP, WITHIN

Change = Literal["growth", "decrease", ""]

_RATE = re.compile("每[年月周天日](?!均)|年均")
_TO = re.compile("(?:到|至|为|在)$")
_FROM = re.compile(r"(?:由|从)[^，,；;]{1,12}$")
_THAN = re.compile(r"(?<![占对])(?:比|较|与)[^，,；;。]{1,8}$")
_YARDSTICK = re.compile(
    "(?:稳定)?(?:达到|不超过|不少于|不低于|不高于|高于|低于|快于|慢于|优于|好于|控制在|保持|恢复到|完成|与(?=.{1,12}(?:同步|持平|一致))|进入|位居|迈入|跻身).*$"
    "|(?:动态|基本|全面|全部)?(?:清零|归零|为零)$|(?:实现|基本)?全(?:面)?覆盖.*$"
)
_BASED = re.compile(r"(?:恢复到|为|是|达到|相当于)(?:上年|去年|前年|同期|上年同期|去年同期|(?:19|20)\d\d年)的?$")
_RANKED = re.compile("(?:进入|位居|跻身|迈入|居|列)?(?:全国|全省|全市|全区|全州|同类|同行业|中国)?[^，,]{0,4}$")
_INNER = re.compile(
    "(?<=.)(?:(?<![去今明前当])年底前?|今年|明年|年内|[0-9一二三四五六七八九十]+月底前?)(?=.)|完成(?=投资|产值)"
)
_THEN = re.compile("^(?:年底前?|今年|明年|年内|[0-9一二三四五六七八九十]+月底前?)(?=.)")
_DIFFERENCE = re.compile(
    "(?<![占对])(?:比|较)[^，,；;]{1,10}?(?<![提增缩下压降减])(?P<verb>[低少短减降快高多增])(?:出|了)*$"
)
_BEYOND = re.compile(
    r"(?<!不)(?:(?P<over>超过|超出|高于|多于|快于)|低于|少于)(?:上年|去年|前年|同期|全[国省市州]平均|年度)[^，,\d]{0,6}$"
)
_EACH_TIME = re.compile(rf"(?:{REACH})(?P<each>(?:每[人户亩])?每(?:秒|公斤|千克|人|户|亩|年|月|天|日|吨|斤|度))$")
_ONE = re.compile("(?<=.)(?<![拥具没所持占])(?:至少)?有$|(?<=.)占$")
_ACT = ("开行",)  # a verb of delivery that names what is counted when nothing follows
_RATIO = re.compile("(?:率|占比|比重|比例|系数)$")  # these take a verb in front as a part of their name
_SCOPE = re.compile(
    "全市|全省|全区|全县|全国|全镇|全州|全社会|市本级|县本级|城镇|农村|城乡|规模以上|规上|限额以上|限上"
)
_MARKS = " \t\n，,、：:；;。'（）()"


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a mention around its quantity.

    Attributes:
        indicator: the words; empty when the mention names nothing.
        start: first code point of the first word in the mention.
        end: one past the last word.
        change: whether the quantity is what the indicator goes up or down by.
    """

    indicator: str
    start: int
    end: int
    change: Change


def read_indicator(text: str, quantity: Quantity | None, quantities: Sequence[Quantity] = ()) -> Reading:
    """Find the indicator in a mention.

    Args:
        text: the mention's clean text.
        quantity: its quantity, in offsets of ``text``; ``None`` when it has none.
        quantities: all its quantities; those that touch the chosen one are part of the same expression.
    """
    if quantity is None:
        head = _strip_head(text)
        rest = text[head:]
        yardstick = _YARDSTICK.search(rest)
        if yardstick:
            rest, _, _ = _strip_tail(rest[: yardstick.start()])
        rest = _INNER.sub("", rest.replace("全部", "")).strip(_MARKS)
        return Reading(rest, head, min(head + len(rest), len(text)), "")
    left_end, right_start = quantity.start, quantity.end
    for other in reversed(quantities):
        if other.end == left_end:
            left_end = other.start
    before = _BASED.sub("", text[:left_end])
    if quantity.shape == "rank":
        before = _RANKED.sub("", before)
    gain = GAIN.match(before)
    lessen = gain or LESSEN.match(before)
    offset = lessen.end() if lessen and quantity.start > lessen.end() + 1 else 0
    before = before[offset:]
    difference = _DIFFERENCE.search(before)
    if difference:
        before = before[: difference.start()]
    if each := _EACH_TIME.search(before):  # 标准提高到每月450元
        before = before[: each.start()] + each["each"]
    beyond = _BEYOND.search(before)
    if beyond:
        before = before[: beyond.start()]
    left, change, own = _strip_tail(before if text[right_start:].strip(_MARKS) else before.removesuffix("的"))
    left = before if before in ("为", "给", "向") else _ONE.sub("", left)
    if difference:
        change = "growth" if difference["verb"] in "快高多增" else "decrease"
    if beyond:
        change = "growth" if beyond["over"] else "decrease"
    change = change or (("growth" if gain else "decrease") if offset else "")
    own = own or text.startswith("控制在", quantity.start) or _RATIO.search(left) is not None
    if quantity.unit == "个百分点" and not change:
        change = "growth"
    right = text[right_start:].strip(_MARKS)
    if re.match(rf"(?:的)?(?:{UP})(?:$|率|[^\w])", right):
        right, change = "", change or "growth"
    right = _THEN.sub("", right)
    right = re.sub("^(?:的|以上的|左右的)?(?:目标(?:任务)?$|一遇$)?", "", right).replace("全部", "")
    kept = _RATE.match(left)
    prefix = kept[0] if kept else ""
    head = len(prefix) if own else len(prefix) + _strip_head(left[len(prefix) :])
    if head == len(left) and prefix and not right:
        prefix = ""
    if right == "安排":  # 赤字率按2.8%安排
        left, right = left.removesuffix("按"), ""
    start = offset + head + len(left[head:]) - len(left[head:].lstrip(_MARKS))
    middle = _INNER.sub("", left[head:]).strip(_MARKS)
    whole = len(left) == len(before.removesuffix("的"))  # no verb of change: the one inside is that of delivery
    if whole and not own and not prefix and (each := EACH.match(middle)):
        middle = each["who"] + each["what"]
    if not middle and not right and left.strip(_MARKS) in _ACT:
        middle, start = left.strip(_MARKS), offset
    if middle:
        end = text.rfind(right) + len(right) if right and text.endswith(right) else start + len(middle)
        return Reading(prefix + middle + right, 0 if prefix else start, end, change)
    start = max(text.find(right, right_start), 0) if right else right_start
    return Reading(right, start, min(start + len(right), len(text)), change)


def scope_of(indicator: str) -> str:
    """The word at the head of the indicator that says which part of the whole it is of."""
    found = _SCOPE.match(indicator)
    return found[0] if found else ""


def _strip_tail(left: str) -> tuple[str, Change, bool]:
    """What stands before the quantity without verbs of change and adverbs.

    Returns:
        The rest, what the verb of change means, and whether it is a verb of the indicator's own (达到, 控制在, 提高到): then
        新增 in front belongs to a noun.
    """
    change: Change = ""
    own, first = False, True
    while found := TAIL.search(left):
        if first and (named := NAMED.search(left)):
            return left, "decrease" if named[0] == "降幅" else "growth", True
        word = found[0]
        if first and not _TO.search(word):
            change = "growth" if re.fullmatch(UP, word) else "decrease" if re.fullmatch(DOWN, word) else change
        own = own or re.fullmatch(REACH, word) is not None
        if not re.fullmatch(rf"{ADVERBS}|{WITHIN}|了|[，,、：:\s]", word):
            first = False
        left = left[: found.start()]
    if first and not own and not change and (named := NAMED.search(left)):
        return left, "decrease" if named[0] == "降幅" else "growth", True
    source = _FROM.search(left) if own else _THAN.search(left) if change else None
    if source and source.start() > 0:
        left, _, _ = _strip_tail(left[: source.start()])
    return left, change, own


def _strip_head(left: str) -> int:
    """How much in front are verbs of delivery and adverbs."""
    found = FRONT.match(left)
    return found.end() if found else 0
