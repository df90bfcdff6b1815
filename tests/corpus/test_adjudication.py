import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_disputes import SCHEMA, TEXT, layers, versions

from topner.annotation.formats import read_documents
from topner.corpus.adjudication import Decisions, adjudicate, read_decisions, version_hash, write_adjudicated
from topner.corpus.agreement import shared_documents
from topner.corpus.disputes import find_disputes
from topner.document import Document
from topner.errors import TopnerError
from topner.ledger import Ledger

ONE = [(1, 5, "ORG"), (7, 15, "TARGET"), (19, 26, "PROJECT")]
OTHER = [(1, 5, "ORG"), (5, 15, "TARGET"), (20, 23, "PROJECT")]


def decide(held, **choices):
    """Decisions by place, ``_7_15="n1"``, with the hashes of the documents as they are."""
    hashes = {id: version_hash(versions) for id, versions in shared_documents(held).items()}
    places = {("a", *map(int, place.strip("_").split("_"))): name for place, name in choices.items()}
    return Decisions(tuple(held), hashes, places)


def spans(done, id="a"):
    return [m.key for d in done.documents if d.id == id for m in d.mentions]


def test_each_dispute_is_settled_as_decided():
    held = layers(ONE, OTHER)
    done = adjudicate(held, SCHEMA, decide(held, _5_15="n2", _19_26="n1"))
    assert spans(done) == [(1, 5, "ORG"), (5, 15, "TARGET"), (19, 26, "PROJECT")]
    assert (done.disputes, done.undecided, done.alone) == (2, (), 0)
    assert spans(adjudicate(held, SCHEMA, decide(held, _5_15=None, _19_26="n2"))) == [
        (1, 5, "ORG"),
        (20, 23, "PROJECT"),
    ]


def test_what_is_not_decided():
    held = layers(ONE, OTHER)
    decisions = decide(held, _5_15="n2")
    assert [(d.start, d.end) for d in adjudicate(held, SCHEMA, decisions).undecided] == [(19, 26)]
    assert spans(adjudicate(held, SCHEMA, decisions, "drop")) == [(1, 5, "ORG"), (5, 15, "TARGET")]
    assert spans(adjudicate(held, SCHEMA, decisions, "first"))[-1] == (19, 26, "PROJECT")
    assert spans(adjudicate(held, SCHEMA, None, "first")) == ONE
    # the first who has annotated the document
    assert spans(adjudicate(layers(None, OTHER, ONE), SCHEMA, None, "first")) == OTHER


def test_documents_of_one_annotator_stay_and_metadata_are_the_firsts():
    one = Document.from_spans("a", TEXT, ONE, {"title": "通稿", "year": 2026})
    lone = Document.from_spans("b", TEXT, ONE[:1])
    done = adjudicate({"x": [one], "y": [lone, Document.from_spans("a", TEXT, OTHER)]}, SCHEMA, None, "drop")
    assert [(d.id, dict(d.meta)) for d in done.documents] == [("a", {"title": "通稿", "year": 2026}), ("b", {})]
    assert spans(done, "b") == ONE[:1]
    assert done.alone == 1


@given(held=versions(), data=st.data())
@settings(deadline=None)
def test_any_choice_gives_flat_documents_and_keeps_what_all_have(held, data):
    disputes = find_disputes(held, SCHEMA)
    choices = {(d.document, d.start, d.end): data.draw(st.sampled_from([None, *d.readings])) for d in disputes}
    hashes = {id: version_hash(versions) for id, versions in shared_documents(held).items()}
    done = adjudicate(held, SCHEMA, Decisions(tuple(held), hashes, choices))
    assert done.undecided == ()
    result = spans(done)
    assert all(one[1] <= other[0] for one, other in pairwise(result))
    everybodys = set.intersection(*({m.key for d in documents for m in d.mentions} for documents in held.values()))
    assert everybodys <= set(result)
    expected = {m.key for d in disputes if (name := choices[d.document, d.start, d.end]) for m in d.readings[name]}
    assert set(result) == everybodys | expected


@given(held=versions(), data=st.data())
@settings(deadline=None)
def test_taking_one_annotator_throughout_gives_their_layer(held, data):
    name = data.draw(st.sampled_from(list(held)))
    choices = {(d.document, d.start, d.end): name for d in find_disputes(held, SCHEMA)}
    hashes = {id: version_hash(versions) for id, versions in shared_documents(held).items()}
    done = adjudicate(held, SCHEMA, Decisions(tuple(held), hashes, choices))
    assert [d.mentions for d in done.documents] == [d.mentions for d in held[name]]


