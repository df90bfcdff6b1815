"""Quantities in Chinese text: number, unit, and how it binds."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from topner.targets.numeral import NUMERAL, read_numeral
from topner.targets.units import UNIT, base_unit

Comparator = Literal["", "=", ">=", ">", "<=", "<", "about", "between"]
Shape = Literal["plain", "zero", "grade", "share", "doubling", "multiple", "rank", "quotient"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity.

    Attributes:
        start: first code point of the whole expression, its comparator included.
        end: one past its last.
        value: in the base unit, exact; the lower one of a range; ``None`` where none is said (前列, 若干).
        high: the upper value of a range.
        unit: base unit; empty when there is none.
        comparator: how the value binds; empty without a value.
        shape: ``plain`` number; ``zero`` (零投诉); ``grade`` (Ⅲ类); ``share`` in percent (also 成, fraction, 过半);
            ``doubling`` (翻番, in percent);
            ``multiple`` (1.5倍); ``rank`` (前10位, 50强); ``quotient`` (1:1.2).
        implied: the unit was not written.
    """

    start: int
    end: int
    value: Fraction | None
    high: Fraction | None = None
    unit: str = ""
    comparator: Comparator = "="
    shape: Shape = "plain"
    implied: bool = False


_BEFORE: tuple[tuple[str, Comparator], ...] = (
    ("不低于|不少于|不小于|不下于|至少|最少|起码|达到或超过", ">="),
    ("不超过|不高于|不迟于|不晚于|不大于|不多于|至多|最多|不突破|控制在|限制在", "<="),
    ("超过|超出|突破|高于|大于|多于|跨越|跨上|迈过|迈上|冲上|登上|跃上|超|过|逾|破|冲破", ">"),
    ("低于|少于|小于|不足|不到|未满", "<"),
    ("大约|大概|约为|(?<![签合条预节制])约|接近|将近|近|逼近", "about"),
    ("上", ">="),
)
_AFTER: tuple[tuple[str, Comparator], ...] = (
    ("出头", ">"),
    ("及以上|或以上|以上|之上|起步|\\+|＋", ">="),
    ("及以下|或以下|以下|以内|之内|内", "<="),
    ("左右|上下|前后", "about"),
)
_PREFIX = "|".join(words for words, _ in _BEFORE)
_SUFFIX = "|".join(words for words, _ in _AFTER)
_DASH = "[-－—–~～至到]+"

