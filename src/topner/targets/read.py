"""From TARGET mentions to records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from topner.document import Document, Mention
from topner.labels import TARGET
from topner.targets.indicator import Reading, read_indicator, scope_of
from topner.targets.names import canonical
from topner.targets.period import Period, find_periods
from topner.targets.quantity import Quantity, find_quantities
from topner.targets.record import Direction, Part, TargetRecord
from topner.targets.units import counts
from topner.text.alignment import AlignedText
from topner.text.clean import CleanConfig, clean

_SENTENCE = re.compile(r"[。！？!?\n]")
_BENCHMARK = re.compile(
    "同步|持平|平均水平|平均值|下达的?任务|目标任务|高于.{0,8}(?:增速|水平|增幅)|不低于.{0,10}(?:水平|平均|增速|上年|去年)|快于|优于|不少于上年"
)
_RANK = re.compile("前列|首位|第一方阵|百强|争先进位|上游")
_CLEARED = re.compile("清零|归零|动态为零|零(?:投诉|事故|增长|上访)|全部消[除隐]|全部清除|基本消除")
_WHOLE = re.compile("全覆盖|全部|全面覆盖|覆盖全|实现全|应[^，]{1,3}尽[^，]{1,3}|户户通|村村通")
_BASE = re.compile(
    r"(?:比|较|与|是|为|恢复到|不低于|相当于)((?:上年|去年|前年|年初|(?:上年|去年)?同期|(?:19|20)\d\d年[底末]?|“?十[一二三四]五”?(?:末|期末)?"
    r"|基期|年度计划|现有[^，。；、]{1,4}))"
    r"(?:的|(?=增长|增加|提高|提升|下降|降低|减少|翻|上升|压减|持平|高|低|多|少|[一二三四五六七八九]成|\d|$))"
)
_TITLE_YEAR = re.compile(r"(20\d\d)年?[^，。；\n]{0,24}(?:工作报告|计划|预算|要点|方案|公报|任务)")
_FULL_DATE = re.compile(r"(20\d\d)[年./-]\d{1,2}[月./-]\d{1,2}")
_COVERED = re.compile("全(?:面)?覆盖$")
_TIMES = re.compile(r"^(?:去年|上年|今年|全年|明年|目前|眼下|现有?|到|预计|其中|具体为|(?:19|20)\d\d年(?:底)?)+")
_SINCE = re.compile("(?<=.)(?:去年|上年|目前|今年|只有|仅有|做到|还有|才).*$")
_NAMED = re.compile('[“"][^“”"]{2,14}[”"]$|[^，。；、]{2,14}(?:计划|工程|行动|项目|资金|专项|贷款)$')
_LESS = re.compile("减负|减重|减亏|减排|减支|减税")
_AFTERWARDS = re.compile("(?:建成|达产|投产|技改|投用|运行|运营|交付|开通|装机)(?:以?后|之后)")
_EVERY = re.compile("每(?:个)?(?:年|季度|月|周|天|日)")


@dataclass(frozen=True, slots=True)
class _Found:
    """A mention in the clean text with what was read inside it."""

    mention: Mention
    start: int
    end: int
    quantity: Quantity | None
    reading: Reading


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
    aligned = clean(document.text) if cleaning is None else clean(document.text, cleaning)
    text, year = aligned.text, document_year(document)
    periods = find_periods(text, year)
    found = [
        _found(text, mention, span)
        for mention in document.mentions
        if mention.label == label and (span := aligned.clean_span(mention.start, mention.end)) is not None
    ]
    return tuple(_record(document, aligned, found, i, periods) for i in range(len(found)))


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


def _found(text: str, mention: Mention, span: tuple[int, int]) -> _Found:
    inside = text[span[0] : span[1]]
    quantities = [] if _COVERED.search(inside) else find_quantities(inside)
    quantity = _main(inside, quantities)
    return _Found(mention, *span, quantity, read_indicator(inside, quantity, quantities))


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
    last = quantity is valued[-1]
    written = text[quantity.start : quantity.end]
    return not last and bool(re.search("以上$|以下$|以内$", written)) and bool(re.match(r"[^\W\d]", rest))


def _record(
    document: Document, aligned: AlignedText, found: Sequence[_Found], i: int, periods: Sequence[Period]
) -> TargetRecord:
    here = found[i]
    text, inside, quantity = aligned.text, aligned.text[here.start : here.end], here.quantity
    bounds = _sentence(text, here.start, here.end)
    parts: dict[Part, tuple[int, int]] = {}
    written, inherited, place = (
        here.reading.indicator,
        False,
        (here.start + here.reading.start, here.start + here.reading.end),
    )
    if not written:
        written, place = _inherit(text, found, i, bounds)
        inherited = True
    if written and place[0] < place[1]:
        parts["indicator"] = aligned.raw_span(*place)
    if quantity is not None:
        parts["quantity"] = aligned.raw_span(here.start + quantity.start, here.start + quantity.end)
    period = _due(text, here, bounds, periods)
    if period is not None:
        parts["period"] = aligned.raw_span(period.start, period.end)
    base = _BASE.search(text, max(bounds[0], here.start - 12), here.end)
    if base is not None:
        parts["base"] = aligned.raw_span(*base.span(1))
    direction = _direction(inside, here)
    if inherited and direction == "ratio" and quantity is not None and quantity.start == 0:
        direction = _carried(found, i)  # 分别增长8.5%、9.5%
    value, unit = _value(direction, quantity, inside)
    comparator = "" if value is None else "=" if quantity is None else quantity.comparator
    return TargetRecord(
        document=document.id,
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


def _direction(inside: str, found: _Found) -> Direction:
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


def _carried(found: Sequence[_Found], i: int) -> Direction:
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


def _inherit(text: str, found: Sequence[_Found], i: int, bounds: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    """The indicator of the goal or statement before, with its place; an empty one when nothing is near."""
    here = found[i]
    for end in _clause_ends(text, bounds[0], here.start):
        start = max(text.rfind(mark, bounds[0], end) for mark in "，,；;：:、。\n") + 1
        start = max(start, bounds[0])
        for other in reversed(found[:i]):
            if other.start >= start and other.end <= end + 1 and other.reading.indicator:
                return other.reading.indicator, (other.start + other.reading.start, other.start + other.reading.end)
        clause = text[start:end]
        quantities = find_quantities(clause)
        if quantities:
            last: Quantity | None = quantities[-1]
            if clause.startswith("的", quantities[-1].end):  # 设立20亿元的应急转贷资金
                clause, start = clause[quantities[-1].end + 1 :], start + quantities[-1].end + 1
                last, quantities = None, []
            reading = read_indicator(clause, last, quantities)
            words = _TIMES.sub("", reading.indicator)
            dropped = len(reading.indicator) - len(words)
            words = _SINCE.sub("", words)
            if words:
                offset = start + reading.start + dropped
                return words, (offset, max(offset + 1, start + reading.end))
        elif end == here.start and (named := _NAMED.search(_TIMES.sub("", clause))):
            place = start + clause.index(named[0])
            return named[0], (place, place + len(named[0]))
    for other in reversed(found[:i]):
        if other.reading.indicator and "\n" not in text[other.end : here.start] and here.start - other.end < 60:
            return other.reading.indicator, (other.start + other.reading.start, other.start + other.reading.end)
    return "", (0, 0)


def _clause_ends(text: str, first: int, start: int) -> list[int]:
    """Ends of the clauses before ``start`` in its sentence, the nearest first, its own clause included."""
    return [start, *(j for j in range(start - 1, first, -1) if text[j] in "，,；;：:、")]


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    before = [match.end() for match in _SENTENCE.finditer(text, 0, start)]
    after = _SENTENCE.search(text, end)
    return (before[-1] if before else 0), (after.start() if after else len(text))


def _due(text: str, here: _Found, bounds: tuple[int, int], periods: Sequence[Period]) -> Period | None:
    """The time expression that governs the mention: the last one before it that may."""
    paragraph = text.rfind("\n", 0, here.start) + 1
    clause = max(text.rfind(mark, bounds[0], here.start) for mark in "，,；;：:") + 1
    before = text[bounds[0] : here.start]
    near = max(bounds[0], text.rfind("；", 0, here.start) + 1) if _AFTERWARDS.search(before) else paragraph
    every = _EVERY.search(text, max(here.start - 6, clause), here.end) is not None
    held: Period | None = None
    for period in periods:
        if period.start >= here.end:
            break
        if period.start < near or period.past or period.end > here.end:
            continue
        if period.point and period.start < clause:  # 8月开业: the date of another event
            continue
        if every and "-" not in period.value and period.start < clause:
            continue
        held = period
    return held
