import csv
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.corpus.agreement import agreement
from topner.corpus.disputes import count_disputes, find_disputes, stakes, write_disputes
from topner.document import Document
from topner.labels import LabelSchema

SCHEMA = LabelSchema()
TEXT = "＝市科技局力争引进2个𠮷林团队😀，办好“科创杯”大赛。"


def layers(*versions):
    """One document; ``None`` for somebody who has not annotated it."""
    return {
        f"n{i}": [Document("z", TEXT), *([] if spans is None else [Document.from_spans("a", TEXT, spans)])]
        for i, spans in enumerate(versions, 1)
    }


@st.composite
def versions(draw, many=3):
    made = []
    for _ in range(many):
        cuts = sorted(draw(st.lists(st.integers(0, len(TEXT)), max_size=10, unique=True)))
        labels = st.sampled_from([*SCHEMA.names, None])
        spans = [(a, b, draw(labels)) for a, b in pairwise(cuts)]
        made.append([span for span in spans if span[2] is not None])
    return layers(*made)


@pytest.mark.parametrize(
    ("kind", "labels", "stretch", "readings"),
    [
        ("missed", "ORG", (1, 5), ([(1, 5, "ORG")], [])),
        ("boundary", "TARGET", (5, 15), ([(7, 15, "TARGET")], [(5, 15, "TARGET")])),
        ("label", "PROJECT/ORG", (1, 5), ([(1, 5, "ORG")], [(1, 5, "PROJECT")])),
        ("both", "PROJECT/ORG", (1, 5), ([(1, 4, "ORG")], [(1, 5, "PROJECT")])),
        ("split", "TARGET", (5, 15), ([(5, 15, "TARGET")], [(5, 9, "TARGET"), (9, 15, "TARGET")])),
        ("split", "TARGET/PROJECT", (1, 15), ([(1, 7, "TARGET"), (9, 15, "PROJECT")], [(5, 11, "TARGET")])),
        ("boundary", "TARGET", (5, 15), ([(7, 15, "TARGET")], [(5, 15, "TARGET")], [(7, 14, "TARGET")])),
        ("missed", "TARGET", (5, 15), ([(7, 15, "TARGET")], [(5, 15, "TARGET")], [])),
        ("missed", "ORG", (1, 5), ([(1, 5, "ORG")], None, [])),
    ],
)
def test_kinds(kind, labels, stretch, readings):
    [dispute] = find_disputes(layers(*readings), SCHEMA)
    assert (dispute.document, dispute.kind, "/".join(dispute.labels)) == ("a", kind, labels)
    assert (dispute.start, dispute.end) == stretch
    assert {name: [m.key for m in reading] for name, reading in dispute.readings.items()} == {
        f"n{i}": spans for i, spans in enumerate(readings, 1) if spans is not None
    }
    counts = count_disputes([dispute])
    assert counts[kind] == {labels: 1}
    assert sum(n for row in counts.values() for n in row.values()) == 1


def test_what_everybody_has_is_in_no_dispute():
    both = [(1, 5, "ORG"), (19, 26, "PROJECT")]
    assert find_disputes(layers(both, both), SCHEMA) == ()
    found = find_disputes(layers([*both, (7, 15, "TARGET")], both), SCHEMA)
    assert [(d.start, d.end) for d in found] == [(7, 15)]


def test_who_sides_with_whom_and_who_differs():
    target = [(7, 15, "TARGET")]
    [dispute] = find_disputes(layers(target, [(5, 15, "TARGET")], target, None), SCHEMA)
    assert [names for names, _ in dispute.sides] == [("n1", "n3"), ("n2",)]
    assert dispute.parts("n1", "n2")
    assert not dispute.parts("n1", "n3")
    assert not dispute.parts("n1", "n4")
    assert dispute.remarks(TEXT) == ("左多“力争”",)
    assert stakes([dispute, dispute], {"a": TEXT}) == {"左“力争”": 2}


def test_no_remarks_beyond_two_readings_of_one_mention():
    target = [(7, 15, "TARGET")]
    for others in ([[]], [[(5, 15, "TARGET")], [(7, 12, "TARGET")]], [[(7, 9, "TARGET"), (9, 15, "TARGET")]]):
        [dispute] = find_disputes(layers(target, *others), SCHEMA)
        assert dispute.remarks(TEXT) == ()


@given(held=versions())
@settings(deadline=None)
def test_disputes_lie_apart_and_hold_all_that_is_in_dispute(held):
    disputes = find_disputes(held, SCHEMA)
    assert all(one.end <= other.start for one, other in pairwise(disputes))
    inside = {(m.key, name) for d in disputes for name, reading in d.readings.items() for m in reading}
    every = {(m.key, name) for name, documents in held.items() for d in documents for m in d.mentions}
    agreed = every - inside
    keys = {key for key, _ in agreed}
    assert agreed == {(key, name) for key in keys for name in held}  # the rest is everybody's
    assert {d.mention.key for d in agreement(held, SCHEMA).disagreements} <= {key for key, _ in inside}
    for dispute in disputes:
        assert len(dispute.sides) > 1
        starts = [m.start for reading in dispute.readings.values() for m in reading]
        assert min(starts) == dispute.start


@given(held=versions(), data=st.data())
@settings(deadline=None)
def test_order_of_annotators_changes_no_dispute(held, data):
    names = data.draw(st.permutations(list(held)))
    one, other = (find_disputes(order, SCHEMA) for order in (held, {name: held[name] for name in names}))
    assert [(d.start, d.end, d.kind, d.labels, dict(d.readings)) for d in one] == [
        (d.start, d.end, d.kind, d.labels, dict(d.readings)) for d in other
    ]


def test_table_is_inert_and_has_a_column_for_each(tmp_path):
    held = layers([(0, 5, "ORG")], [(1, 5, "ORG")], None)
    write_disputes(tmp_path / "d.csv", find_disputes(held, SCHEMA), list(held), {"a": TEXT})
    with (tmp_path / "d.csv").open(encoding="utf-8-sig", newline="") as handle:
        [row] = csv.DictReader(handle)
    assert (row["document"], row["start"], row["end"], row["kind"], row["labels"]) == ("a", "0", "5", "boundary", "ORG")
    assert (row["text"], row["before"], row["after"][:4]) == ("'＝市科技局", "", "力争引进")
    assert row["boundary"] == "左缺“＝”"
    assert (row["by n1"], row["by n2"], row["by n3"]) == ("ORG 0-5 ＝市科技局", "ORG 1-5 市科技局", "")
