from topner.annotation.inline import parse
from topner.corpus.repeats import longer_names, short_forms, untagged
from topner.document import Document


def document(id, marked):
    text, candidates = parse(marked)
    return Document.from_spans(id, text, [(c.start, c.end, c.label) for c in candidates])


def found(rule, *documents):
    return [(s.kind, s.document, s.text, s.label, s.suggested_label) for s in rule(documents)]


def test_a_missed_repeat_is_untagged_and_should_be_tagged():
    one = document("a", "[云湖新城](PROJECT)开工😀，云湖新城占地𠮷亩。")
    assert found(untagged, one) == [("untagged here", "a", "云湖新城", "O", "PROJECT")]
    (suspicion,) = untagged([one])
    assert (suspicion.suggested_start, suspicion.suggested_end) == (suspicion.start, suspicion.end) == (8, 12)


def test_classes_titles_and_longer_words_are_no_repeats():
    tagged = "[财政部](ORG)、[市政府](ORG)、[自贸试验区](PROJECT)、[云湖大桥](PROJECT)。"
    for rest in (
        "各级财政部门负责",
        "支持有条件的自贸试验区先行",
        "推动各自贸试验区联动",
        "按照《市政府投资管理办法》办理",
        "清理全市政府债务",
        "沿线各县市政府配合",
        "家住云湖大桥路",
    ):
        assert found(untagged, document("a", tagged + rest)) == []
    assert found(untagged, document("a", tagged + "报财政部，由市政府批复，云湖大桥通车")) == [
        ("untagged here", "a", "财政部", "O", "ORG"),
        ("untagged here", "a", "市政府", "O", "ORG"),
        ("untagged here", "a", "云湖大桥", "O", "PROJECT"),
    ]


def test_a_name_that_others_leave_untagged_too_is_no_contradiction():
    tagged = [document(f"d{i}", "走进[清河度假区](PROJECT)。") for i in range(2)]
    loose = [document(f"x{i}", "清河度假区人来人往。") for i in range(2)]
    assert found(untagged, *tagged, loose[0]) == [("untagged elsewhere", "x0", "清河度假区", "O", "PROJECT")]
    assert found(untagged, *tagged, *loose) == []


def test_words_of_a_target_may_stand_elsewhere():
    assert found(untagged, document("a", "今年产值[翻一番](TARGET)，去年菜价翻一番。")) == []


def test_a_short_form_that_the_text_defines():
    one = document("a", "[岭南储能科技有限公司](ORG)（以下简称“岭南储能”）落户。岭南储能投产，[岭南储能](ORG)扩建。")
    assert [s.start for s in short_forms([one])] == [16, 25]
    assert found(short_forms, one)[1] == ("short form", "a", "岭南储能", "O", "ORG")
    assert found(short_forms, document("b", "[清河水库](PROJECT)（去年加固）蓄水，去年加固。")) == []


def test_a_name_that_is_tagged_whole_elsewhere():
    whole = [document(f"d{i}", "支持[东江材料实验室](ORG)建设。") for i in range(2)]
    part = document("x", "走进东江[材料实验室](ORG)。")
    assert found(longer_names, *whole, part) == [("longer elsewhere", "x", "材料实验室", "ORG", "ORG")]
    (suspicion,) = longer_names([*whole, part])
    assert suspicion.suggested_text == "东江材料实验室"
    assert found(longer_names, *whole, document("x", "[东江](PROJECT)[材料实验室](ORG)。")) == []
