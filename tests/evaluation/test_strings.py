from evaluation_cases import data_sets, document
from hypothesis import given, settings

from topner.evaluation.strings import UNTAGGED, variances


def test_strings_with_several_labels():
    text = "侨梦苑、侨梦苑、市科技局、市科技局"
    gold = document("a", text, (0, 3, "PROJECT"), (4, 7, "ORG"), (8, 12, "ORG"), (13, 17, "ORG"))
    answer = document("a", text, (0, 3, "PROJECT"), (4, 7, "PROJECT"), (8, 12, "ORG"))
    first, second = variances([gold], [answer])
    assert (first.text, first.gold, first.predicted) == ("侨梦苑", {"PROJECT": 1, "ORG": 1}, {"PROJECT": 2})
    assert (second.text, second.gold, second.predicted) == ("市科技局", {"ORG": 2}, {"ORG": 1, UNTAGGED: 1})
    assert second.documents == ("a",)
    assert variances([gold, gold], [gold, gold])[0].count == 4
    assert variances([answer], [answer]) == ()


@settings(max_examples=60, deadline=None)
@given(data_sets())
def test_both_sides_count_the_same_places(sets):
    for row in variances(*sets):
        assert row.count == sum(row.predicted.values()) >= 2
