import pytest

from topner.document import Document
from topner.targets.party import projects, responsible
from topner.targets.scene import Scene
from topner.targets.voice import Voices
from topner.text.clean import clean


def document(text, **labels):
    spans = [(text.index(w), text.index(w) + len(w), label) for label, words in labels.items() for w in words]
    return Document.from_spans("a", text, spans)


def who(doc):
    scene = Scene.of(doc, clean(doc.text))
    return [responsible(scene, Voices(scene), target) for target in scene.targets]


def where(doc):
    scene = Scene.of(doc, clean(doc.text))
    return [[m.text for m in projects(scene, target)] for target in scene.targets]


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
        (
            "市科技局会同市财政局推进改革，年内新增企业50家",
            ["市科技局", "市财政局"],
            "新增企业50家",
            ("市科技局", "subject"),
        ),
        ("市水务局、市住建局年内改造管网46公里", ["市水务局", "市住建局"], "改造管网46公里", ("市住建局", "subject")),
        ("按照省财政厅有关要求，安排资金2亿元", ["省财政厅"], "安排资金2亿元", None),
        ("市人大常委会已批准：安排资金2亿元", ["市人大常委会"], "安排资金2亿元", None),
        (
            "新增学位3000个，扩建食堂。（市教育局牵头，市财政局配合）",
            ["市教育局", "市财政局"],
            "新增学位3000个",
            ("市教育局", "lead"),
        ),
        ("新增学位3000个。\n责任单位：市教育局", ["市教育局"], "新增学位3000个", ("市教育局", "lead")),
        ("推进(jìn)市实验室建设，新增学位3000个", ["市实验室"], "新增学位3000个", None),
        (
            "市商务局局长 陈实\n稳住外贸\n今年外贸好转。新增外贸企业30家",
            ["市商务局"],
            "新增外贸企业30家",
            ("市商务局", "heading"),
        ),
        ("市商务局、各县区：\n新增外贸企业30家", ["市商务局"], "新增外贸企业30家", None),
        ("县联社的“谷米贷”今年发放贷款2亿元", ["县联社"], "发放贷款2亿元", None),
    ],
)
def test_who(text, orgs, goal, found):
    (party,) = who(document(text, ORG=orgs, TARGET=[goal]))
    assert (None if party is None else (party.mention.text, party.via)) == found
    if party is not None:
        assert 0 < party.confidence <= 1


def test_evidence_points_into_the_raw_page():
    text = "市科(kē)技局今年新增企業(yè)50家"
    doc = document(text, ORG=["市科(kē)技局"], TARGET=["新增企業(yè)50家"])
    (party,) = who(doc)
    assert text[party.mention.start : party.mention.end] == "市科(kē)技局"


def test_projects_of_the_same_commitment():
    doc = document(
        "加快侨梦苑建设，推动深江铁路完成投资30亿元，征地200亩，建设港邑产业园；新建学校3所",
        PROJECT=["侨梦苑", "深江铁路", "港邑产业园"],
        TARGET=["完成投资30亿元", "征地200亩", "新建学校3所"],
    )
    assert where(doc) == [["侨梦苑", "深江铁路"], ["侨梦苑", "深江铁路"], []]


def test_a_body_whose_own_project_acts():
    doc = document("县联社的“谷米贷”今年发放贷款2亿元", ORG=["县联社"], PROJECT=["谷米贷"], TARGET=["发放贷款2亿元"])
    assert [party.mention.text for party in who(doc)] == ["县联社"]
