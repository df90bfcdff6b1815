"""Where a target that names nothing gets its indicator from: the goal, statement or project before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from topner.document import Mention
from topner.targets.indicator import Reading, read_indicator
from topner.targets.quantity import Quantity, find_quantities
from topner.targets.verbs import DELIVER, FRONT

Place = tuple[int, int]

_TIMES = re.compile(
    r"^(?:去年|上年|今年|全年|明年|目前|眼下|现在|现有?|到|预计|其中|具体为|(?:19|20)\d\d年(?:底)?|前?[一二三四]季度|前三季度|[上下]半年|年底|累计|今后|未来|[一二三四五]年|每年)+是?"
)
_WHAT = "[^，。；、]{0,12}?(?:强度|率|总量|收入|产值|产量|增加值|投资|面积|比重|占比|指数|浓度|能耗|余额|规模|总额)"
_SINCE = re.compile(
    "(?<=.)(?:去年|上年|目前|今年|只有|仅有|做到|还有|才|只(?=$)|已(?:有|达|到)?(?=$)|(?:19|20)\\d\\d年(?=$)).*$|(?<=.)安排在$"
)
_SAID = re.compile(rf"(?<=.)(?:去年|上年|目前|今年)末?(?={_WHAT}$)")  # 人参产业上年综合产值
_NO_NAME = re.compile(
    "^(?:.$|实绩|实际|[^，]{0,4}月末仅?|只有|仅有|才有?|还有|已.*|只|有余|达到?|为|约|近|共|其余|比.*|占(?!.*(?:比重|比例|占比|份额|率)$).*)$"
)
_NAMED = re.compile('[“"][^“”"]{2,14}[”"]$|[^，。；、]{2,14}(?:计划|工程|行动|项目|资金|专项|贷款)$')
_BEFORE_NAME = re.compile(
    "^[”\"’'》）)]?[，,、：:]?(?:今年|明年|全年|年内|再|各|还|拟|要|将|计划|力争|(?:19|20)\\d\\d年|[0-9]{1,2}月底?前?)*$"
)
_METRIC = re.compile(rf"{_WHAT}(?=[^，。；、]|$)|[^，。；、]{{2,20}}?(?=一栏$)")
# A clause that only names what comes: 温室、暖棚，各新建300座. Its own verb and owner do not belong to the name.
_LEADING = re.compile(
    "^(?:今年|明年|全年|年内|今明两年|[省市区县镇州乡](?:里|级)|我[省市区县镇]|再|还|又|各|已|将|要|拟|计划|力争|确保|首批|任务是|年度任务是)*$"
)
_DATED = re.compile(
    r"(?P<topic>[^，。；]{2,}?)(?:(?:去年|上年|前年|今年|目前|本年)(?:底|末)?|(?:19|20)\d\d年(?:底|末)?)(?P<rest>[^，。；]*)"
)
_GAP = re.compile(
    "[，,、：:]?(?:今年|明年|全年|年内|年底前?|再|各|还|拟|要|将|计划|力争|(?:19|20)\\d\\d年|[0-9]{1,2}月底?前?)*$"
)
_ALLOTTED = re.compile("^.*(?:列支|设立|安排|筹集|投入|实施|启动|开展|推进|整合)(?=.{4})")
_TOPIC = re.compile(
    rf"^(?!.*(?:已经|[今去明]年))(?:.*(?:的|设立?|(?:{DELIVER})))?(?P<name>[^，。；：\d的了不没着过也都就很是有把让被比]{{2,14}})$"
)
_MARKS = "，,；;：:、。\n"
_FAR = 60
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A mention with its span in the clean text and what was read inside it."""

    mention: Mention
    start: int
    end: int
    quantity: Quantity | None
    reading: Reading


def inherit(
    text: str, found: Sequence[Found], i: int, sentence: Place, names: Sequence[Place] = ()
) -> tuple[str, Place]:
    """The indicator that a mention inherits, with its place; an empty one when nothing is near.

    The clauses before it in its sentence are gone through from the nearest: a goal there gives its own indicator, a
    statement with a quantity what it speaks of, a name right before the mention itself. Else the last goal of the same
    line does, if it is not far.

    Args:
        text: the clean text.
        found: all mentions, by position.
        i: which of them.
        sentence: the sentence it stands in.
        names: spans of named projects, by position.
    """
    here, hungry, bare, leading = found[i], False, False, False
    for end in _clause_ends(text, sentence[0], here.start):
        start = max(sentence[0], *(text.rfind(mark, sentence[0], end) + 1 for mark in _MARKS))
        for j in range(i - 1, -1, -1):
            other = found[j]
            if other.start < start:
                break
            if other.end <= end + 1 and other.reading.indicator:
                return _own(other)
        named = _name(text, sentence[0], end, names) if end == here.start else None
        stated = _stated(text, start, end)
        if stated is not None and _NO_NAME.match(stated[0]):  # 投入强度最扎眼，只有1.41%
            bare = len(stated[0]) == 1  # 去年放了2300万元
            stated, hungry = None, True
        elif stated is None and hungry and (metric := _METRIC.match(text, start, end)):
            stated = metric[0], metric.span()
        elif stated is None and hungry and bare and (topic := _topic(text, (start, end), start, ())):
            stated = topic
        if named or stated:
            return named or stated or ("", (0, 0))
        if end == here.start:
            leading = _LEADING.match(text[start:end]) is not None
        elif leading and not hungry:
            leading = False
            if topic := _topic(text, (start, end), _opening(text, sentence[0], end), names):
                return topic
    for j in range(i - 1, -1, -1):
        other = found[j]
        if here.start - other.end >= _FAR or "\n" in text[other.end : here.start]:
            break
        if other.reading.indicator:
            return _own(other)
    return "", (0, 0)


