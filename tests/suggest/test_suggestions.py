"""Suggestions written for each tool and read again."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suggest_cases import Patterns, tagged

from strategies import SCHEMA, content, sets
from topner.annotation.formats import read_documents
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.suggest.export import SUGGESTION_FORMATS, labelling, model_version, write_suggestions

VERSION = "topner 0.1.0 3fa94c07"
EXACT = [float(f"{i / 10_000:.4f}") for i in range(10_001)]


@st.composite
def scored_sets(draw):
    return [
        d.with_mentions(Mention(*m.span, m.label, m.text, draw(st.sampled_from(EXACT))) for m in d.mentions)
        for d in draw(sets())
    ]


def written(documents, folder, format, schema=SCHEMA):
    target = Path(folder) / ("pairs" if format == "brat" else "out")
    write_suggestions(documents, target, format, schema, VERSION)
    return target


@pytest.mark.parametrize("format", SUGGESTION_FORMATS)
@settings(max_examples=60, deadline=None)
@given(docs=scored_sets())
def test_scores_and_model_come_back_from_every_tool(format, docs):
    ledger = Ledger()
    with TemporaryDirectory() as folder:
        found = {
            d.id: d for d in read_documents(written(docs, folder, format), None, SCHEMA, ledger, layer="predictions")
        }
    assert not ledger.losses
    assert len(found) == len(docs)
    for d in docs:
        assert content(found[d.id]) == content(d)
        assert [m.score for m in found[d.id].mentions] == [m.score for m in d.mentions]
        if format != "brat":
            assert dict(found[d.id].meta) == {**d.meta, "model_version": VERSION}
        elif d.mentions:
            assert found[d.id].meta["model_version"] == VERSION


def test_label_studio_gets_predictions_even_where_there_are_none(tmp_path):
    target = written(tagged(0.75), tmp_path, "label-studio", LabelSchema())
    tasks = {task["data"]["topner_id"]: task for task in json.loads(target.read_text(encoding="utf-8"))}
    assert not any("annotations" in task for task in tasks.values())
    assert tasks["无"]["predictions"] == [{"model_version": VERSION, "result": []}]
    [prediction] = tasks["水利"]["predictions"]
    assert (prediction["model_version"], prediction["score"]) == (VERSION, 0.75)
    assert {region["score"] for region in prediction["result"]} == {0.75}
    xml = ElementTree.fromstring((tmp_path / "out.labels.xml").read_text(encoding="utf-8"))
    [labels], [text] = xml.findall("Labels"), xml.findall("Text")
    region = prediction["result"][0]
    assert (region["from_name"], region["to_name"]) == (labels.get("name"), labels.get("toName")) == ("label", "text")
    assert (text.get("name"), text.get("value")) == ("text", "$text")
    assert [label.get("value") for label in labels] == ["TARGET", "PROJECT", "ORG"]


def test_a_label_cannot_break_the_configuration():
    xml = ElementTree.fromstring(labelling(LabelSchema(("政策.V-2", *(f"L{i}" for i in range(20))))))
    labels = xml.findall("Labels/Label")
    assert len(labels) == 21
    assert all(label.get("background", "").startswith("#") for label in labels)


def test_doccano_keeps_scores_beside_the_spans(tmp_path):
    target = written(tagged(0.75), tmp_path, "doccano", LabelSchema())
    rows = {row["id"]: row for row in map(json.loads, target.read_text(encoding="utf-8").splitlines())}
    assert rows["无"]["scores"] == []  # in every row or in none
    assert rows["水利"]["scores"] == [[*span, 0.75] for span in rows["水利"]["label"]]
    assert rows["水利"]["meta"] == {"source": "原文/水利.txt", "model_version": VERSION}


def test_a_span_moved_in_doccano_has_lost_its_score(tmp_path):
    target = written(tagged(0.75)[1:2], tmp_path, "doccano", LabelSchema())
    row = json.loads(target.read_text(encoding="utf-8"))
    row["label"][0][1] -= 1
    target.write_text(json.dumps(row), encoding="utf-8")
    [one] = read_documents(target, None, LabelSchema(), Ledger())
    assert [m.score for m in one.mentions] == [None, 0.75, 0.75]


def test_brat_gets_a_note_a_mention_and_its_settings(tmp_path):
    target = written(tagged(0.75), tmp_path, "brat", LabelSchema())
    lines = (target / "公园.ann").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("T1\tTARGET ")
    assert lines[1] == f"#1\tAnnotatorNotes T1\tmodel={VERSION} score=0.7500"
    sections = (target / "annotation.conf").read_text(encoding="utf-8")
    assert sections.startswith("[entities]\nTARGET\nPROJECT\nORG\n")
    assert all(f"[{name}]" in sections for name in ("relations", "events", "attributes"))


def test_a_reviewers_own_note_is_no_score(tmp_path):
    (tmp_path / "a.txt").write_text("市科技局", encoding="utf-8")
    (tmp_path / "a.ann").write_text("T1\tORG 0 4\t市科技局\n#1\tAnnotatorNotes T1\tscore=0.75 对吗\n", encoding="utf-8")
    [one] = read_documents(tmp_path, None, LabelSchema(), Ledger())
    assert (one.mentions[0].score, dict(one.meta)) == (None, {})


@pytest.mark.parametrize("format", SUGGESTION_FORMATS)
def test_targets_of_the_wrong_kind_are_refused(format, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").write_text("x")
    for target in [tmp_path / "folder"] + [tmp_path / "file"] * (format == "brat"):
        with pytest.raises(TopnerError, match=r"is a (file|folder)|holds files already"):
            write_suggestions(tagged(), target, format, LabelSchema(), VERSION)
    assert [p.name for p in (tmp_path / "folder").iterdir()] == ["x"]
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.parametrize("format", SUGGESTION_FORMATS)
def test_two_documents_of_one_id_are_refused(format, tmp_path):
    with pytest.raises(TopnerError, match="the id 'a'"):
        written([Document("a", "x"), Document("a", "y")], tmp_path, format)
    assert list(tmp_path.iterdir()) == []


def test_the_version_follows_the_weights(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"1")
    first = model_version(tmp_path)
    assert first == model_version(tmp_path)
    assert first.startswith("topner 0.1.0 ")
    assert len(first.split()[-1]) == 8
    (tmp_path / "model.safetensors").write_bytes(b"2")
    assert model_version(tmp_path) != first
    with pytest.raises(TopnerError, match=r"holds no model\.safetensors"):
        model_version(tmp_path / "none")


def test_the_stand_in_tagger_finds_its_patterns():
    assert [m.text for m in Patterns().tag(tagged()[1]).mentions] == ["市科技局", "引进2个团队", "“科创杯”大赛"]
