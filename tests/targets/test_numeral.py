from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.targets.numeral import read_numeral

DIGITS = "零一二三四五六七八九"


def written(number):
    """A whole number below 10^12 in Chinese, as it is read aloud."""
    if number >= 10**8:
        high, low = divmod(number, 10**8)
        return written(high) + "亿" + _rest(low, 10**7)
    if number >= 10**4:
        high, low = divmod(number, 10**4)
        return written(high) + "万" + _rest(low, 10**3)
    text, zero = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return text or "零"


def _rest(low, full):
    return "" if not low else ("零" if low < full else "") + written(low)


@given(st.integers(1, 10**12 - 1))
def test_whole_numbers_read_back(number):
    assert read_numeral(written(number)) == number


@given(st.decimals(0, 10**6, places=3), st.sampled_from(["", "万", "亿", "千万", "万亿"]))
def test_decimals_with_magnitudes_are_exact(number, magnitude):
    sizes = {"": 1, "万": 10**4, "亿": 10**8, "千万": 10**7, "万亿": 10**12}
    assert read_numeral(f"{number:f}{magnitude}") == Fraction(number) * sizes[magnitude]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一万二", 12000),
        ("一千三百亿", 1300 * 10**8),
        ("二〇二五", 2025),
        ("廿五", 25),
        ("百", 100),
        ("千亿", 10**11),
        ("十二点五亿", 1250000000),
        ("１，２００", 1200),
        ("1,234.5", Fraction("1234.5")),
        ("3.2 万", 32000),
        ("两千零五", 2005),
    ],
)
def test_forms(text, value):
    assert read_numeral(text) == value


@pytest.mark.parametrize("text", ["", "亩", "五个", "一点点", "1.2.3", "𠮷"])
def test_what_is_no_number(text):
    assert read_numeral(text) is None


@pytest.mark.parametrize(
    "text", ["1" * 41, "1" * 5000, "零" * 5000, "万" * 5000, "亿亿亿亿亿", "1亿亿亿亿", "一点" + "五" * 5000]
)
def test_numbers_beyond_all_sense(text):
    assert read_numeral(text) is None


def test_the_greatest_number_is_still_exact():
    assert read_numeral("1" + "0" * 30) == 10**30
    assert read_numeral("九千九百九十九万亿") == 9999 * 10**12
