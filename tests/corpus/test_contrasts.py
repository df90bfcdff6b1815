import pytest

from topner.annotation.inline import parse
from topner.corpus.contrasts import SIGNS, contrasts
from topner.document import Document

CASES = {
    "achieved beside promised": "去年产值完成32亿元，今年[产值达到40亿元](TARGET)。",
    "elliptical chain": "[研发投入超115亿元](TARGET)、[增长10%](TARGET)。",
    "range or hedge": "[生产总值增长5.5%左右](TARGET)。",
    "quantity before noun": "[20名领军人才](TARGET)。",
    "benchmark without digits": "[居民收入与经济增长同步](TARGET)。",
    "nested name": "[长虹](ORG)与[长虹智谷产业园](PROJECT)。",
    "short name of an organisation": "[珠海格力电器](ORG)，[格力](ORG)。",
    "quoted project": "“[百千万工程](PROJECT)”。",
    "half-quoted project": "[“园区再造”工程](PROJECT)。",
    "unquoted project": "[深江铁路](PROJECT)开工。",
    "organisation inside a title": "[市科技局](ORG)党组书记说",
    "list of 6 projects or more": "、".join(f"[{c}江水库](PROJECT)" for c in "东西南北上下") + "。",
    "mention in a heading": "一、推进[深江铁路](PROJECT)\n正文在此，没有别的。",
}


def document(marked):
    text, candidates = parse(marked)
    return Document.from_spans("x", text, [(c.start, c.end, c.label) for c in candidates])


def test_every_sign_has_a_case():
    assert set(CASES) == set(SIGNS)


@pytest.mark.parametrize("name", CASES)
def test_signs(name):
    assert SIGNS[name](document(CASES[name]))
    assert not SIGNS[name](
        document("[市委](ORG)部署，会议在春风里开到很晚才散，没有一个数字，大家都说好，没有人抱怨。")
    )


def test_counts_are_by_document():
    counts = contrasts([document(CASES["quoted project"]), document("今日无事。")])
    assert counts["quoted project"] == 1
    assert counts["six kinds or more"] == 0
