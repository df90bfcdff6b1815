import pytest

from topner.corpus.opinions import UNKNOWN, Opinion, contradictions
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.labels import LabelSchema

TEXT = "市科技局力争工业投资突破300亿元😀，推进云湖新城建设。"
SPANS = {"ORG": (0, 4, "ORG"), "TARGET": (6, 17, "TARGET"), "PROJECT": (21, 25, "PROJECT")}


def predicted(*mentions, id="a"):
    return Document(id, TEXT, tuple(Mention(s, e, label, TEXT[s:e], score) for s, e, label, score in mentions))


GOLD = Document.from_spans("a", TEXT, SPANS.values())
AGREED = [(*span, 0.9) for span in SPANS.values()]


def found(*opinions, gold=GOLD):
    return [
        (s.kind, s.text, s.label, s.suggested_label, s.suggested_text, pytest.approx(s.score, abs=1e-9))
        for s in contradictions([gold], opinions, LabelSchema())
    ]


def test_agreement_is_no_suspicion():
    assert [m.text for m in GOLD.mentions] == ["市科技局", "工业投资突破300亿元", "云湖新城"]
    assert found(Opinion(predicted(*AGREED))) == []
    assert found() == []


@pytest.mark.parametrize(
    ("answer", "kind", "suggested"),
    [
        ((4, 17, "TARGET", 0.7), "model: boundary", ("TARGET", "力争工业投资突破300亿元")),
        ((6, 17, "PROJECT", 0.7), "model: type", ("PROJECT", "工业投资突破300亿元")),
        ((6, 10, "ORG", 0.7), "model: both", ("ORG", "工业投资")),
    ],
)
def test_another_reading_scores_as_sure_as_the_model_is(answer, kind, suggested):
    opinion = Opinion(predicted(AGREED[0], answer, AGREED[2]))
    assert found(opinion) == [(kind, "工业投资突破300亿元", "TARGET", *suggested, 0.7)]


def test_a_missed_mention_without_a_probability():
    assert found(Opinion(predicted(*AGREED[:2]))) == [
        ("model: missed", "云湖新城", "PROJECT", "O", "云湖新城", UNKNOWN),
    ]


def test_a_missed_mention_scores_by_its_probability():
    weighed = predicted(*AGREED[:2], (*SPANS["PROJECT"], 0.15))
    opinion = Opinion(predicted(*AGREED[:2]), weighed)
    assert found(opinion) == [("model: missed", "云湖新城", "PROJECT", "O", "云湖新城", 0.85)]


def test_a_spurious_mention_scores_by_its_own():
    gold = GOLD.with_mentions(GOLD.mentions[:2])
    assert found(Opinion(predicted(*AGREED)), gold=gold) == [
        ("model: spurious", "云湖新城", "O", "PROJECT", "云湖新城", 0.9),
    ]


def test_models_are_averaged_and_one_that_agrees_counts_against():
    gold = GOLD.with_mentions(GOLD.mentions[:2])
    longer, without = (21, 27, "PROJECT", 0.5), predicted(*AGREED[:2])
    opinions = [Opinion(predicted(*AGREED)), Opinion(predicted(*AGREED[:2], longer)), Opinion(without)]
    assert found(*opinions, gold=gold) == [("model: spurious", "云湖新城", "O", "PROJECT", "云湖新城", 0.3)]
    agreeing, missing = Opinion(predicted(*AGREED)), Opinion(without, predicted(*AGREED[:2], (*SPANS["PROJECT"], 0.2)))
    assert found(agreeing, missing) == [("model: missed", "云湖新城", "PROJECT", "O", "云湖新城", (0.1 + 0.8) / 2)]
    (suspicion,) = contradictions([GOLD], [agreeing, missing], LabelSchema())
    assert "1 of 2 models" in suspicion.reason


def test_another_annotator_is_half_sure():
    plain = predicted(*(span for span in [(*SPANS["ORG"], None), (4, 17, "TARGET", None)]))
    assert [(kind, score) for kind, *_, score in found(Opinion(plain))] == [
        ("model: boundary", UNKNOWN),
        ("model: missed", UNKNOWN),
    ]


def test_documents_without_an_opinion_are_passed_over():
    other = Document.from_spans("b", TEXT, SPANS.values())
    kinds = [(s.document, s.kind) for s in contradictions([other, GOLD], [Opinion(predicted())], LabelSchema())]
    assert kinds == [("a", "model: missed")] * 3


@pytest.mark.parametrize(
    ("opinion", "message"),
    [
        (Opinion(predicted(id="x")), "no document of the data"),
        (Opinion(Document("a", TEXT + " ")), "is not that of the data"),
        (Opinion(predicted((0, 4, "PERSON", 0.5))), "predicted 'PERSON'"),
        (Opinion(predicted(), predicted()), "scored mentions"),
    ],
)
def test_opinions_that_do_not_fit(opinion, message):
    with pytest.raises(TopnerError, match=message):
        list(contradictions([GOLD], [opinion], LabelSchema()))
