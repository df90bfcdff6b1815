"""Numbers as Chinese policy text writes them, read exactly."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_FORMS = ("零〇○", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {char: value for value, chars in enumerate(_FORMS) for char in chars}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SCORES = {"廿": 20, "卅": 30}
_MYRIADS = {"万": 10**4, "亿": 10**8, "兆": 10**12}

_HAN = "".join((*_DIGITS, *_TENS, *_SCORES))
_ARABIC = r"[0-9０-９]+(?:[,，][0-9０-９]{3}(?![0-9０-９]))*(?:[.．][0-9０-９]+)?"
_TIMES = "(?:[十百]|千(?![瓦伏克米卡焦帕]))*"  # 千瓦 and 千米 are units
NUMERAL = rf"(?:{_ARABIC}(?: ?{_TIMES}[万亿]+|{_TIMES})|[{_HAN}万亿]+(?:点[{_HAN}]+[万亿]*)?)"
"""A regular expression for one number: 1.3万亿, 1,200, ５０, 一百零五, 千亿, 十二点五."""

_FULL = re.compile(NUMERAL)
_LONGEST = 40  # characters; what is longer is no number, and Python reads no integer of more than 4300 digits
_MOST = 10**30


def read_numeral(text: str) -> Fraction | None:
    """The value of a written number.

    A magnitude without a digit in front counts once (千亿 is 1000 × 10^8), and a last digit behind a magnitude without 零
    counts in the next lower place, as it is spoken (一万二 is 12000).

    Args:
        text: the number alone: Arabic (full-width, with separators), Chinese, or both (3千万).

    Returns:
        The exact value; ``None`` when the text is not a number, or one beyond all sense (above 10^30).
    """
    if len(text) > _LONGEST or not _FULL.fullmatch(text):
        return None
    value = _value(text)
    return value if value is None or value <= _MOST else None


def _value(text: str) -> Fraction | None:
    found = re.match(_ARABIC, text)
    if found:
        value = Fraction(re.sub("[,，]", "", unicodedata.normalize("NFKC", found[0])))
        for char in text[found.end() :].strip():
            value *= _TENS.get(char) or _MYRIADS[char]
        return value
    whole, _, decimals = text.partition("点")
    value = Fraction(_whole(whole))
    if decimals:
        digits = decimals.rstrip("万亿")
        if any(char not in _DIGITS for char in digits):
            return None
        value += Fraction(int("".join(str(_DIGITS[char]) for char in digits)), 10 ** len(digits))
        for char in decimals[len(digits) :]:
            value *= _MYRIADS[char]
    return value


def _whole(text: str) -> int:
    """A Chinese whole number, myriad by myriad from the left."""
    if all(char in _DIGITS for char in text):  # digit by digit: 二〇二五
        return int("".join(str(_DIGITS[char]) for char in text))
    for name in ("兆", "亿", "万"):
        place = text.rfind(name)
        if place >= 0:
            high = _whole(text[:place]) if place else 1
            rest = text[place + 1 :]
            low = 0
            if rest:
                low = _DIGITS[rest] * _MYRIADS[name] // 10 if len(rest) == 1 and rest in _DIGITS else _whole(rest)
            return high * _MYRIADS[name] + low
    total, digit, last = 0, None, 0
    for char in text:
        if char in _TENS:
            total += (1 if digit is None else digit) * _TENS[char]
            digit, last = None, _TENS[char]
        elif char in _SCORES:
            total, digit, last = total + _SCORES[char], None, 10
        elif _DIGITS[char] == 0:
            digit, last = None, 0  # after 零 the last digit is a one
        else:
            digit = (digit or 0) * 10 + _DIGITS[char]
    if digit is not None:
        total += digit * (last // 10 if last >= 100 else 1)
    return total
