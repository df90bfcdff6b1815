import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.text.pinyin import SYLLABLES, Pinyin, read_pinyin, readings

MARKS = "\u0304\u0301\u030c\u0300"


@pytest.mark.parametrize(
    ("text", "letters", "tones"),
    [
        ("fā", "fa", 1),
        ("fa\u0304", "fa", 1),
        ("Zhǎng", "zhang", 1),
        ("shu", "shu", 0),
        ("lǜ", "lü", 1),
        ("lv", "lü", 0),
        ("nüè", "nüe", 1),
        ("lue", "lüe", 0),
        ("jǖ", "ju", 1),
        ("ɡuǎnɡ", "guang", 1),
        ("zhɑ̀n", "zhan", 1),
        (" er ", "er", 0),
        ("Běijīng", "beijing", 2),
        ("bó zhōu", "bo zhou", 2),
        ("Xī'ān", "xi'an", 2),
    ],
)
def test_pinyin_is_read(text: str, letters: str, tones: int) -> None:
    assert read_pinyin(text) == Pinyin(letters, tones)


@pytest.mark.parametrize("text", ["GDP", "R&D", "km", "shop", "café", "blue", "v", "", "5G", "发", "zhing", "PPP"])
def test_other_text_is_no_pinyin(text: str) -> None:
    assert read_pinyin(text) is None


def test_the_syllables_are_the_standard_ones() -> None:
    assert 400 <= len(SYLLABLES) <= 425
    assert {"a", "zhuang", "nü", "lüe", "shei", "dia", "ri", "weng", "jiong"} <= SYLLABLES
    initials = [*"bpmfdtnlgkhjqxrzcsyw", "zh", "ch", "sh"]
    for syllable in SYLLABLES:
        initial = max((i for i in initials if syllable.startswith(i)), key=len, default="")
        assert set(syllable[len(initial) :]) <= set("aeiouüngr"), syllable


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        ("啊", {"a"}),
        ("书", {"shu"}),
        ("吕", {"lü"}),
        ("略", {"lüe"}),
        ("长", {"chang", "zhang"}),
        ("行", {"xing", "hang"}),
        ("座", {"zuo"}),
        ("亍", set()),
        ("發", set()),
        ("𠮷", set()),
        ("a", set()),
        ("，", set()),
    ],
)
def test_readings(char: str, expected: set[str]) -> None:
    assert readings(char) == expected


@given(st.sampled_from(sorted(SYLLABLES)), st.sampled_from(MARKS), st.booleans(), st.booleans())
def test_every_syllable_reads_back(syllable: str, mark: str, composed: bool, capital: bool) -> None:
    vowel = next(i for i, char in enumerate(syllable) if char in "aeiouü")
    text = syllable[: vowel + 1] + mark + syllable[vowel + 1 :]
    text = unicodedata.normalize("NFC" if composed else "NFD", text)
    assert read_pinyin(text.capitalize() if capital else text) == Pinyin(syllable, 1)
    assert read_pinyin(syllable) == Pinyin(syllable, 0)
