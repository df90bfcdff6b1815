import pytest
from evaluation_cases import SCHEMA, data_sets, document
from hypothesis import given, settings

from topner.evaluation.causes import CAUSES, causes, count_causes
from topner.evaluation.errors import disagreements


def found(text, gold, predicted, *more):
    """Ids of the causes of the errors in one text; ``more`` are further documents (id, text, spans) found right."""
    golds = [document("a", text, *gold), *(document(*other) for other in more)]
    answers = [document("a", text, *predicted), *golds[1:]]
    errors = disagreements(golds, answers, SCHEMA)
    return [cause.id for cause in causes(errors, golds, answers)]


GOALS = ("税收增长8%", "新建学校3所", "出口5亿元", "培训2万人")
OTHER = ("b", "，".join(GOALS), *((goal, "TARGET") for goal in GOALS))


@pytest.mark.parametrize(
    ("text", "gold", "predicted", "expected"),
    [
        ("深入实施“百千万工程”", ("百千万工程", "PROJECT"), ("“百千万工程”", "PROJECT"), "marks"),
        ("市科技局、市教育局牵头", ("市科技局", "ORG"), ("市科技", "ORG"), "tail_missing"),
        ("江门双碳实验室揭牌", ("江门双碳实验室", "ORG"), ("双碳实验室", "ORG"), "modifier_missing"),
        ("加快深江铁路建设", ("深江铁路", "PROJECT"), ("加快深江铁路", "PROJECT"), "modifier_extra"),
        ("加快深江铁路建设", ("深江铁路", "PROJECT"), ("深江铁路建设", "PROJECT"), "tail_extra"),
        ("加快深江铁路建设", ("深江铁路", "PROJECT"), ("加快深江", "PROJECT"), "extent"),
        ("力争工业投资增长6%以上", ("工业投资增长6%以上", "TARGET"), ("工业投资增长6%", "TARGET"), "quantity_cut"),
        ("投入超115亿元", ("投入超115亿元", "TARGET"), ("投入超115亿", "TARGET"), "quantity_cut"),
        ("到2025年税收增长8%", ("税收增长8%", "TARGET"), ("到2025年税收增长8%", "TARGET"), "intent"),
        ("依托侨梦苑建设", ("侨梦苑", "PROJECT"), ("侨梦苑", "ORG"), "label"),
    ],
)
def test_boundaries(text, gold, predicted, expected):
    assert found(text, [gold], [predicted], OTHER) == [expected]


def test_merged_and_split():
    two = [("市科技局", "ORG"), ("市教育局", "ORG")]
    assert found("市科技局、市教育局牵头", two, [("市科技局、市教育局", "ORG")]) == ["merged", "merged"]
    parts = [("省科学院", "ORG"), ("江门研究院", "ORG")]
    assert found("省科学院江门研究院", [("省科学院江门研究院", "ORG")], parts) == ["split", "split"]


@pytest.mark.parametrize(
    ("text", "predicted", "expected"),
    [
        ("去年，全市规上工业增加值增长7.1%。", ("规上工业增加值增长7.1%", "TARGET"), "achieved"),
        ("总投资50亿元的医药产业园开工", ("总投资50亿元", "TARGET"), "describing"),
        ("园区面积3平方公里", ("面积3平方公里", "TARGET"), "spurious_quantity"),
        ("支持高校院所发展", ("高校院所", "ORG"), "not_a_name"),
    ],
)
def test_spurious(text, predicted, expected):
    assert found(text, [], [predicted], OTHER) == [expected]


def test_spurious_here_gold_elsewhere():
    assert found("依托侨梦苑建设", [], [("侨梦苑", "PROJECT")], ("b", "建好侨梦苑", ("侨梦苑", "PROJECT"))) == [
        "gold_elsewhere"
    ]


def test_missed():
    text = "市科技局负责，市科技局督办"
    assert found(text, [(0, 4, "ORG"), (7, 11, "ORG")], [(0, 4, "ORG")]) == ["repeat"]
    assert found("超115亿元，增长10%", [("增长10%", "TARGET")], [], OTHER) == ["elliptical"]
    assert found("居民收入与经济增长同步", [("居民收入与经济增长同步", "TARGET")], [], OTHER) == ["unnumbered"]
    assert found("省政府来函", [("省政府", "ORG")], [], OTHER) == ["missed"]


def test_causes_of_quantities_ask_the_data_which_label_has_them():
    # with ORG mentions alone nothing is a label of quantities, however the labels are called
    assert found("增长10%", [], [("增长10%", "TARGET")], ("b", "省政府", ("省政府", "ORG"))) == ["not_a_name"]


@settings(max_examples=100, deadline=None)
@given(data_sets())
def test_every_error_has_one_cause_and_is_counted_once(sets):
    gold, predicted = sets
    errors = disagreements(gold, predicted, SCHEMA)
    each = causes(errors, gold, predicted)
    assert len(each) == len(errors)
    assert set(each) <= set(CAUSES)
    counts = count_causes(errors, each, SCHEMA.names)
    assert sum(row["total"] for row in counts.values()) == len(errors)
    assert all(row["total"] == sum(row[name] for name in SCHEMA.names) for row in counts.values())


def test_ids_are_distinct():
    assert len({cause.id for cause in CAUSES}) == len(CAUSES)
