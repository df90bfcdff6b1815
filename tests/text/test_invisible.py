import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.text.alignment import AlignedText
from topner.text.invisible import drop_invisible


def visible(text: str) -> str:
    return AlignedText.of(text).apply(drop_invisible(text)).text


@pytest.mark.parametrize(
    "char",
    [
        "\u200b",
        "\u200c",
        "\u200d",
        "\u200e",
        "\u2060",
        "\ufeff",
        "\xad",
        "\u202e",
        "\u2066",
        "\x00",
        "\x07",
        "\x7f",
        "\x9f",
    ],
)
def test_invisible_characters_go(char: str) -> None:
    assert visible(f"{char}发{char}{char}展{char}") == "发展"


def test_variation_selectors_and_lone_surrogates_go() -> None:
    assert visible("葛\U000e0100城\ufe0f\ud83d区") == "葛城区"


def test_whitespace_and_everything_seen_stays() -> None:
    text = "发展\t改革\r\n“𠮷”😀e\u0301\u3000\xa0\x0b\x0c\x85\u2028？\ufffd"
    assert visible(text) == text


def test_offsets() -> None:
    raw = "\ufeff江\u200b门\u200b市"
    aligned = AlignedText.of(raw).apply(drop_invisible(raw))
    assert aligned.raw_span(0, 2) == (1, 4)


@given(st.text(alphabet=st.characters(codec=None), max_size=30))
def test_idempotent_and_writable(text: str) -> None:
    clean = visible(text)
    assert visible(clean) == clean
    clean.encode("utf-8")
