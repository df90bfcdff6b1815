import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.dataset.noise import render
from topner.document import Document
from topner.text.condition import CONDITIONS, conditions

CLEAN = (
    "今年，全市规上工业增加值增长6%以上（含园区），“百千万工程”加快推进；新增高新技术企业50家。" * 3 + "气温升到38℃。"
)


def test_clean_text_is_clean():
    assert conditions(CLEAN) == ("clean",)
    assert conditions("") == ("clean",)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("全社会研發(fā)經(jīng)費(fèi)投入超115億元，加快深江鐵路建設(shè)", ("ruby", "script")),
        ("增长６％以上，新增企业５０家", ("width",)),
        ("<p>新增企业50家</p>&nbsp;<br/>", ("markup",)),
        ("增长6%以上,新增企业50家,其中规上企业10家.", ("punctuation",)),
        ("推动实?县域经济高?量发展", ("lost",)),
        ("推动\u200b县域\u200b经济", ("invisible",)),
    ],
)
def test_kinds(raw, expected):
    assert conditions(raw) == expected


def test_one_odd_character_in_a_long_page_is_no_noise():
    assert conditions(CLEAN * 5 + "臺") == ("clean",)


@settings(max_examples=50, deadline=None)
@given(st.text("增长5％５發(fā)<p>?，,\u200b𠮷 \n", max_size=60))
def test_total_and_ordered(raw):
    found = conditions(raw)
    assert found == ("clean",) or [c for c in CONDITIONS if c in found] == list(found)


@pytest.mark.parametrize("kind", ["script", "width", "punctuation", "ruby", "markup", "lost"])
def test_rendered_noise_is_recognised(kind):
    page = render(Document("a", (CLEAN + "\n") * 8), [kind])
    assert kind in conditions(page.text)
