import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.document import Document, Mention, check_unique_ids
from topner.errors import TopnerError


def test_mentions_are_sorted_and_carry_their_text():
    document = Document.from_spans("d", "市科技局😀力争增长5%", [(7, 11, "TARGET"), (0, 4, "ORG")])
    assert [(m.text, m.label, m.span) for m in document.mentions] == [
        ("市科技局", "ORG", (0, 4)),
        ("增长5%", "TARGET", (7, 11)),
    ]


@pytest.mark.parametrize(
    "mention", [Mention(0, 2, "ORG", "市财"), Mention(3, 9, "ORG", "局"), Mention(1, 1, "ORG", "")]
)
def test_a_mention_that_does_not_stand_there_is_refused(mention):
    with pytest.raises(ValueError, match="does not stand at"):
        Document("d", "市科技局", (mention,))


@given(st.text(max_size=20), st.data())
def test_json_keeps_every_offset(text, data):
    spans = [(i, i + 1, "ORG") for i in range(len(text)) if data.draw(st.booleans())]
    record = Document.from_spans("d", text, spans, {"year": 2026}).to_json()
    assert [(e["start"], e["end"], e["label"]) for e in record["entities"]] == spans
    assert all(record["text"][e["start"] : e["end"]] == e["text"] for e in record["entities"])
    assert record["meta"] == {"year": 2026}


def test_scores_are_rounded_and_gold_has_none():
    document = Document("d", "市科技局", (Mention(0, 4, "ORG", "市科技局", 0.123456),))
    assert document.to_json()["entities"][0]["score"] == 0.1235
    assert "score" not in Document.from_spans("d", "市科技局", [(0, 4, "ORG")]).to_json()["entities"][0]


def test_ids_must_differ():
    check_unique_ids([Document("a", ""), Document("b", "")])
    with pytest.raises(TopnerError, match="'a'"):
        check_unique_ids([Document("a", "一"), Document("a", "二")])
