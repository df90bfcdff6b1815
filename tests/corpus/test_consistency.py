from topner.annotation.inline import parse
from topner.corpus.consistency import suspicions
from topner.document import Document


def document(id, marked):
    text, candidates = parse(marked)
    return Document.from_spans(id, text, [(c.start, c.end, c.label) for c in candidates])


def kinds(*documents):
    return [(s.kind, s.document, s.text) for s in suspicions(documents)]


def test_a_sound_document_gives_nothing():
    assert kinds(document("a", "[市科技局](ORG)力争[引进20个团队](TARGET)，办好“[科创杯](PROJECT)”。")) == []


def test_ends():
    found = kinds(document("a", "力争[增长5%，](TARGET)办好[“科创杯](PROJECT)”大赛，[市\n委](ORG)。"))
    assert found == [
        ("edge", "a", "增长5%，"),
        ("edge", "a", "市\n委"),
        ("unbalanced", "a", "“科创杯"),
    ]


def test_one_string_two_labels_beside_the_same_neighbours():
    one = document("a", "加快[江门双碳实验室](ORG)建设。推进[江门双碳实验室](ORG)二期。")
    two = document("b", "加快[江门双碳实验室](PROJECT)建设。")
    (found,) = suspicions([one, two])
    assert (found.kind, found.document, found.label) == ("two labels", "b", "PROJECT")
    assert "ORG 2" in found.reason
    assert kinds(one, document("c", "游客走进[江门双碳实验室](PROJECT)，拍照留念")) == []


def test_a_missed_repeat():
    assert kinds(document("a", "[深江铁路](PROJECT)开工，深江铁路全长116公里。")) == [
        ("untagged here", "a", "深江铁路")
    ]


def test_a_name_that_is_tagged_in_other_documents():
    tagged = [document(f"d{i}", "[市发展改革局](ORG)牵头。") for i in range(2)]
    assert kinds(*tagged, document("x", "由市发展改革局负责。")) == [("untagged elsewhere", "x", "市发展改革局")]


def test_an_achieved_quantity_is_no_missed_target():
    assert kinds(document("a", "去年增长5%，今年[增长5%](TARGET)，还要增长5%。")) == []
