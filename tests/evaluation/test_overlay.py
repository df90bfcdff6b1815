from evaluation_cases import data_sets, document
from hypothesis import given, settings

from topner.evaluation.matching import match_mentions
from topner.evaluation.overlay import Layer, segments


def cut(gold, predicted):
    return segments(gold.text, match_mentions(gold.mentions, predicted.mentions))


def test_crossing_spans():
    gold = document("a", "一二三四五六", (1, 4, "ORG"))
    predicted = document("a", "一二三四五六", (2, 5, "ORG"))
    assert [(s.text, s.gold, s.predicted) for s in cut(gold, predicted)] == [
        ("一", None, None),
        ("二", Layer(0, first=True, last=False, marked=True), None),
        ("三四", Layer(0, first=False, last=True, marked=False), Layer(0, first=True, last=False, marked=False)),
        ("五", None, Layer(0, first=False, last=True, marked=False)),
        ("六", None, None),
    ]


def test_one_layer_given_twice_is_marked_once():
    one = document("a", "省政府", (0, 3, "ORG"))
    assert [(s.gold.marked, s.predicted.marked) for s in cut(one, one)] == [(True, False)]


def test_empty_text():
    assert cut(document("a", ""), document("a", "")) == []


@settings(max_examples=150, deadline=None)
@given(data_sets())
def test_segments_are_the_text_and_layers_are_the_mentions(data):
    for gold, predicted in zip(*data, strict=True):
        matches = match_mentions(gold.mentions, predicted.mentions)
        pieces = segments(gold.text, matches)
        assert "".join(piece.text for piece in pieces) == gold.text
        assert all(piece.text for piece in pieces)
        marks = 0
        for side in ("gold", "predicted"):
            layer = [getattr(piece, side) for piece in pieces]
            for index, match in enumerate(matches):
                mention = getattr(match, side)
                mine = [i for i, part in enumerate(layer) if part and part.match == index]
                assert "".join(pieces[i].text for i in mine) == (mention.text if mention else "")
                if mine:
                    assert sum(len(piece.text) for piece in pieces[: mine[0]]) == mention.start
                    assert [layer[i].first for i in mine] == [True] + [False] * (len(mine) - 1)
                    assert [layer[i].last for i in mine] == [False] * (len(mine) - 1) + [True]
                marks += sum(layer[i].marked for i in mine)
        assert marks == len(matches)