def test_stale_decisions_are_refused():
    held = layers(ONE, OTHER)
    decisions = decide(held, _5_15="n2", _19_26="n1")
    changed = layers(ONE, [*OTHER[:2], (20, 24, "PROJECT")])
    with pytest.raises(TopnerError, match="document 'a' has changed since it was decided"):
        adjudicate(changed, SCHEMA, decisions)
    with pytest.raises(TopnerError, match="has changed"):
        adjudicate(dict(zip(held, reversed(held.values()), strict=True)), SCHEMA, decisions)
    with pytest.raises(TopnerError, match="about n1, n2; compared were n1, n2, n3"):
        adjudicate(layers(ONE, OTHER, ONE), SCHEMA, decisions)
    # another document that changes does not matter, nor do metadata
    held["n1"][0] = Document.from_spans("z", TEXT, ONE[:1])
    held["n2"][1] = Document.from_spans("a", TEXT, OTHER, {"year": 2026})
    assert [d.document for d in adjudicate(held, SCHEMA, decisions).undecided] == ["z"]


def test_decisions_that_fit_nothing_are_refused():
    held = layers(ONE, OTHER, None)
    with pytest.raises(TopnerError, match=r"document 'a' \[1, 5\) is decided, but there is no dispute"):
        adjudicate(held, SCHEMA, decide(held, _1_5="n1"))
    with pytest.raises(TopnerError, match="n3 has not annotated the document"):
        adjudicate(held, SCHEMA, decide(held, _5_15="n3"))
    with pytest.raises(TopnerError, match="decides about 'b', which no two annotators have"):
        adjudicate(held, SCHEMA, Decisions(tuple(held), {}, {("b", 0, 1): None}))


def content(*rows, **more):
    value = {"schema_version": 1, "annotators": ["n1", "n2"], "documents": {"a": "0" * 64}, "decisions": list(rows)}
    return {**value, **more}


ROW = {"document": "a", "start": 5, "end": 15, "annotator": "n2"}


def test_decisions_are_read(tmp_path):
    path = tmp_path / "decisions.json"
    path.write_text(json.dumps(content(ROW, {**ROW, "start": 19, "end": 26, "annotator": None})), encoding="utf-8")
    read = read_decisions(path)
    assert (read.annotators, read.path) == (("n1", "n2"), path)
    assert read.choices == {("a", 5, 15): "n2", ("a", 19, 26): None}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{", "is not JSON"),
        ([], "holds no decisions"),
        (content(schema_version=2), "holds no decisions"),
        (content(annotators=[1]), "lacks 'annotators'"),
        (content(documents=[]), "lacks 'annotators'"),
        (content(ROW, {**ROW, "end": "15"}), "decision 2: is not {document, start, end, annotator}"),
        (content({**ROW, "start": True}), "decision 1: is not"),
        (content({"document": "a", "start": 5, "end": 15}), "decision 1: is not"),
        (content(ROW, {**ROW, "annotator": "n1"}), r"decision 2: document 'a' \[5, 15\) is decided twice"),
    ],
)
def test_files_that_hold_no_decisions(tmp_path, value, message):
    path = tmp_path / "decisions.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    with pytest.raises(TopnerError, match=message) as error:
        read_decisions(path)
    assert error.value.path == path


def test_written_documents_are_read_back(tmp_path):
    held = layers(ONE, OTHER)
    done = adjudicate(held, SCHEMA, decide(held, _5_15="n2", _19_26="n1"))
    write_adjudicated(done, tmp_path / "merged", [tmp_path / "one"], SCHEMA)
    back = read_documents(tmp_path / "merged", None, SCHEMA, Ledger())
    assert {d.id: (d.text, d.mentions) for d in back} == {d.id: (d.text, d.mentions) for d in done.documents}


def test_nothing_is_overwritten(tmp_path):
    done = adjudicate(layers(ONE, OTHER), SCHEMA, None, "drop")
    source = tmp_path / "one"
    source.mkdir()
    (source / "a.txt").write_text("[省厅](ORG)", encoding="utf-8")
    for target in (source, source / "merged", tmp_path):
        with pytest.raises(TopnerError, match="is, holds or lies in"):
            write_adjudicated(done, target, [source], SCHEMA)
    with pytest.raises(TopnerError, match="not empty"):
        write_adjudicated(done, source, [tmp_path / "two"], SCHEMA)
    with pytest.raises(TopnerError, match="is a file name"):
        write_adjudicated(done, tmp_path / "merged.txt", [source], SCHEMA)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
