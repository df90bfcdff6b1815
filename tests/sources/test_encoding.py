import codecs
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.errors import TopnerError
from topner.sources.encoding import codec_of, decode

SIMPLIFIED = "今年，全市力争地区生产总值增长５.５%以上，加快“赣深铁路”二期建设。\r\n"
TRADITIONAL = "今年，全市力爭地區生產總值增長5.5%以上，加快「贛深鐵路」二期建設。\r\n"


@pytest.mark.parametrize(
    ("data", "text", "name"),
    [
        (SIMPLIFIED.encode(), SIMPLIFIED, "UTF-8"),
        (codecs.BOM_UTF8 + "市𠮷😀".encode(), "市𠮷😀", "UTF-8"),
        (SIMPLIFIED.encode("gb18030"), SIMPLIFIED, "GB18030"),
        (TRADITIONAL.encode("gb18030"), TRADITIONAL, "GB18030"),
        (TRADITIONAL.encode("big5"), TRADITIONAL, "Big5"),
        (SIMPLIFIED.encode("utf-16"), SIMPLIFIED, "UTF-16"),
        (codecs.BOM_UTF16_BE + SIMPLIFIED.encode("utf-16-be"), SIMPLIFIED, "UTF-16"),
        (SIMPLIFIED.encode("utf-16-le"), SIMPLIFIED, "UTF-16"),
        (SIMPLIFIED.encode("utf-16-be"), SIMPLIFIED, "UTF-16"),
        ("plan 2026\n".encode("utf-16-le"), "plan 2026\n", "UTF-16"),
        (SIMPLIFIED.encode("utf-32"), SIMPLIFIED, "UTF-32"),
        (b"", "", "UTF-8"),
        (b"GDP 5%", "GDP 5%", "UTF-8"),
    ],
)
def test_what_is_written_is_read(data, text, name):
    found = decode(data)
    assert (found.text, found.encoding, found.lost, found.doubt) == (text, name, 0, "")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(SIMPLIFIED) - 12), st.integers(8, 12), st.sampled_from(["gb18030", "big5"]))
def test_a_few_characters_are_enough_or_there_is_doubt(start, length, codec):
    source = {"gb18030": SIMPLIFIED.replace("５.５", "5.5"), "big5": TRADITIONAL}[codec]
    text = source[start : start + length]
    found = decode(text.encode(codec))
    assert found.text == text or found.doubt


def test_doubt_is_told_where_two_encodings_fit():
    found = decode("库".encode("gb18030") + b"A")
    assert found.doubt
    found = decode("平文で書かれた計画です。水道と道路の工事を進めます。".encode("big5hkscs"))
    assert "uncommon" in found.doubt


def test_a_flaw_costs_a_character_not_the_file():
    cut_short = (SIMPLIFIED * 20).encode()[:-3]
    assert cut_short[-1:] != b"\n"
    found = decode(cut_short)
    assert (found.encoding, found.lost) == ("UTF-8", 1)
    broken = (SIMPLIFIED * 20).encode("gb18030")
    found = decode(broken[:400] + b"\xff" + broken[400:])
    assert found.encoding == "GB18030"
    assert 1 <= found.lost <= 2


def test_binary_is_no_text():
    noise = random.Random(3).randbytes(5000)
    for data in (noise, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + noise, b"\0" * 100, bytes(range(128, 256))):
        with pytest.raises(TopnerError, match="is no text in UTF-8"):
            decode(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_text_or_a_message(data):
    try:
        text = decode(data).text
    except TopnerError:
        return
    assert text.encode().decode() == text


def test_a_declared_encoding_is_taken_where_it_fits():
    assert decode("力争".encode("gbk"), declared="GB2312").text == "力争"
    assert decode("한국어".encode("euc-kr"), declared="euc-kr").text == "한국어"
    assert decode(SIMPLIFIED.encode("gb18030"), declared="utf-8").encoding == "GB18030"
    assert decode(SIMPLIFIED.encode(), declared="nonsense").encoding == "UTF-8"


def test_codecs_that_are_no_encodings_are_refused():
    assert [codec_of(name) for name in ("hex", "zip", "rot13", "no such", "", "a\0b")] == [None] * 6
    assert codec_of(" GBK ") == "gb18030"