_NO_TENTH = "立果为本效品员功熟长都交套型片份形像就渝人"  # 成立, 成果, ...: no tenths
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("double", rf"翻(?P<n>{NUMERAL})?番(?P<suf>{_SUFFIX})?"),
        (
            "rank",
            rf"前(?P<n>{NUMERAL})(?:名|位|强)?|第(?P<o>{NUMERAL})(?:位|名)?"
            r"|(?P<s>[0-9０-９]+|[一二三四五六七八九]?[十百千])强",
        ),
        ("digits", r"(?P<n>[两双三3])位数"),
        ("grade", r"(?P<n>[Ⅰ-Ⅴ]|I{1,3}|IV|V|(?<=达到)[一二三四五]|(?<=保持)[一二三四五])类"),
        (
            "zero",
            r"(?<![零一二三四五六七八九十百千万亿])零(?=增长|火点|火情|投诉|事故|上访|伤亡|死亡|差错|上升|新增|发生|感染|排放|[一-龥]{2}$)",
        ),
        (
            "half",
            r"(?:过|超|超过|突破|达到?)?(?:一半|半数|半)(?![年月岛导径程天自数]|成品|小时)(?P<suf>以上|左右)?",
        ),
        ("span", rf"(?:(?P<n>{NUMERAL})个)?(?<![上下])半(?P<u>小时|年|天|个?月)(?P<suf>{_SUFFIX})?"),
        (
            "pair",
            rf"(?P<a>[一二三四五六七八])(?P<b>[二三四五六七八九])(?P<mag>[十百千万亿]*)(?P<u>成|{UNIT})(?P<suf>{_SUFFIX})?",
        ),
        ("pair", rf"(?P<a>两)(?P<b>三)(?P<mag>[十百千万亿]*)(?P<u>成|{UNIT})(?P<suf>{_SUFFIX})?"),
        ("fraction", rf"(?P<b>{NUMERAL})分之(?P<a>{NUMERAL})(?P<suf>{_SUFFIX})?"),
        (
            "tenths",
            rf"(?P<n>{NUMERAL})(?:{_DASH}(?P<m>{NUMERAL}))?成"
            rf"(?P<f>[半一二三四五六七八九](?![成万千百十个项家元]))?(?![{_NO_TENTH}])(?P<suf>{_SUFFIX})?",
        ),
        ("quotient", rf"(?P<a>{NUMERAL})(?:[:：∶]|比(?!例|重|较))(?P<b>{NUMERAL})(?![%％个])"),
        (
            "plain",
            rf"(?P<sign>[-－−±]|零下)?(?P<n>{NUMERAL})(?:(?P<more>[多余来几])(?P<mag>[万亿]*))?"
            rf"(?P<u1>[%％‰]|{UNIT}(?={_DASH}[0-9０-９]))?(?:{_DASH}(?P<m>{NUMERAL})(?P<more2>[多余])?)?"
            rf"(?P<plus>[+＋])?\s?(?P<u>[%％‰]|百分点|{UNIT}|[一-龥](?<![多余来的左以上下内约])(?=$))?(?P<suf>{_SUFFIX})?",
        ),
    )
)
_LEAD = re.compile(rf"(?:{_PREFIX})(?:了|到|至|在)?\s?$")
_YEAR = re.compile(
    r"(?:19|20|２０)[0-9０-９]{2}(?=年|[-—–~～至]+(?:20)?[0-9]{2}年)|[0-9０-９]{1,2}月(?:[0-9０-９]{1,2}日)?(?!龄)|[0-9]{1,2}日(?=前|$)"
)
_QUOTED = re.compile(r"[“‘\"《〈][^“”‘’\"《》〈〉]*[”’\"》〉]")
_SET_PHRASES = re.compile(
    "一带一路|一村一品|一县一业|一镇一业|一事一议|一站式|一网通办|一件事|两新|两重|三农|三北|双一流|一体化|一二三产"
)
_ENDLESS = re.compile(
    "[0-9０-９零〇○一壹二两贰三叁四肆五伍六陆七柒八捌九玖十拾百佰千仟廿卅万亿兆点,，.．至到~～—–－-]{80,}"
)
_HAN_ONLY = re.compile(r"[^0-9０-９]+")
_PERCENT = Fraction(100)
_PAIRS = ("一二", "二三", "两三", "三四", "三五", "四五", "五六", "六七", "七八", "八九")
_GRADES = ("I", "II", "III", "IV", "V", "一", "二", "三", "四", "五")
_OF_BASE = re.compile(rf"(?P<lead>{_PREFIX})[^，,。；;、\d]{{2,10}}的$")


def find_quantities(text: str) -> list[Quantity]:
    """The quantities of a stretch of text, by position, not overlapping.

    Dates, ordinals without a rank (一是), numbers in quotation marks without a unit (“十四五”) and numbers inside names (5G, 4A,
    PM2.5) are passed over.

    Args:
        text: a mention or a clause.
    """
    text = _ENDLESS.sub(lambda run: "\0" * len(run[0]), text)  # no quantity, and tried from each of its characters
    taken = [False] * len(text)
    for match in _YEAR.finditer(text):
        taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    for match in _SET_PHRASES.finditer(text):
        taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    for match in _QUOTED.finditer(text):
        if not re.search(rf"[0-9]\s*(?:{UNIT}|[%％])|[百千万]亿", match[0]):
            taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    found: list[Quantity] = []
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            quantity = _read(name, match, text)
            if quantity is not None:
                if any(taken[quantity.start : start]):  # what stands in front belongs to the quantity before
                    quantity = replace(quantity, start=start)
                taken[quantity.start : quantity.end] = [True] * (quantity.end - quantity.start)
                found.append(quantity)
    return sorted(found, key=lambda quantity: quantity.start)


