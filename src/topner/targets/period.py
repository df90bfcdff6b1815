"""When a target is due: time expressions, resolved with the document's year."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from topner.targets.numeral import NUMERAL, read_numeral


@dataclass(frozen=True, slots=True)
class Period:
    """A time expression with what it means.

    Attributes:
        start: first code point in the text it was found in.
        end: one past its last.
        value: ``2025``, ``2021-2025``, ``2024H1``, ``2024Q1``, ``2024-06``; empty when it cannot be
            resolved (a season, a holiday).
        past: it speaks of a time that is over, or that is only compared with.
        point: a month without a year, which dates the event it stands with and nothing after it.
        part: a quarter or half without a year, a season, or a date alone in its clause (从3月起，), which dates nothing
            behind the next semicolon.
        bare: a number of years in the middle of a clause, which is as often a duration (托管三年).
    """

    start: int
    end: int
    value: str
    past: bool = False
    point: bool = False
    part: bool = False
    bare: bool = False


_FIVE = {"九": 1996, "十": 2001, "十一": 2006, "十二": 2011, "十三": 2016, "十四": 2021, "十五": 2026, "十六": 2031}
_RELATIVE = {"今年": 0, "新的一年": 0, "本年度": 0, "本年": 0, "全年": 0, "年内": 0, "年底": 0, "年末": 0, "年终": 0,
             "当年": 0, "年度": 0, "今春": 0, "今夏": 0, "今秋": 0, "明年": 1, "来年": 1,
             "后年": 2, "去年": -1, "上年": -1, "前年": -2}  # fmt: skip
_PART = r"(?P<q{0}>[一二三四1-4])季度|(?P<h{0}>[上下])半年"
_DAY = r"(?:[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})[日号]"
_MONTH = rf"(?P<{{0}}>[0-9]{{{{1,2}}}}|十[一二]?|[一二三四五六七八九])月(?:份|[底末初中上下]旬?|{_DAY})?"
_YEAR_TAIL = r"(?:\s?年(?:底|末|初|度|内|中)?)"
_NAMED = sorted(_RELATIVE.keys() - {"后年"}, key=len, reverse=True)
_PATTERN = re.compile(
    r"[“\"]?(?P<five>十[一二三四五六]?|九)五[”\"]?(?P<fivepart>末|期末|规划期末|的?(?:收官|收尾)之?年|收官|的?(?:头一|首|第[一二三四五])年|的?(?:开局|起步|起跑)之?年|初|期间|时期"
    r"|规划期|以来)?"
    rf"|(?P<y1>(?:19|20)[0-9]{{2}})年?[-—–~～至到]+(?P<y2>(?:19|20)?[0-9]{{2}}){_YEAR_TAIL}"
    rf"|(?P<y>(?:19|20)[0-9]{{2}}){_YEAR_TAIL}(?:{_MONTH.format('m1')}|{_PART.format(1)})?"
    rf"|(?P<r>{'|'.join(_NAMED)}|(?<![成产用营运工])后年|下一年(?=[，,])|次年(?=[0-9一二三四五六七八九十]+月))"
    rf"(?:{_MONTH.format('m2')}|{_PART.format(2)})?"
    rf"|(?P<ahead>未来|今后|往后|接下来)?(?P<n>{NUMERAL})年(?P<npart>内|之内|以内|间|后|之后|以后|里)?(?=[，,。；、：\s]|[^前来多级\d])"
    r"|(?P<two>今明|明后)两年|规划期(?P<plan>末|内)?"
    r"|(?P<first>首年|头一年)"
    r"|(?P<season>春节|春耕|秋收|花季|雨季|元旦|国庆|五一|中秋|入冬|开春|冰雪季|雪季|供暖季|采暖季|旺季|主汛期|汛期|今冬明春|今冬|次年|第[二三四五]年)(?:前|期间)?"
    rf"|{_PART.format(3)}|(?<![0-9个]){_MONTH.format('m3')}(?!龄|饼)"
)  # fmt: skip

_PLAN = re.compile(r"(?P<first>20\d\d)年?[-—–~～至到]+(?P<last>20\d\d)年|[“\"](?P<five>十[一二三四五六]?)五[”\"]")
_COMPARED = re.compile("(?:[低高快慢优多少大小]于|比|较|截至|截止|自|从)$")
_ONWARD = re.compile("^(?:元旦|年?初)?起")
_ALONE = re.compile("(?:之?前|起)?[，,]")
_SINCE = re.compile("^[^，,。；]{0,4}以来")
_HEAD = re.compile("(?:^|[^\\w”])[到至从自在于]?$")
_EVERY = re.compile("每(?:个)?(?:年|季度|月|周|天|日)")
_AFTERWARDS = re.compile(
    r"[一-龥](?<![今往此前先最])(?:以后|之后|后)(?:[，,]|$|(?=[可将预年日月每亩户地村新吸带形集实累]))"
)


def find_periods(text: str, year: int | None, plan: tuple[int, int] | None = None) -> list[Period]:
    """The time expressions of a text, by position.

    Args:
        text: clean text.
        year: the document's year; relative expressions cannot be resolved without one.
        plan: first and last year of the plan that the document is, for 规划期内.
    """
    found = [period for match in _PATTERN.finditer(text) if (period := _read(match, text, year, plan)) is not None]
    periods = []
    for p in _joined(found, text):
        then = p.point and p.value != "" and _ALONE.match(text, p.end) is not None
        then = then and _HEAD.search(text, max(0, p.start - 2), p.start) is not None
        periods.append(replace(p, point=p.point and not then, part=p.part or then, past=_over(p, text)))
    return periods


def governing(periods: Sequence[Period], text: str, span: tuple[int, int], sentence: tuple[int, int]) -> Period | None:
    """The time expression that governs a mention: the last one before or in it that may.

    Behind an event (建成后，) only the mention's own sentence counts, else its line.

    Args:
        periods: of the whole text, by position.
        text: the clean text.
        span: of the mention.
        sentence: it stands in.
    """
    start, end = span
    clause = max(sentence[0], *(text.rfind(mark, sentence[0], start) + 1 for mark in "，,；;：:"))
    stretch = max(sentence[0], *(text.rfind(mark, sentence[0], start) + 1 for mark in "；;"))
    line = text.rfind("\n", 0, start) + 1
    near = sentence[0] if _AFTERWARDS.search(text[sentence[0] : start]) else line
    every = _EVERY.search(text, max(start - 6, clause), end) is not None
    for i in range(bisect_left(periods, end, key=lambda period: period.start) - 1, -1, -1):
        period = periods[i]
        if period.start < near:
            return None
        if period.past or period.end > end or (period.bare and start not in (period.start, period.end)):
            continue
        before = period.start < clause
        if before and (period.point or (every and "-" not in period.value)):  # 8月开业: the date of another event
            continue
        if period.part and period.start < stretch:
            continue
        return period
    return None


def _over(period: Period, text: str) -> bool:
    if period.past or _SINCE.match(text[period.end : period.end + 6]):
        return True
    found = _COMPARED.search(text[max(0, period.start - 3) : period.start])
    return found is not None and not (found[0] in "自从" and _onward(period, text))


def _onward(period: Period, text: str) -> bool:
    return _ONWARD.match(text[period.end : period.end + 3]) is not None


def _joined(found: list[Period], text: str) -> list[Period]:
    """2018年下半年至2021年上半年 is one span of time."""
    joined: list[Period] = []
    for period in found:
        last = joined[-1] if joined else None
        if (
            last
            and text[last.end : period.start] in ("至", "到", "—", "-", "~")
            and "-" not in last.value + period.value
        ):
            joined[-1] = Period(last.start, period.end, f"{last.value}-{period.value}", period.past)
        else:
            joined.append(period)
    return joined


def plan_years(head: str) -> tuple[int, int] | None:
    """The years a plan is for, as its title says them (2021—2025年, “十四五”规划); ``None`` when it says none.

    Args:
        head: the title.
    """
    found = _PLAN.search(head)
    if found is None or found["five"] not in (None, *_FIVE):
        return None
    first = _FIVE[found["five"]] if found["five"] else int(found["first"])
    return first, int(found["last"] or first + 4)


def _read(match: re.Match[str], text: str, year: int | None, plan: tuple[int, int] | None) -> Period | None:
    g = match.groupdict()
    start, end = match.span()
    if match[0].startswith("规划期"):
        return plan and Period(start, end, str(plan[1]) if g["plan"] == "末" else f"{plan[0]}-{plan[1]}")
    if g["five"]:
        return _five(match, year)
    if g["season"]:
        dated = re.search(r"(?:进入|今年|明年|后年|本年|\d年)$", text[max(0, start - 3) : start])
        return None if dated else Period(start, end, "", part=not re.match("次|第", g["season"]))
    if g["y1"]:
        last_year = g["y2"] if len(g["y2"]) == 4 else g["y1"][:2] + g["y2"]
        return Period(start, end, f"{g['y1']}-{last_year}", year is not None and int(last_year) < year)
    if g["y"]:
        due = int(g["y"])
        return Period(start, end, _within(due, g["m1"], g["q1"], g["h1"]), year is not None and due < year)
    if year is None:
        return None
    if g["two"]:
        first = year + (g["two"] == "明后")
        return Period(start, end, f"{first}-{first + 1}")
    if g["first"]:
        return Period(start, end, "" if text[max(0, start - 1) : start] in tuple("后产成用营运通业") else str(year))
    if g["r"]:
        ahead = _RELATIVE.get(g["r"], 1)
        return Period(start, end, _within(year + ahead, g["m2"], g["q2"], g["h2"]), ahead < 0)
    if g["n"]:
        return _years(match, text, year)
    return Period(
        start, end, _within(year, g["m3"], g["q3"], g["h3"]), point=bool(g["m3"]), part=bool(g["q3"] or g["h3"])
    )


def _five(match: re.Match[str], year: int | None) -> Period | None:
    first, part = _FIVE.get(match["five"]), match["fivepart"] or ""
    if first is None or (match["five"] in ("十", "九") and not re.search('[“"]', match[0])):
        return None
    last = first + 4
    value = f"{last}" if re.search("末|收", part) else f"{first}" if part.endswith("年") else f"{first}-{last}"
    if nth := re.search("第([二三四五])年", part):
        value = str(first + "一二三四五".index(nth[1]))
    return Period(*match.span(), value, year is not None and (last < year or part == "以来"))


def _years(match: re.Match[str], text: str, year: int) -> Period | None:
    """三年, 三年内, 三年后; not 第三年, 近三年, 5至7年."""
    count = read_numeral(match["n"])
    before = text[max(0, match.start() - 1) : match.start()]
    if count is None or count.denominator != 1 or not 1 <= count <= 30 or before in tuple("第过近每至到—-~满续"):
        return None
    if before == "后":  # 投产后三年内
        return Period(*match.span(), "")
    if match["npart"] in ("后", "之后", "以后"):
        return Period(*match.span(), str(year + int(count)))
    bare = (
        not (match["ahead"] or match["npart"] or text.startswith("时间", match.end()))
        and re.match(r"\w", before) is not None
    )
    return Period(*match.span(), str(year) if count == 1 else f"{year}-{year + int(count) - 1}", bare=bare)


def _within(year: int, month: str | None, quarter: str | None, half: str | None) -> str:
    if month:
        number = read_numeral(month)
        return f"{year}-{int(number):02}" if number and 1 <= number <= 12 else str(year)
    if quarter:
        return f"{year}Q{int(read_numeral(quarter) or 0)}"
    return f"{year}{'H1' if half == '上' else 'H2'}" if half else str(year)
