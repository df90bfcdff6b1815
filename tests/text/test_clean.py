import re
import time
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from topner.text.clean import CleanConfig, clean

ARTICLE = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "article.txt"

# Raw, clean, and how much of the raw text at its beginning and end belongs to no clean character.
UNITS = (
    ("發(fā)", "发", 0, 4),
    ("市發(fā)展局長(zhǎng)", "市发展局长", 0, 7),
    ("<b>重點</b>", "重点", 3, 4),
    ("<!-- 注 -->江門", "江门", 10, 0),
    ("&ldquo;引擎&rdquo;", "“引擎”", 0, 0),
    ("１３００亿元", "1300亿元", 0, 0),
    ("100㎡", "100m2", 0, 0),
    ("\u200b甲\ufeff乙\xad", "甲乙", 1, 1),
    ("𠮷林😀", "𠮷林😀", 0, 0),
    ("美麗?ài)祖", "美丽?祖", 0, 0),
    ("瞭解乾隆", "了解乾隆", 0, 0),
    ("增長(zhǎng)10%,其中", "增长10%，其中", 0, 0),
    ("顧\u3000 建平", "顾建平", 0, 0),
    ("cafe\u0301", "cafe\u0301", 0, 0),
    ("R&amp;D", "R&D", 0, 0),
    ("3<5且7>2", "3<5且7>2", 0, 0),
    ("人工智能（AI）", "人工智能（AI）", 0, 0),
    ("<ruby>國<rt>guó</rt></ruby>", "国", 6, 19),
)
SOUP = st.lists(
    st.one_of(
        st.sampled_from([unit[0] for unit in UNITS]),
        st.sampled_from(
            ["<p>", "<br/>", "&nbsp;", "&#x4e00;", "(fā)", "?ài)", "\r\n", "\u3000", "，", ",", "(", ")", "記憶體"]
        ),
        st.text(max_size=4),
        st.sampled_from(["\ud83d", "\x00", "\u0301", "\u200d", "㈠", "①", "１"]),
    ),
    max_size=12,
).map("".join)
CONFIGS = st.builds(
    CleanConfig,
    **dict.fromkeys(("markup", "invisible", "width", "ruby", "punctuation", "space", "join_chinese"), st.booleans()),
    script=st.sampled_from([None, "t2s", "tw2s", "tw2sp", "hk2s"]),
)


@given(st.lists(st.sampled_from(UNITS), min_size=1, max_size=8), st.data())
@settings(max_examples=200)
def test_any_span_leads_back_to_the_characters_it_came_from(
    units: list[tuple[str, str, int, int]], data: st.DataObject
) -> None:
    raw = "，".join(unit[0] for unit in units)
    expected = "，".join(unit[1] for unit in units)
    aligned = clean(raw)
    assert aligned.text == expected
    raw_starts = [0, *accumulate(len(unit[0]) + 1 for unit in units)]
    starts = [0, *accumulate(len(unit[1]) + 1 for unit in units)]
    first = data.draw(st.integers(0, len(units) - 1))
    last = data.draw(st.integers(first, len(units) - 1))
    found = aligned.raw_span(starts[first], starts[last + 1] - 1)
    assert found == (raw_starts[first] + units[first][2], raw_starts[last + 1] - 1 - units[last][3])


@given(SOUP, CONFIGS, st.data())
@settings(max_examples=200, deadline=None)
def test_alignment_holds_for_any_text_and_configuration(raw: str, config: CleanConfig, data: st.DataObject) -> None:
    aligned = clean(raw, config)
    assert aligned.raw == raw
    assert len(aligned.starts) == len(aligned.ends) == len(aligned.text)
    assert np.all(np.diff(aligned.starts) >= 0)
    assert np.all(np.diff(aligned.ends) >= 0)
    assert np.all(aligned.starts < aligned.ends)
    if not aligned.text:
        return
    assert aligned.starts[0] >= 0
    assert aligned.ends[-1] <= len(raw)
    start = data.draw(st.integers(0, len(aligned.text) - 1))
    end = data.draw(st.integers(start + 1, len(aligned.text)))
    back = aligned.clean_span(*aligned.raw_span(start, end))
    assert back is not None
    assert back[0] <= start < end <= back[1]


