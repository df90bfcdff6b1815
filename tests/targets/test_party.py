import pytest

from topner.document import Document
from topner.targets.party import projects, responsible


def document(text, **labels):
    spans = [(text.index(w), text.index(w) + len(w), label) for label, words in labels.items() for w in words]
    return Document.from_spans("a", text, spans)


def target(doc):
    return next(m for m in doc.mentions if m.label == "TARGET")


@pytest.mark.parametrize(
    ("text", "orgs", "goal", "found"),
    [
        ("市科技局要新增高新技术企业50家", ["市科技局"], "新增高新技术企业50家", ("市科技局", "subject")),
        ("新增学位3000个，由市教育局牵头", ["市教育局"], "新增学位3000个", ("市教育局", "lead")),
        ("责任单位：市水务局。改造管网46公里", ["市水务局"], "改造管网46公里", None),
        ("市水务局：改造管网46公里。新建泵站3座", ["市水务局"], "新建泵站3座", ("市水务局", "heading")),
        (
            "市商务局局长陈实:\n今年外贸好转。\n新增外贸企业30家",
            ["市商务局"],
            "新增外贸企业30家",
            ("市商务局", "heading"),
        ),
        ("与江南大学合作，培训2万人次", ["江南大学"], "培训2万人次", None),
        ("今年新建学校3所", [], "新建学校3所", None),
        ("市科技局局长陈实表示，今年新增企业50家", ["市科技局"], "新增企业50家", ("市科技局", "subject")),
    ],
)
def test_who(text, orgs, goal, found):
    doc = document(text, ORG=orgs, TARGET=[goal])
    party = responsible(doc, target(doc))
    assert (None if party is None else (party.mention.text, party.via)) == found
    if party is not None:
        assert 0 < party.confidence <= 1


def test_projects_of_the_same_commitment():
    doc = document(
        "加快侨梦苑建设，推动深江铁路完成投资30亿元，建设港邑产业园",
        PROJECT=["侨梦苑", "深江铁路", "港邑产业园"],
        TARGET=["完成投资30亿元"],
    )
    assert [m.text for m in projects(doc, target(doc))] == ["侨梦苑", "深江铁路"]