def _topic(text: str, clause: Place, opening: int, names: Sequence[Place]) -> tuple[str, Place] | None:
    """What a clause without a quantity names: the project it begins with, else its last words."""
    start, end = clause
    led = next((place for place in names if start <= place[0] < place[1] < end), None)
    if led and _LEADING.match(text[start : led[0]]):  # 今年人才公寓交一批
        return text[slice(*led)], led
    words = text[opening:end]
    topic = _TOPIC.match(words)
    if not topic:
        return None
    # a short noun keeps its owner: 襄阳东站的配套
    name = words if re.search("的..$", words) and len(topic["name"]) == 2 and len(words) <= _SHORT else topic["name"]
    return name, (end - len(name), end)


def _own(other: Found) -> tuple[str, Place]:
    return other.reading.indicator, (other.start + other.reading.start, other.start + other.reading.end)


def _stated(text: str, start: int, end: int) -> tuple[str, Place] | None:
    """What a clause with a quantity speaks of (去年小额贷款发放24亿元)."""
    clause = text[start:end]
    quantities = find_quantities(clause)
    if not quantities:
        return None
    last: Quantity | None = quantities[-1]
    if clause.startswith("的", quantities[-1].end):  # 设立20亿元的应急转贷资金
        skipped = quantities[-1].end + 1
        last, quantities = None, []
    else:
        times = _TIMES.match(clause)
        skipped = times.end() if times else 0
        dated = _DATED.match(clause, skipped, quantities[-1].start)
        if (
            dated
            and (verb := FRONT.match(dated["rest"]))
            and not re.match(rf".?$|{_WHAT}$", dated["rest"][verb.end() :])
        ):
            skipped = dated.start("rest")  # 两家去年更换生产线11条
        elif dated and 0 < len(dated["rest"]) < 5 and not re.search(rf"{_WHAT}$", dated["rest"]):
            return dated["topic"], (start + dated.start("topic"), start + dated.end("topic"))  # 资金今年市级安排800万元
        quantities = find_quantities(clause[skipped:])
        last = quantities[-1] if quantities else None
        if last is None:
            return None
    reading = read_indicator(clause[skipped:], last, quantities)
    words = _TIMES.sub("", reading.indicator)
    dropped = len(reading.indicator) - len(words)
    words = _SINCE.sub("", _SAID.sub("", words))
    if not words:
        return None
    offset = start + skipped + reading.start + dropped
    return words, (offset, max(offset + 1, start + skipped + reading.end))


def _name(text: str, first: int, end: int, names: Sequence[Place]) -> tuple[str, Place] | None:
    """A name that stands right before the mention (工业技改专项资金，今年安排2400万元)."""
    for start, last in reversed(names):
        if last <= end:
            if start >= first and _BEFORE_NAME.match(text[last:end]):
                quoted = text[start - 1 : start] in ("“", '"') and text[last : last + 1] in ("”", '"')
                start, last = (start - 1, last + 1) if quoted else (start, last)
                return text[start:last], (start, last)
            break
    gap = _GAP.search(text, first, end)
    for last in (end, gap.start() if gap else end):
        clause = max(first, *(text.rfind(mark, first, last) + 1 for mark in _MARKS))
        found = _NAMED.search(_TIMES.sub("", text[clause:last]))
        if found and not (last < end and re.search(r"\d|为", found[0])):
            name = _ALLOTTED.sub("", found[0])
            return name, (last - len(name), last)
    return None


def _opening(text: str, first: int, end: int) -> int:
    """Where the clause begins that ends at ``end``; what 、 joins is one."""
    return max(first, *(text.rfind(mark, first, end) + 1 for mark in "，,；;：:。"))


def _clause_ends(text: str, first: int, start: int) -> list[int]:
    """Ends of the clauses before ``start`` in its sentence, the nearest first, its own clause included."""
    return [start, *(j for j in range(start - 1, first, -1) if text[j] in "，,；;：:、")]
