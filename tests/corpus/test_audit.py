import csv
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import SCHEMA, sets
from topner.annotation.inline import parse
from topner.corpus.audit import WEIGHTS, Suspect, audit
from topner.corpus.opinions import Opinion
from topner.corpus.suspect_list import COLUMNS, table, write_suspects
from topner.document import Document, Mention
from topner.labels import LabelSchema

DEFAULT = LabelSchema()


def document(id, marked):
    text, candidates = parse(marked)
    return Document.from_spans(id, text, [(c.start, c.end, c.label) for c in candidates])


def opinion(document, *mentions):
    text = document.text
    return Opinion(
        Document(document.id, text, tuple(Mention(s, e, label, text[s:e], p) for s, e, label, p in mentions))
    )


def test_a_sound_document_has_no_suspects():
    one = document("a", "[市科技局](ORG)力争[引进20个团队](TARGET)，办好“[科创杯](PROJECT)”。")
    assert audit([one], DEFAULT) == ()
    assert table(()) == "0 suspects"


def test_one_span_suspected_by_several_sources_is_one_suspect_and_ranks_higher():
    one = document("a", "去年开会。[力争工业投资突破300亿元](TARGET)。😀")
    two = document("b", "今天开会。[力争出口总额突破20亿元](TARGET)。")
    first, second = audit([two, one], DEFAULT, [opinion(one, (7, 18, "TARGET", 0.6))])
    assert (first.document, second.document) == ("a", "b")
    assert first.kinds == ("intent", "model: boundary")
    assert first.score == pytest.approx(1 - (1 - WEIGHTS["intent"]) * (1 - 0.6))
    assert second.score == pytest.approx(WEIGHTS["intent"])
    assert len(first.reasons) == 2
    assert (first.suggested_start, first.suggested_end, first.suggested_text) == (7, 18, "工业投资突破300亿元")
    assert (first.before, first.text, first.after) == ("去年开会。", "力争工业投资突破300亿元", "。😀")


def test_overlapping_untagged_stretches_are_one_suspect():
    one = document("a", "推进[云湖新城](PROJECT)。\n云湖新城里，路灯亮了。")
    (found,) = audit([one], DEFAULT, [opinion(one, (2, 6, "PROJECT", 0.9), (8, 13, "PROJECT", 0.4))])
    assert found.kinds == ("untagged here", "model: spurious")
    assert (found.label, found.suggested_label, found.suggested_text) == ("O", "PROJECT", "云湖新城")
    assert found.before.endswith("。⏎")


def test_the_list_is_a_table_that_opens_in_a_spreadsheet(tmp_path):
    one = document("a", "指标：[=1+2增长5](TARGET)%，办好[“科创杯](PROJECT)”大赛。")
    suspects = audit([one], DEFAULT)
    write_suspects(tmp_path / "out.csv", suspects)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert tuple(rows[0]) == COLUMNS
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert [(row["kinds"], row["suggested_text"]) for row in rows] == [("unbalanced", "科创杯"), ("cut", "'=1+2增长5%")]
    shown = table(suspects)
    assert "2 suspects" in shown
    assert "办好[“科创杯]”大赛。  PROJECT -> PROJECT 科创杯" in shown
    assert "... 1 more" in table(suspects, shown=1)


def test_other_label_sets_meet_the_rules_that_know_no_label():
    schema = LabelSchema(("PERSON",))
    one = document("a", "[陈𠮷，](PERSON)说确保增长5%。")
    assert [s.kinds for s in audit([one], schema)] == [("edge",)]


@given(documents=sets(), data=st.data())
def test_suspects_are_ranked_stand_in_their_documents_and_name_each_place_once(documents, data):
    spoken = [opinion(d, *((m.start, m.end, m.label, 0.5) for m in d.mentions[::2])) for d in documents]
    suspects = audit(documents, SCHEMA, data.draw(st.sampled_from([spoken, spoken * 2, []])))
    assert [s.score for s in suspects] == sorted((s.score for s in suspects), reverse=True)
    places = [(s.document, s.start, s.end, s.label == "O") for s in suspects]
    assert len(set(places)) == len(places)
    by_id = {d.id: d for d in documents}
    for s in suspects:
        assert by_id[s.document].text[s.start : s.end] == s.text
        assert 0 < s.score <= 1
        assert "\n" not in s.before + s.after
    if spoken:
        assert audit(documents, SCHEMA, spoken) == audit(documents, SCHEMA, spoken)


def test_columns_name_what_a_suspect_holds():
    assert set(COLUMNS) == {"rank", *(field.name for field in fields(Suspect))}
