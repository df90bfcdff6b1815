from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import documents
from topner.annotation.formats import read_documents
from topner.dataset.noise import NOISES, NoiseConfig, add_noise, render
from topner.document import Document
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.text.clean import clean

TEXT = "市发展改革局局长表示，力争GDP增长5.5%以上；\n推进“园区再造”工程（二期）。支持江门双碳实验室建设。"
GOLD = Document.from_spans(
    "jm", TEXT, [(0, 6, "ORG"), (13, 24, "TARGET"), (28, 36, "PROJECT"), (43, 50, "ORG")], {"year": 2023}
)


@given(document=documents(), kinds=st.sets(st.sampled_from(NOISES)), seed=st.integers(0, 99))
@settings(deadline=None)
def test_gold_moves_with_its_characters(document, kinds, seed):
    noisy = render(document, kinds, seed)
    assert (noisy.id, noisy.meta) == (document.id, document.meta)
    if "stripped" not in kinds:  # a mention of marks alone is gone
        assert [m.label for m in noisy.mentions] == [m.label for m in document.mentions]
    ends = [(m.start, m.end) for m in noisy.mentions]
    assert all(one[1] <= other[0] for one, other in pairwise(ends))
    assert render(document, kinds, seed) == noisy
    if not kinds:
        assert noisy == document


@pytest.mark.parametrize("kind", ["script", "width", "lines", "markup"])
def test_cleaning_undoes_what_can_be_undone(kind):
    before = clean(GOLD.text)
    for seed in range(5):
        noisy = render(GOLD, [kind], seed)
        assert noisy.text != GOLD.text
        after = clean(noisy.text)
        for one, other in zip(GOLD.mentions, noisy.mentions, strict=True):
            span = after.clean_span(*other.span)
            assert after.text[slice(*span)] == before.text[slice(*before.clean_span(*one.span))]
            assert after.raw_span(*span) == other.span


def test_a_scraped_page_has_readings_after_its_traditional_characters():
    noisy = render(GOLD, ["script", "ruby"], 1)
    assert "發(fā)展改革局" in noisy.text or "發（fā）展改革局" in noisy.text
    assert [clean(m.text).text for m in noisy.mentions] == [clean(m.text).text for m in GOLD.mentions]
    # the reading after the last character of a mention is outside it
    assert noisy.mentions[1].text == "GDP增長(zhǎng)5.5%以上" or "（" in noisy.mentions[1].text


def test_lost_characters_keep_their_place():
    long = Document.from_spans("long", "全市高企存量超六百家。" * 300, [(0, 10, "TARGET")])
    noisy = render(long, ["lost"], 3)
    assert len(noisy.text) == len(long.text)
    changed = [(a, b) for a, b in zip(long.text, noisy.text, strict=True) if a != b]
    assert changed
    assert {b for _, b in changed} <= set("?□\ufffd")


def test_share_and_seed_decide():
    many = [Document(f"d{i}", TEXT) for i in range(200)]
    noisy = add_noise(many, NoiseConfig(share=0.3), 13)
    changed = sum(a.text != b.text for a, b in zip(many, noisy, strict=True))
    assert 40 <= changed <= 80
    assert noisy == add_noise(many, NoiseConfig(share=0.3), 13)
    assert noisy != add_noise(many, NoiseConfig(share=0.3), 14)
    assert add_noise(many, NoiseConfig(), 13) == many


def test_kinds_may_be_named():
    many = [Document(f"d{i}", TEXT) for i in range(50)]
    for document in add_noise(many, NoiseConfig(share=1, kinds=("stripped",)), 13):
        assert document.text == "市发展改革局局长表示力争GDP增长5.5%以上\n推进园区再造工程二期支持江门双碳实验室建设"
    with pytest.raises(ValueError, match="kinds"):
        NoiseConfig(kinds=())


def test_the_corpus_survives_scraping(corpus):
    gold = read_documents(corpus, None, LabelSchema(), Ledger())
    for document in gold:
        before = clean(document.text)
        noisy = render(document, ["script", "markup", "lines", "width"], 7)
        after = clean(noisy.text)
        for one, other in zip(document.mentions, noisy.mentions, strict=True):
            there = after.text[slice(*after.clean_span(*other.span))]
            assert there == before.text[slice(*before.clean_span(*one.span))]


def test_without_punctuation_numbers_and_line_ends_stay():
    text = "争取用6—8年——“园区再造”工程，投资5.5亿元、增长7%—8%；\nGDP-1:1。（一）A/B，..."
    name, target = "“园区再造”工程", "投资5.5亿元"
    spans = [
        (text.index(name), text.index(name) + 8, "PROJECT"),
        (text.index(target), text.index(target) + 7, "TARGET"),
    ]
    gold = Document.from_spans("p", text, spans)
    bare = render(gold, ["stripped"])
    assert bare.text == "争取用6—8年园区再造工程投资5.5亿元增长7%—8%\nGDP-1:1一A/B"
    assert [(m.label, m.text) for m in bare.mentions] == [("PROJECT", "园区再造工程"), ("TARGET", "投资5.5亿元")]
    assert render(bare, ["stripped"]) == bare


@given(documents())
def test_without_punctuation_only_marks_are_lost(document):
    bare = render(document, ["stripped"])
    rest = iter(document.text)
    assert all(char in rest for char in bare.text)
    assert [c for c in bare.text if c.isalnum()] == [c for c in document.text if c.isalnum()]
    assert len(bare.mentions) <= len(document.mentions)
    assert all(m.text for m in bare.mentions)
    held = [m.label for m in document.mentions if any(c.isalnum() for c in m.text)]
    assert len(bare.mentions) >= len(held)
