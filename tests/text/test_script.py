import time

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.text.alignment import AlignedText
from topner.text.script import Scheme, simplify, simplify_character

SCHEMES: tuple[Scheme, ...] = ("t2s", "tw2s", "tw2sp", "hk2s")
REFERENCE = {scheme: opencc.OpenCC(scheme) for scheme in SCHEMES}
WORDS = """
乾隆 著名 於是 徵收 象徵 瞭解 記憶體 硬體 滑鼠 程式設計 印表機 伺服器 網路 資訊 臺灣 埠 發展 后 乾 著 裡 檯 IP位址 軟 體
滑 鼠 发展 改革 江门市 ， 。 “ ” ( ) GDP 5G 𠮷 😀
"""
PIECES = [*WORDS.split(), "\n", "\t", " "]


def simplified(text: str, scheme: Scheme = "t2s") -> AlignedText:
    return AlignedText.of(text).apply(simplify(text, scheme))


def test_whole_words() -> None:
    assert simplified("乾隆著名於是徵收瞭解象徵髮展發展").text == "乾隆著名于是征收了解象征发展发展"


def test_simplified_text_gives_no_edits() -> None:
    assert list(simplify("江门市发展和改革局，推动“百千万工程”𠮷😀\n")) == []
    assert list(simplify("")) == []


def test_one_to_one_where_lengths_agree() -> None:
    aligned = simplified("江門市發展和改革局")
    assert [aligned.raw_span(i, i + 1) for i in range(9)] == [(i, i + 1) for i in range(9)]


def test_a_phrase_that_shrinks_is_a_block_and_its_neighbours_are_not() -> None:
    aligned = simplified("購置記憶體與滑鼠，發展埠岸", "tw2sp")
    assert aligned.text == "购置内存与鼠标，发展端口岸"
    raw_of = {char: aligned.raw[slice(*aligned.raw_span(i, i + 1))] for i, char in enumerate(aligned.text)}
    assert raw_of["置"] == "置"
    assert raw_of["内"] == raw_of["存"] == "記憶體"
    assert raw_of["与"] == "與"
    assert aligned.raw[slice(*aligned.raw_span(5, 7))] == "滑鼠"
    assert raw_of["发"] == "發"
    assert raw_of["端"] == raw_of["口"] == "埠"
    assert raw_of["岸"] == "岸"


def test_lone_surrogates_and_nul_pass() -> None:
    for scheme in SCHEMES:
        assert simplified("發\ud83d展\ufffd\x00長", scheme).text == "发\ud83d展\ufffd\x00长"


def test_one_character() -> None:
    assert simplify_character("發") == "发"
    assert simplify_character("𠮷") == "𠮷"


@given(st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from(SCHEMES))
def test_the_result_is_opencc_s_own(pieces: list[str], scheme: Scheme) -> None:
    text = "".join(pieces)
    aligned = simplified(text, scheme)
    assert aligned.text == REFERENCE[scheme].convert(text)
    for char, start, end in zip(aligned.text, aligned.starts, aligned.ends, strict=True):
        if char in "，。“”()GDP5𠮷😀\n\t江门":  # nothing that any dictionary holds: exact to the character
            assert (text[start:end], end) == (char, start + 1)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40))
def test_any_text(text: str) -> None:
    assert simplified(text, "tw2sp").text == REFERENCE["tw2sp"].convert(text)


@pytest.mark.parametrize("scheme", ["t2s", "tw2sp"])
def test_a_long_text_takes_seconds(scheme: Scheme) -> None:
    text = "江門市發展和改革局購置記憶體與滑鼠，瞭解乾隆年間著名工程，" * 3_500
    started = time.perf_counter()
    aligned = simplified(text, scheme)
    assert time.perf_counter() - started < 15
    assert aligned.text == REFERENCE[scheme].convert(text)
