import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.suggest.likeness import Holdings, vectors

WORDS = st.lists(
    st.sampled_from(["市科技局", "云湖新城", "增长5%", "，", "。", "𠮷😀", "公园", "\n"]), max_size=30
).map("".join)
REPORT = "市水利局介绍，清河水库加固后可新增灌溉面积三万亩，明年汛前完工，两岸农田从此旱涝保收，村民代表到场验收。"


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_cosines_are_symmetric_and_one_with_oneself(texts):
    like = vectors(texts)
    table = np.stack([like.cosines(i, len(texts)) for i in range(len(texts))])
    assert np.allclose(table, table.T)
    assert (table >= 0).all()
    assert (table <= 1).all()
    for i, text in enumerate(texts):
        assert table[i, i] == pytest.approx(1.0 if sum(c.isalnum() for c in text) >= 3 else 0.0)


def test_the_more_is_shared_the_liker():
    like = vectors(
        [REPORT, REPORT + "另外，菜场也搬了。", "菜场搬到了东街，早市热闹起来。", REPORT[:20] + "菜场也搬了。"]
    )
    same, reprint, other, part = like.cosines(0, 4)
    assert same > reprint > part > other
    assert other == pytest.approx(0, abs=0.05)


def test_punctuation_and_spaces_do_not_count():
    assert vectors(["市科技局，增长", "市 科技局\n“增长”"]).cosines(0, 2)[1] == pytest.approx(1)


def test_holdings_name_what_is_repeated_most():
    holdings = Holdings()
    assert holdings.repeated_by(REPORT) is None
    holdings.add("半", REPORT[:30] + "后半截完全是另外一件事，说的是老街的灯会和庙会怎么办。")
    holdings.add("全", REPORT)
    assert holdings.repeated_by("本报讯：" + REPORT) == "全"
    assert holdings.repeated_by("街道答应今年新建公园十二座，老人有了遛弯的去处。") is None
