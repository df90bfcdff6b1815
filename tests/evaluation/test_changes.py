from collections import Counter

import pytest
from evaluation_cases import ALPHABET, document, layers
from hypothesis import given
from hypothesis import strategies as st

from topner.document import Mention
from topner.evaluation.changes import CHANGE_KINDS, Change, compare_mentions, find_changes

TEXT = "省政府要求市财政局办好“云湖新城”，新增公园12座。"


def changes(gold, a, b):
    return find_changes([document("一", TEXT, *gold)], [([document("一", TEXT, *a)], [document("一", TEXT, *b)])])


ORG, CITY, PARK = ("省政府", "ORG"), ("市财政局", "ORG"), ("新增公园12座", "TARGET")
SHORT = ("财政局", "ORG")
WRONG = ("市财政局", "PROJECT")


@pytest.mark.parametrize(
    ("a", "b", "kind", "before", "after", "error"),
    [
        ([], [CITY], "fixed", "missed", "correct", "missed"),
        ([SHORT], [CITY], "fixed", "boundary", "correct", "boundary"),
        ([WRONG], [CITY], "fixed", "type", "correct", "type"),
        ([CITY], [], "broken", "correct", "missed", "missed"),
        ([CITY], [("政局", "PROJECT")], "broken", "correct", "both", "both"),
        ([SHORT], [], "changed", "boundary", "missed", "boundary"),
        ([SHORT], [("财政", "ORG")], "changed", "boundary", "boundary", "boundary"),
    ],
)
def test_gold_mention(a, b, kind, before, after, error):
    (change,) = changes([CITY], a, b)
    assert (change.kind, change.before, change.after, change.error) == (kind, before, after, error)
    assert (change.label, change.gold.text, change.pairs) == ("ORG", "市财政局", (1,))


def test_spurious_predictions():
    gone, new = changes([], [ORG], [PARK])
    assert (gone.kind, gone.before, gone.after, gone.error, gone.label) == (
        "vanished",
        "spurious",
        None,
        "spurious",
        "ORG",
    )
    assert (new.kind, new.before, new.after, new.error, new.label) == (
        "appeared",
        None,
        "spurious",
        "spurious",
        "TARGET",
    )
    assert changes([], [ORG], [ORG]) == ()


def test_what_both_answer_alike_is_no_change():
    assert changes([ORG, CITY], [ORG, SHORT], [ORG, SHORT]) == ()
    scored = document("一", TEXT, CITY).with_mentions([Mention(5, 9, "ORG", "市财政局", 0.3)])
    assert find_changes([document("一", TEXT, CITY)], [([scored], [document("一", TEXT, CITY)])]) == ()


def test_prediction_of_both_that_only_changes_its_partner():
    """“政局” is spurious beside A's “市财” and the boundary error in B: one change, that of the gold mention."""
    (change,) = changes([CITY], [("市财", "ORG"), ("政局", "ORG")], [("政局", "ORG")])
    assert (change.kind, change.a.text, change.b.text) == ("changed", "市财", "政局")


def test_shared_by_pairs_is_one_change():
    gold, right, none = ([document("一", TEXT, *spans)] for spans in ([CITY], [CITY], []))
    short = [document("一", TEXT, SHORT)]
    found = find_changes(gold, [(none, right), (short, right), (none, right), (right, right)])
    assert [(change.before, change.pairs) for change in found] == [("missed", (1, 3)), ("boundary", (2,))]


def test_order_is_that_of_documents_and_positions():
    gold = [document(id, TEXT, ORG, PARK) for id in ("乙", "甲")]
    nothing = [document(id, TEXT) for id in ("乙", "甲")]
    found = find_changes(gold, [(nothing, gold)])
    assert [(change.document, change.gold.text) for change in found] == [
        ("乙", "省政府"),
        ("乙", "新增公园12座"),
        ("甲", "省政府"),
        ("甲", "新增公园12座"),
    ]


@given(st.data())
def test_every_change_once(data):
    text = data.draw(st.text(ALPHABET, max_size=25))
    gold, a, b = (document("d", text, *data.draw(layers(len(text)))).mentions for _ in range(3))
    triples = compare_mentions(gold, a, b)
    found = [Change("d", *triple) for triple in triples]
    counts = Counter(change.kind for change in found)
    assert set(counts) <= set(CHANGE_KINDS)
    # what B gets right beyond A is what it fixed less what it broke
    assert counts["fixed"] - counts["broken"] == len(set(b) & set(gold)) - len(set(a) & set(gold))
    # no gold mention twice, and every prediction that only one of the two makes exactly once
    golden = [change.gold for change in found if change.gold]
    assert len(golden) == len(set(golden))
    for layer, other, side in ((a, b, "a"), (b, a, "b")):
        listed = Counter(mention for change in found if (mention := getattr(change, side)) is not None)
        assert all(listed[mention] == 1 for mention in set(layer) - set(other))
        assert max(listed.values(), default=0) <= 1
    assert all(change.a != change.b for change in found)
    # the other way about is the mirror image
    assert Counter((gold, b, a) for gold, a, b in triples) == Counter(compare_mentions(gold, b, a))