def _read(name: str, match: re.Match[str], text: str) -> Quantity | None:
    groups = match.groupdict()
    start, end = match.span()
    lead, before = _before(text, start)
    if name == "double":
        times = read_numeral(groups["n"]) if groups["n"] else Fraction(1)
        if times is None or times.denominator != 1 or not 0 < times < 20:
            return None
        return _of(lead, end, (2 ** int(times) - 1) * _PERCENT, "%", before, groups, "doubling")
    if name == "rank":
        number = groups["n"] or groups["o"] or groups["s"]
        value = read_numeral(number)
        if groups["o"] and not re.match(r"(?:位|名)", text[match.end("o") : match.end("o") + 1]):
            return None
        if groups["n"] and not re.match(r"(?:名|位|强|$|[^\w])", text[match.end("n") : match.end("n") + 1]):
            return None
        return Quantity(start, end, value, None, "", "<=", "rank")
    if name == "digits":
        return Quantity(lead, end, Fraction(100 if groups["n"] in "三3" else 10), None, "%", ">=", "share")
    if name == "grade":
        return Quantity(
            start,
            end,
            Fraction(_GRADES.index(unicodedata.normalize("NFKC", groups["n"])) % 5 + 1),
            None,
            "类",
            before or "=",
            "grade",
        )
    if name == "zero":
        return Quantity(start, end, Fraction(0), None, "%" if text.startswith("增长", end) else "", "=", "zero")
    if name == "half":
        past = re.match("过|超|突破", match[0])
        if match[0] == "半" or text[max(start - 1, 0) : start] in tuple("两大小上下另"):
            return None
        comparator: Comparator = (
            ">=" if groups["suf"] == "以上" else "about" if groups["suf"] else ">" if past else before or "="
        )
        return Quantity(lead, end, Fraction(50), None, "%", comparator, "share")
    if name == "span":
        number = read_numeral(groups["n"]) if groups["n"] else Fraction(0)
        unit = "个月" if groups["u"] == "月" else groups["u"]
        return None if number is None else _of(lead, end, number + Fraction(1, 2), unit, before, groups, "plain")
    if name == "pair":
        return _pair(match, lead)
    if name == "fraction":
        over, under = read_numeral(groups["a"]), read_numeral(groups["b"])
        return None if over is None or not under else _of(lead, end, over / under * 100, "%", before, groups, "share")
    if name == "tenths":
        return _tenths(match, lead, before)
    if name == "quotient":
        left, right = read_numeral(groups["a"]), read_numeral(groups["b"])
        if not left or right is None:
            return None
        value = left if right == 1 else right / left
        return Quantity(lead, end, value, None, "", before or "=", "quotient")
    return _plain(match, text, lead, before)


def _tenths(match: re.Match[str], lead: int, before: Comparator) -> Quantity | None:
    groups = match.groupdict()
    value = read_numeral(groups["n"])
    if value is None or value > 10:
        return None
    tail = groups["f"]
    more = Fraction(0) if not tail else Fraction(5) if tail == "半" else Fraction(read_numeral(tail) or 0)
    high = read_numeral(groups["m"]) if groups["m"] else None
    return _of(lead, match.end(), value * 10 + more, "%", before, groups, "share", None if high is None else high * 10)


def _pair(match: re.Match[str], lead: int) -> Quantity | None:
    """三五家, 七八百人: two neighbouring digits stand for a range."""
    low, high = (read_numeral(match[name] + match["mag"]) for name in "ab")
    if low is None or high is None or not (high > low and match["a"] + match["b"] in _PAIRS):
        return None
    tenths = match["u"] == "成"
    factor = 10 if tenths else 1
    unit = "%" if tenths else base_unit(match["u"])
    return Quantity(lead, match.end(), low * factor, high * factor, unit, "between", "share" if tenths else "plain")


