import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.text.alignment import AlignedText
from topner.text.ruby import drop_ruby

ARTICLE = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "article.txt"
needs_article = pytest.mark.skipif(not ARTICLE.exists(), reason="the scraped page in ../shared is not here")


def dropped(text: str) -> str:
    return AlignedText.of(text).apply(drop_ruby(text)).text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("市發(fā)展改革局黨組書(shū)記、局長(zhǎng)劉長(zhǎng)虹", "市發展改革局黨組書記、局長劉長虹"),
        ("發（fā）展", "發展"),
        ("發(fa\u0304)展", "發展"),
        ("發( fā )展", "發展"),
        ("發(Fā)展", "發展"),
        ("綠(lǜ)色，綠(lu\u0308\u0300)色", "綠色，綠色"),
        ("書(shu)記", "書記"),
        ("局長(zhang)，會(hui)計(kuai)", "局長，會計(kuai)"),
        ("我們(men)的(de)綠(lv)色", "我們的綠色"),
        ("各縣(市、區(qū))重點(diǎn)", "各縣(市、區)重點"),
        ("圩(xū)镇建设", "圩镇建设"),
        ("亳州(Bózhōu)市", "亳州市"),
        ("𠮷(jí)林", "𠮷林"),
        ("發(fā)(fā)展", "發展"),
    ],
)
def test_ruby_goes(raw: str, clean: str) -> None:
    assert dropped(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("美麗?ài)祖?zhèn)“二十個(gè)一”", "美麗?祖?“二十個一”"),
        ("把握?qǐng)?jiān)持", "把握??持"),
        ("飯?zhí)?0個(gè)", "飯??0個"),
        ("響水龍?zhí)毒G美", "響水龍?毒G美"),
        ("把握\ufffd(qǐng)持", "把握\ufffd持"),
        ("發fā)展", "發展"),
        ("發(fā)展?zhen)", "發展?"),
    ],
)
def test_broken_ruby_goes_and_the_lost_character_stays(raw: str, clean: str) -> None:
    assert dropped(raw) == clean


@pytest.mark.parametrize(
    "text",
    [
        "国内生产总值(GDP)、研发(R&D)、人工智能(AI)、人工智能(ai)",
        "商店(shop)、北京(Beijing)、年份(2024)、公里(km)",
        "北京市发展和改革委员会（以下简称“发改委”）",
        "附件(a)、书(SHU)、马拉加(Málaga)、咖啡(café)",
        "（拼音读作xū）",
        "为什么?men)",
        "書(),發()展",
        "Python(pan)",
        "2024(nián)",
    ],
)
def test_other_brackets_stay(text: str) -> None:
    assert dropped(text) == text
    assert dropped(f"發(fā)展。{text}") == f"發展。{text.replace('?men)', '?')}"


def test_a_toneless_reading_seen_with_its_tone_on_the_page() -> None:
    assert dropped("仇(qiu)某") == "仇(qiu)某"
    assert dropped("仇(Qiú)某，仇(qiu)某") == "仇某，仇某"


def test_a_character_out_of_the_table_needs_a_ruby_page() -> None:
    assert dropped("鑊(huo)耳屋") == "鑊(huo)耳屋"
    assert dropped("鑊(huo)耳屋，發(fā)展") == "鑊耳屋，發展"


def test_ruby_between_characters_is_inside_and_ruby_after_is_not() -> None:
    raw = "市發(fā)展局長(zhǎng)，"
    aligned = AlignedText.of(raw).apply(drop_ruby(raw))
    start, end = aligned.raw_span(1, 5)
    assert raw[start:end] == "發(fā)展局長"
    assert aligned.clean_span(start, end + 3) == (1, 5)


@given(
    st.lists(
        st.sampled_from(
            [
                "發",
                "書",
                "北京",
                "(fā)",
                "(shu)",
                "（shū）",
                "fā)",
                "?ài)",
                "?",
                "(",
                ")",
                "(AI)",
                "q",
                " ",
                "\n",
                "(Běijīng)",
                "a\u0304",
            ]
        ),
        max_size=14,
    )
)
@settings(max_examples=300)
def test_idempotent_and_only_latin_and_brackets_go(pieces: list[str]) -> None:
    text = "".join(pieces)
    clean = dropped(text)
    assert dropped(clean) == clean
    for edit in drop_ruby(text):
        assert edit.new == ""
        gone = unicodedata.normalize("NFD", text[edit.start : edit.end])
        assert re.fullmatch("[(（]? ?[A-Za-z\u0300-\u030c]+ ?[)）]", gone)


@given(st.text(alphabet="发展改革局𠮷，。（）()“”0123456789AGDP%\n", max_size=40))
def test_text_without_pinyin_is_untouched(text: str) -> None:
    assert dropped(text) == text


@needs_article
def test_no_debris_is_left_of_a_scraped_page() -> None:
    raw = ARTICLE.read_text(encoding="utf-8")
    clean = dropped(raw)
    assert set(re.findall(r"[A-Za-zÀ-ǜ\u0300-\u030c]+", clean)) == {"gdp", "r", "d", "n", "G"}
    assert clean.count("?") == raw.count("?")
    assert clean.count("(") == clean.count(")")
    assert "(張浩洋 胡鵬凱)" in clean


@needs_article
def test_a_page_without_tones_is_cleaned_by_the_table_alone() -> None:
    raw = ARTICLE.read_text(encoding="utf-8")
    marked = unicodedata.normalize("NFD", raw)
    toneless = unicodedata.normalize("NFC", re.sub("[\u0300\u0301\u0304\u030c]", "", marked))
    left = re.findall(r"\([a-zü]+\)", dropped(toneless))
    assert re.search(r"\([a-zü]+\)", toneless)
    assert left == []


def test_a_reading_does_not_run_over_a_line_end() -> None:
    assert dropped("發(\nfā)展") == "發(\nfā)展"
    assert dropped("發(fā\n)展") == "發(fā\n)展"
    assert dropped("發( fā\u3000)展") == "發展"