@given(SOUP)
@settings(deadline=None)
def test_steps_that_only_remove_leave_every_character_where_it_was(raw: str) -> None:
    aligned = clean(raw, CleanConfig(markup=False, width=False, script=None, punctuation=False, space=False))
    assert aligned.text == "".join(raw[start] for start in aligned.starts)
    assert np.all(aligned.ends == aligned.starts + 1)


@given(SOUP)
@settings(deadline=None)
def test_no_steps_no_change(raw: str) -> None:
    names = ("markup", "invisible", "width", "ruby", "punctuation", "space")
    aligned = clean(raw, CleanConfig(**dict.fromkeys(names, False), script=None))
    assert aligned.text == raw


@given(st.text(alphabet="发展改革江门市长乐，。、；：？！（）“”《》0123456789%GDP𠮷😀—…", max_size=40))
def test_clean_text_is_left_alone(text: str) -> None:
    aligned = clean(text)
    assert aligned.text == text
    assert list(aligned.starts) == list(range(len(text)))


@pytest.mark.parametrize("raw", ["", " ", "\n\u3000\t\r\n", "\ufeff", "<p></p>", "&nbsp;", "<!-- 空 -->"])
def test_nothing_to_read(raw: str) -> None:
    assert clean(raw).text == ""


@pytest.mark.parametrize("settings_", [{"rubby": True}, {"script": "s2t"}, {"markup": "yes"}, {"space": None}])
def test_wrong_settings_are_refused(settings_: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CleanConfig.model_validate(settings_)


def test_settings_choose_the_steps() -> None:
    raw = "<p>市發(fā)展局,ＧＤＰ　增長</p>"
    assert clean(raw).text == "市发展局，GDP 增长"
    assert clean(raw, CleanConfig(script=None)).text == "市發展局，GDP 增長"
    assert clean(raw, CleanConfig(ruby=False)).text == "市发（fā）展局，GDP 增长"
    assert clean(raw, CleanConfig(width=False)).text == "市发展局，ＧＤＰ 增长"
    assert clean(raw, CleanConfig(punctuation=False)).text == "市发展局,GDP 增长"
    assert clean(raw, CleanConfig(markup=False)).text == "<p>市发展局，GDP 增长</p>"


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        '<a "',
        "<!--",
        "<script>",
        "</a",
        "&",
        "(",
        "发(",
        "(fā",
        "发(fā)",
        "?,",
        "( ",
        " \n",
        "<p>a ",
        "①",
        "１",
    ],
)
def test_time_grows_with_the_text_alone(piece: str) -> None:
    raw = piece * (100_000 // len(piece))
    started = time.perf_counter()
    clean(raw)
    assert time.perf_counter() - started < 10  # quadratic time would be minutes


@pytest.mark.skipif(not ARTICLE.exists(), reason="the scraped page in ../shared is not here")
def test_a_scraped_page() -> None:
    raw = ARTICLE.read_text(encoding="utf-8")
    aligned = clean(raw)
    assert aligned.text.startswith("市发展改革局党组书记、局长，市大湾区办主任胡其波：\n加快打造大湾区\n")
    assert set(re.findall("[A-Za-zÀ-ǜ]+", aligned.text)) == {"gdp", "r", "d", "n", "G"}
    assert not re.search(r"[,;:()]", aligned.text)
    start = aligned.text.index("江门中微子实验室建设")
    assert raw[slice(*aligned.raw_span(start, start + 8))] == "江門(mén)中微子實(shí)驗(yàn)室"
    for start in range(len(aligned.text)):
        found = aligned.clean_span(*aligned.raw_span(start, start + 1))
        assert found == (start, start + 1)