def _plain(match: re.Match[str], text: str, lead: int, before: Comparator) -> Quantity | None:
    groups = match.groupdict()
    start, end = match.span()
    unit = base_unit(groups["u"] or groups["u1"] or "")
    number = groups["n"]
    value = read_numeral(number)
    if groups["mag"] and value is not None:
        value *= read_numeral(groups["mag"]) or 1
        number += groups["mag"]
    if unit == "级" and re.search("[万亿]$", number):  # 千亿级: a size, not a grade
        unit = ""
    if groups["u"] == "批" and number == "一":
        return None
    if value is None or _in_a_name(text, match, unit) or _some(text, start):
        return None
    if (
        _HAN_ONLY.fullmatch(number)
        and (not unit or (len(number) == 1 and not re.fullmatch(UNIT, groups["u"] or groups["u1"] or "")))
        and not re.search("[亿万]", number)
    ):
        return None
    high = read_numeral(groups["m"]) if groups["m"] else None
    if high is not None:
        value = _same_magnitude(value, number, groups["m"])
    implied = False
    if not unit and re.search("亿$", groups["m"] or number):
        unit, implied = "元", True
    shape: Shape = "share" if unit in ("%", "‰") else "multiple" if unit == "倍" else "plain"
    if (
        groups["sign"]
        and groups["sign"] != "±"
        and not re.search("[0-9０-９%％A-Za-z]$", text[max(0, start - 2) : start])
    ):
        value = -value
    more = groups["more"] or groups["more2"]
    comparator = before or (">=" if groups["plus"] else ">" if more in ("多", "余", "几") else "about" if more else "")
    if _HAN_ONLY.fullmatch(number) and len(number) == 1 and not unit:
        return None
    return _of(lead, end, value, unit, comparator, groups, shape, high, implied)


def _some(text: str, start: int) -> bool:
    """数十家, 几百人: no number."""
    return text[max(start - 1, 0) : start] in ("数", "几") and text[start] in "十百千万亿"


def _of(
    start: int,
    end: int,
    value: Fraction | int,
    unit: str,
    before: Comparator,
    groups: dict[str, str | None],
    shape: Shape,
    high: Fraction | None = None,
    implied: bool = False,
) -> Quantity:
    after = _comparator(_AFTER, groups.get("suf"))
    comparator = "between" if high is not None else after or before or "="
    return Quantity(start, end, Fraction(value), high, unit, comparator, shape, implied)


def _before(text: str, start: int) -> tuple[int, Comparator]:
    """Where the expression begins with the comparator in front of ``start``, and which it is."""
    found = _LEAD.search(text[max(0, start - 8) : start])
    if not found:
        at_least = re.search(r"(?:至少|最少|起码)[^，,。；;、\d]{1,4}$", text[max(0, start - 7) : start])
        if at_least:  # 至少建成1个
            return start, ">="
        of_base = _OF_BASE.search(text[max(0, start - 16) : start])
        if of_base and len(of_base["lead"]) > 1:  # 不低于年度计划的110%
            return start - len(of_base[0]), _comparator(_BEFORE, of_base["lead"])
        return start, ""
    full = found[0].rstrip()
    word = re.sub("[了到至在]$", "", full) or full
    comparator = _comparator(_BEFORE, full) or _comparator(_BEFORE, word)
    place = start - len(found[0])
    if word == "上" and text[start] not in "十百千万亿":  # 上两条灌装线
        return start, ""
    if word in ("过", "上", "破") and place and text[place - 1] in "通经超越路船渡大海网桥跨新":
        return start, ""
    return place, comparator


def _comparator(table: tuple[tuple[str, Comparator], ...], word: str | None) -> Comparator:
    if not word:
        return ""
    return next((comparator for words, comparator in table if re.fullmatch(words, word)), "")


def _same_magnitude(value: Fraction, low: str, high: str) -> Fraction:
    """The lower value of 6—8万: a magnitude behind the upper number alone is meant for both."""
    tail = re.search("[十百千万亿]*$", high)
    if tail and tail[0] and not re.search("[十百千万亿]$", low) and re.search("[0-9０-９]", high):
        return value * (read_numeral(tail[0]) or 1)
    return value


def _in_a_name(text: str, match: re.Match[str], unit: str) -> bool:
    """5G, 4A级, PM2.5, K12, 一带一路: a number that is a part of a word."""
    before, after = text[max(0, match.start("n") - 4) : match.start("n")], text[match.end("n") : match.end("n") + 4]
    if re.search("[A-Za-z.]$", before) and not unit:
        return True
    if not unit and re.match("工程|高校|热线|计划|行动|项目", after):  # 985工程
        return True
    if re.match(r"[A-Z](?![A-Za-z]|/)", after) or re.match("(?:号|号线|期工程|A级|线城市)", after):
        return True
    return bool(re.search("第$|PM$|十[一二三四五]?“$", before))
