import pytest
from evaluation_cases import SCHEMA, data_sets, document
from hypothesis import given, settings

from topner.document import Document
from topner.errors import TopnerError
from topner.evaluation.matching import match_mentions, pair_documents

TEXT = "市发展改革委力争到2025年新增5G基站1万个。"


def kinds(gold, predicted, text=TEXT):
    return [
        m.kind for m in match_mentions(document("a", text, *gold).mentions, document("a", text, *predicted).mentions)
    ]


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ([(0, 6, "ORG")], [(0, 6, "ORG")], ["correct"]),
        ([(0, 6, "ORG")], [], ["missed"]),
        ([], [(0, 6, "ORG")], ["spurious"]),
        ([(0, 6, "ORG")], [(1, 6, "ORG")], ["boundary"]),
        ([(0, 6, "ORG")], [(0, 6, "TARGET")], ["type"]),
        ([(0, 6, "ORG")], [(1, 6, "TARGET")], ["both"]),
        ([(0, 3, "ORG")], [(3, 6, "ORG")], ["missed", "spurious"]),  # touching is not overlapping
        # one prediction over two gold mentions answers the one it covers more of
        ([(0, 2, "ORG"), (2, 6, "ORG")], [(0, 6, "ORG")], ["missed", "boundary"]),
        # the same label goes before the larger overlap
        ([(0, 4, "ORG"), (4, 6, "TARGET")], [(0, 6, "TARGET")], ["missed", "boundary"]),
        # two predictions on one gold mention: the longer one answers, the other is spurious
        ([(0, 6, "ORG")], [(0, 2, "ORG"), (2, 6, "ORG")], ["spurious", "boundary"]),
        # a crossing chain: each finds the partner it shares most with
        ([(0, 5, "ORG"), (5, 10, "ORG")], [(1, 6, "ORG"), (6, 12, "ORG")], ["boundary", "boundary"]),
    ],
)
def test_kinds(gold, predicted, expected):
    assert kinds(gold, predicted) == expected


@settings(max_examples=200, deadline=None)
@given(data_sets(max_documents=1))
def test_every_mention_is_matched_exactly_once(data):
    for gold, predicted in zip(*data, strict=True):
        matches = match_mentions(gold.mentions, predicted.mentions)
        assert sorted(m.gold for m in matches if m.gold) == list(gold.mentions)
        assert sorted(m.predicted for m in matches if m.predicted) == list(predicted.mentions)
        for match in matches:
            if match.gold and match.predicted:
                assert max(match.gold.start, match.predicted.start) < min(match.gold.end, match.predicted.end)
        lonely = [m for m in matches if m.kind == "missed"], [m for m in matches if m.kind == "spurious"]
        for missed in lonely[0]:  # what could be paired is paired
            for spurious in lonely[1]:
                assert missed.gold.end <= spurious.predicted.start or spurious.predicted.end <= missed.gold.start
        correct = {m.gold.key for m in matches if m.kind == "correct"}
        assert correct == {m.key for m in gold.mentions} & {m.key for m in predicted.mentions}


def test_documents_are_paired_by_id_in_the_order_of_the_gold():
    gold = [document("乙", "文"), document("甲", "本")]
    predicted = [document("甲", "本"), document("乙", "文")]
    assert [(a.id, b.id) for a, b in pair_documents(gold, predicted, SCHEMA)] == [("乙", "乙"), ("甲", "甲")]


@pytest.mark.parametrize(
    ("gold", "predicted", "words"),
    [
        ([document("a", TEXT)], [], ["'a'", "no prediction"]),
        ([], [document("b", TEXT)], ["'b'", "no gold"]),
        ([document("a", TEXT)] * 2, [document("a", TEXT)], ["two documents"]),
        ([document("a", TEXT)], [document("a", TEXT)] * 2, ["two documents"]),
        ([document("a", "𠮷一二")], [document("a", "𠮷一三")], ["'a'", "character 2"]),
        ([document("a", "一二")], [document("a", "一二\n")], ["'a'", "character 2"]),
        ([document("a", TEXT, (0, 3, "PERSON"))], [document("a", TEXT)], ["gold", "'PERSON'", "TARGET"]),
        ([document("a", TEXT)], [document("a", TEXT, (0, 3, "PERSON"))], ["predicted", "'PERSON'"]),
        ([document("a", TEXT, (0, 3, "ORG"), (2, 5, "ORG"))], [document("a", TEXT)], ["gold", "overlap", "0-3", "2-5"]),
        ([document("a", TEXT)], [document("a", TEXT, (0, 6, "ORG"), (1, 3, "ORG"))], ["predicted", "overlap"]),
        ([document("a", TEXT)], [document("a", TEXT, (0, 3, "ORG"), (0, 3, "TARGET"))], ["overlap"]),
        ([document("a", "半\ud842字")], [document("a", "半\ud842字")], ["surrogate", "U+D842"]),
        ([document("a", "字", title="\udfb7")], [document("a", "字")], ["surrogate", "U+DFB7"]),
    ],
)
def test_what_cannot_be_compared_is_refused(gold, predicted, words):
    with pytest.raises(TopnerError) as error:
        pair_documents(gold, predicted, SCHEMA)
    for word in words:
        assert word in str(error.value)


def test_numbers_in_metadata_are_no_obstacle():
    assert pair_documents([Document("a", "文", (), {"year": 2024, "draft": None})], [Document("a", "文")], SCHEMA)
