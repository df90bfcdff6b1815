import pytest
from hypothesis import given

from strategies import sets
from topner.annotation.inline import parse
from topner.corpus.boundaries import boundary_suspicions, untagged_targets
from topner.document import Document


def document(marked):
    text, candidates = parse(marked)
    return Document.from_spans("a", text, [(c.start, c.end, c.label) for c in candidates])


def found(marked):
    return [(s.kind, s.text, s.suggested_label, s.suggested_text) for s in boundary_suspicions([document(marked)])]


@pytest.mark.parametrize(
    "marked",
    [
        "力争[全社会研发经费投入超115亿元](TARGET)，[增长10%](TARGET)",
        "推动[超500家企业开展数字化诊断](TARGET)和[350家企业实施数字化转型](TARGET)",
        "确保[居民收入增长与经济增长同步](TARGET)、[森林火灾受害率控制在考核线以内](TARGET)，[欠薪案件动态清零](TARGET)",
        "[全市高企存量超600家](TARGET)，[争取上级资金不低于3500万元](TARGET)",
        "[在库企业超过3000](TARGET)，2027年再看；[税收增长5%](TARGET),2028年翻番；2026,[8%](TARGET)",
        "出水[稳定达到Ⅳ类](TARGET)，城乡低保标准[分别提高5%](TARGET)、[7%](TARGET)",
        "打造[千亿级光机电产业](TARGET)，[再生水利用率达到35%](TARGET)，２０２６年汛前完工",
        "推进[“园区再造”工程](PROJECT)和“[百千万工程](PROJECT)”，高职院校“[双高计划](PROJECT)”项目",
        "深入推进[绿美江海生态建设](PROJECT)，[新建区垃圾焚烧提标](PROJECT)，加快[云湖铁路](PROJECT)建设",
        "[市发展改革局](ORG)党组书记、局长陈𠮷😀说，由[市财政局](ORG)按《预算管理办法》落实",
    ],
)
def test_what_the_guidelines_say_is_not_suspect(marked):
    assert found(marked) == []


@pytest.mark.parametrize(
    ("marked", "kind", "suggested"),
    [
        ("确保[工业投资突破300](TARGET)亿元。", "cut", "工业投资突破300亿元"),
        ("确保[产值增长7](TARGET).5个百分点以上。", "cut", "产值增长7.5个百分点以上"),
        ("确保[培训1.2万](TARGET)人次。", "cut", "培训1.2万人次"),
        ("确保[营收达到1](TARGET),200亿元。", "cut", "营收达到1,200亿元"),
        ("确保增长1[2%](TARGET)。", "cut", "12%"),
        ("确保[地区生产总值增长5.5%](TARGET)以上。", "cut", "地区生产总值增长5.5%以上"),
        ("研发经费投入不低于[115亿元](TARGET)。", "cut", "不低于115亿元"),
        ("[云湖片区2](PROJECT)025年开工。", "cut", "云湖片区2025"),
        ("[力争规上工业增加值增长6%](TARGET)。", "intent", "规上工业增加值增长6%"),
        ("[到2027年实现高新技术企业500家](TARGET)。", "intent", "高新技术企业500家"),
        ("[争取引进2个科研团队](TARGET)。", "intent", "引进2个科研团队"),
        ("[我市新增高标准农田3万亩](TARGET)。", "subject", "新增高标准农田3万亩"),
        ("[全县新增3万亩高标准农田](TARGET)。", "subject", "新增3万亩高标准农田"),
        ("今年新增[60家规上企业](TARGET)。", "verb outside", "新增60家规上企业"),
        ("完成[新增就业5万人的目标](TARGET)。", "wrapper", "新增就业5万人"),
        ("[推进云湖新城](PROJECT)。", "name edge", "云湖新城"),
        ("[赣深铁路建设](PROJECT)提速。", "name edge", "赣深铁路"),
        ("[市水利局副局长](ORG)介绍。", "name edge", "市水利局"),
        ("启动“[云湖再造](PROJECT)”工程。", "quotes", "“云湖再造”工程"),
        ("启动[“云湖再造工程”](PROJECT)。", "quotes", "云湖再造工程"),
    ],
)
def test_boundaries_and_what_should_stand_there(marked, kind, suggested):
    (suspicion,) = boundary_suspicions([document(marked)])
    assert (suspicion.kind, suspicion.suggested_text, suspicion.suggested_label) == (kind, suggested, suspicion.label)


@pytest.mark.parametrize(
    ("marked", "kind"),
    [
        ("确保[营商环境持续优化](TARGET)。", "no quantity"),
        ("由[各有关部门](ORG)落实。", "generic"),
        ("。该[供电所](ORG)抢修。", "generic"),
        ("[企业](ORG)减负。", "generic"),
        ("印发《[清河水库](PROJECT)管理办法》。", "in a title"),
    ],
)
def test_what_should_not_be_tagged_at_all(marked, kind):
    ((found_kind, text, label, _),) = found(marked)
    assert (found_kind, label) == (kind, "O")
    assert text in marked


def test_an_untagged_promise():
    promised = document(
        "力争引进科研团队12个，确保[增长5%](TARGET)，争取专项债券42.6亿元，力争2027年通车，确保全年接待游客近30万人次。"
    )
    assert [s.suggested_text for s in untagged_targets([promised])] == ["引进科研团队12个", "全年接待游客近30万人次"]
    assert [(s.label, s.suggested_label) for s in untagged_targets([promised], "目标")] == [("O", "目标")] * 2


@given(documents=sets())
def test_any_document_is_read_and_suggestions_lie_in_it(documents):
    for s in [*boundary_suspicions(documents), *untagged_targets(documents)]:
        (document,) = (d for d in documents if d.id == s.document)
        assert document.text[s.start : s.end] == s.text
        if s.suggested_label:
            assert 0 <= s.suggested_start < s.suggested_end <= len(document.text)
            assert document.text[s.suggested_start : s.suggested_end] == s.suggested_text
