"""From TARGET mentions to records."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from topner.document import Document
from topner.labels import PROJECT, TARGET
from topner.targets.indicator import read_indicator, scope_of
from topner.targets.inherit import Found, Place, inherit
from topner.targets.names import canonical
from topner.targets.period import Period, find_periods, governing, plan_years
from topner.targets.quantity import Quantity, find_quantities
from topner.targets.record import Direction, Part, TargetRecord
from topner.targets.scene import Placed, placed
from topner.targets.units import counts
from topner.text.alignment import AlignedText
from topner.text.clean import CleanConfig, clean

_SENTENCE = re.compile(r"[。！？!?\n]")
_BENCHMARK = re.compile(
    "同步|持平|平均水平|平均值|下达的?任务|目标任务|高于.{0,8}(?:增速|水平|增幅)|不低于.{0,10}(?:水平|平均|增速|上年|去年)|快于|优于|不少于上年"
)
_RANK = re.compile("前列|首位|第一方阵|百强|争先进位|上游")
_CLEARED = re.compile("清零|归零|为零|零(?:投诉|事故|增长|上访)|全部消[除隐]|全部清除|基本消除")
_WHOLE = re.compile("全覆盖|全部|全面覆盖|覆盖全|实现全|应[^，]{1,3}尽[^，]{1,3}|户户通|村村通")
_BASE = re.compile(
    r"(?:(?<![占对])比|较|与|是|为|恢复到|不低于|相当于)((?:上年|去年|前年|年初|(?:上年|去年)?同期|(?:19|20)\d\d年[底末]?|“?十[一二三四]五”?(?:末|期末)?"
    r"|基期|年度计划|现有[^，。；、]{1,4}))"
    r"(?:的|(?=增长|增加|扩大|提高|提升|下降|降低|减少|翻|上升|压减|持平|高|低|多|少|[一二三四五六七八九]成|\d|$))"
)
_TITLE_YEAR = re.compile(r"(20\d\d)年?[^，。；\n]{0,24}(?:工作报告|计划|预算|要点|方案|公报|任务)")
_FULL_DATE = re.compile(r"(20\d\d)[年./-]\d{1,2}[月./-]\d{1,2}")
_COVERED = re.compile("全(?:面)?覆盖$|[清归]零$")
_FUND = re.compile("资金|基金|专项|经费|贷")
_LESS = re.compile("减负|减重|减亏|减排|减支|减税|节本|节省|节支|退减")


@dataclass(frozen=True, slots=True)
class _Page:
    """The clean text with what was found in it once for all mentions.

    Attributes:
        aligned: the clean text.
        stops: one past each sentence end, by position.
        periods: the time expressions.
        names: spans of the projects.
        found: the mentions.
    """

    aligned: AlignedText
    stops: Sequence[int]
    periods: Sequence[Period]
    names: Sequence[Place]
    found: Sequence[Found]

    def sentence(self, start: int, end: int) -> Place:
        """The sentence around a span, without its stop."""
        before = bisect_right(self.stops, start)
        after = bisect_right(self.stops, end)
        last = self.stops[after] - 1 if after < len(self.stops) else len(self.aligned.text)
        return (self.stops[before - 1] if before else 0), last


def read_targets(
    document: Document, label: str = TARGET, cleaning: CleanConfig | None = None
) -> tuple[TargetRecord, ...]:
    """The records of a document's TARGET mentions, in order of position.

    Every mention gives a record, a mention without a value too. Elliptical ones take the indicator of the goal or statement
    before them (``inherited``).

    Args:
        document: with mentions; ``meta["year"]`` (or the year in ``meta["date"]``) resolves 今年 and 明年.
        label: of the mentions to be read.
        cleaning: how the raw text is cleaned before it is read; by default every step.
    """
    return records_of(document, clean(document.text) if cleaning is None else clean(document.text, cleaning), label)


def records_of(document: Document, aligned: AlignedText, label: str = TARGET) -> tuple[TargetRecord, ...]:
    """The same as :func:`read_targets`, for a text that is clean already.

    Args:
        document: with mentions.
        aligned: its text, cleaned.
        label: of the mentions to be read.
    """
    text = aligned.text
    places = placed(document, aligned)
    found = [_found(text, place) for place in places if place.mention.label == label]
    page = _Page(
        aligned,
        [match.end() for match in _SENTENCE.finditer(text)],
        find_periods(text, document_year(document), plan_years(f"{document.meta.get('title', '')}\n{text[:100]}")),
        [(place.start, place.end) for place in places if place.mention.label == PROJECT],
        found,
    )
    return tuple(_record(document.id, page, i) for i in range(len(found)))


def document_year(document: Document) -> int | None:
    """The year a document speaks from: its ``year`` or ``date``, else what its head says.

    The head is the first 300 characters: the year in a title (2026年政府工作报告), else the first full date.
    """
    for key in ("year", "date"):
        match = re.match(r"(19|20)\d\d", str(document.meta.get(key, "")))
        if match:
            return int(match[0])
    head = document.text[:300]
    for pattern in (_TITLE_YEAR, _FULL_DATE):
        match = pattern.search(head)
        if match:
            return int(match[1])
    return None


def _found(text: str, place: Placed) -> Found:
    inside = text[place.start : place.end]
    quantities = [] if _COVERED.search(inside) else find_quantities(inside)
    quantity = _main(inside, quantities)
    return Found(place.mention, place.start, place.end, quantity, read_indicator(inside, quantity, quantities))


def _main(text: str, quantities: Sequence[Quantity]) -> Quantity | None:
    """The quantity that counts the goal: the last one that does not merely qualify a noun (亿元以上项目, 万吨级泊位)."""
    valued = [quantity for quantity in quantities if quantity.value is not None]
    if len(valued) < 2:
        return valued[0] if valued else None
    free = [q for q in valued if not _qualifies(text, q, valued)]
    if len(free) > 1 and free[-1].shape == "rank" and counts(free[0].unit):  # 3家企业跻身500强
        return free[0]
    return (free or valued)[-1]


def _qualifies(text: str, quantity: Quantity, valued: Sequence[Quantity]) -> bool:
    rest = text[quantity.end :]
    if re.match("级|型|的|规模|以上的?[^，]", rest):
        return True
    if not re.match(r"[^\W\d]", rest):
        return False
    if quantity.unit == "类":  # 10个一类新药
        return any(other.start < quantity.start and counts(other.unit) for other in valued)
    if quantity.unit not in ("%", "‰", "个百分点") and not counts(quantity.unit):  # 一座110千伏变电站
        return any(other.start < quantity.start and counts(other.unit) for other in valued)
    last = quantity is valued[-1]
    return not last and bool(re.search("以上$|以下$|以内$", text[quantity.start : quantity.end]))


def _record(document: str, page: _Page, i: int) -> TargetRecord:
    found, aligned = page.found, page.aligned
    here = found[i]
    text, inside, quantity = aligned.text, aligned.text[here.start : here.end], here.quantity
    bounds = page.sentence(here.start, here.end)
    parts: dict[Part, tuple[int, int]] = {}
    written, place = here.reading.indicator, (here.start + here.reading.start, here.start + here.reading.end)
    inherited = not written
    if inherited:
        names = [place for place in page.names if not inside.startswith("安排") or _FUND.search(text[slice(*place)])]
        written, place = inherit(text, found, i, bounds, names)
    if written and place[0] < place[1]:
        parts["indicator"] = aligned.raw_span(*place)
    if quantity is not None:
        parts["quantity"] = aligned.raw_span(here.start + quantity.start, here.start + quantity.end)
    period = governing(page.periods, text, (here.start, here.end), bounds)
    if period is not None:
        parts["period"] = aligned.raw_span(period.start, period.end)
    clause = max(text.rfind(mark, bounds[0], here.start) + 1 for mark in "，,；;")
    base = _BASE.search(text, max(bounds[0], clause, here.start - 12), here.end)
    if base is not None:
        parts["base"] = aligned.raw_span(*base.span(1))
    direction = _direction(inside, here)
    if inherited and direction == "ratio" and quantity is not None and quantity.start == 0:
        direction = _carried(found, i)  # 分别增长8.5%、9.5%
    value, unit = _value(direction, quantity, inside)
    comparator = "" if value is None else "=" if quantity is None else quantity.comparator
    return TargetRecord(
        document=document,
        start=here.mention.start,
        end=here.mention.end,
        text=here.mention.text,
        indicator=canonical(written),
        written=written,
        inherited=inherited,
        direction=direction,
        comparator=comparator,
        value=value,
        value_max=None if quantity is None else quantity.high,
        unit=unit,
        unit_implied=quantity is not None and quantity.implied,
        base="" if base is None else base[1],
        period="" if period is None else period.value,
        scope=scope_of(written),
        score=here.mention.score,
        parts=parts,
        sentence=aligned.raw_span(*bounds),
    )


def _direction(inside: str, found: Found) -> Direction:
    quantity, change = found.quantity, found.reading.change
    if quantity is None:
        if _CLEARED.search(inside):
            return "level"
        if _RANK.search(inside):
            return "rank"
        return "ratio" if _WHOLE.search(inside) and not _BENCHMARK.search(inside) else "benchmark"
    if quantity.shape == "rank":
        return "rank"
    if quantity.shape == "doubling" or change == "growth":
        return "growth"
    if change == "decrease":
        return "decrease"
    if quantity.shape in ("grade", "zero"):
        return "growth" if quantity.unit == "%" else "level"
    if quantity.shape in ("share", "quotient", "multiple"):
        return "ratio"
    if _LESS.search(inside):
        return "decrease"
    if not quantity.unit:
        return "ratio" if re.search("[率比度]$|系数$|指数$|PUE$", found.reading.indicator) else "count"
    return "count" if counts(quantity.unit) else "level"


def _carried(found: Sequence[Found], i: int) -> Direction:
    """The direction of a bare percentage: that of the goal just before it, if that one is a percentage with a verb."""
    before = found[i - 1] if i else None
    near = before is not None and found[i].start - before.end <= 1 and before.quantity is not None
    if near and before is not None and before.quantity is not None and before.quantity.unit == "%":
        return "growth" if before.reading.change == "growth" else "decrease" if before.reading.change else "ratio"
    return "ratio"


def _value(direction: Direction, quantity: Quantity | None, inside: str) -> tuple[Fraction | None, str]:
    if quantity is None:
        if direction == "level":
            return Fraction(0), ""
        return (Fraction(100), "%") if direction == "ratio" else (None, "")
    if quantity.shape == "multiple" and direction in ("growth", "decrease") and quantity.value is not None:
        return quantity.value * 100, "%"
    return quantity.value, quantity.unit
