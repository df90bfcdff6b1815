import json
import random
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.annotation.formats import read_documents
from topner.document import Document, Mention
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.targets.read import document_year, read_targets
from topner.targets.score import read_gold, score_records
from topner.targets.table import commitments

DIGITS = "零一二三四五六七八九"
DATA = Path(__file__).parents[2] / "data"


def records(text, *targets, **meta):
    spans, place = [], 0
    for target in targets:
        start = text.index(target, place)
        place = start + len(target)
        spans.append((start, place, "TARGET"))
    return read_targets(Document.from_spans("a", text, spans, {"year": 2024, **meta}))


def written(number):
    """A whole number below ten thousand in Chinese, as it is read aloud."""
    text, zero = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        text += ("零" if zero and text else "") + DIGITS[digit] + name if digit else ""
        zero = not digit
    return text


def test_an_elliptical_chain_inherits():
    first, second = records("力争全社会研发经费投入超115亿元，增长10%", "全社会研发经费投入超115亿元", "增长10%")
    assert (first.written, first.value, first.unit, first.comparator) == ("全社会研发经费投入", 115 * 10**8, "元", ">")
    assert (first.direction, first.inherited, first.scope) == ("level", False, "全社会")
    assert (second.written, second.inherited, second.direction, second.value) == (
        "全社会研发经费投入",
        True,
        "growth",
        10,
    )
    assert second.parts["indicator"] == first.parts["indicator"]


def test_a_document_gives_its_records():
    document = Document.from_spans("a", "新建学校3所", [(0, 6, "TARGET")])
    assert document.targets == read_targets(document)
    assert document.targets[0].value == 3


@pytest.mark.parametrize(
    ("text", "indicator", "direction", "comparator", "value", "unit"),
    [
        ("新增高新技术企业50家", "高新技术企业", "count", "=", 50, "家"),
        ("超500家企业开展数字化诊断", "企业开展数字化诊断", "count", ">", 500, "家"),
        ("居民收入增长与经济增长同步", "居民收入", "benchmark", "", None, ""),
        ("城镇登记失业率控制在3.5%以内", "城镇登记失业率", "ratio", "<=", Fraction("3.5"), "%"),
        ("合同额较上年翻一番", "合同额", "growth", "=", 100, "%"),
        ("黑臭水体清零", "黑臭水体", "level", "=", 0, ""),
        ("基础金融服务全覆盖", "基础金融服务", "ratio", "=", 100, "%"),
        ("综合实力进入全国50强", "综合实力", "rank", "<=", 50, ""),
        ("森林覆盖率由31%提高到45%", "森林覆盖率", "ratio", "=", 45, "%"),
        ("年营业收入10亿元以上种业企业达到8家", "年营业收入10亿元以上种业企业", "count", "=", 8, "家"),
        ("GDP过千亿", "GDP", "level", ">", 10**11, "元"),
        ("“三公”经费压减7%", "“三公”经费", "decrease", "=", 7, "%"),
        ("草海水质稳定达到Ⅳ类", "草海水质", "level", "=", 4, "类"),
        ("固定资产投资五年累计4000亿元", "固定资产投资", "level", "=", 4000 * 10**8, "元"),
        ("保障性住房交付4000套", "保障性住房", "count", "=", 4000, "套"),
        ("上两条灌装线", "灌装线", "count", "=", 2, "条"),
        ("年旅客吞吐量冲上130万人次", "年旅客吞吐量", "count", ">", 130 * 10**4, "人次"),
        ("游客总量超过 700 万人次", "游客总量", "count", ">", 700 * 10**4, "人次"),
        ("市场化选聘职业经理人20名以上", "职业经理人", "count", ">=", 20, "名"),
        ("城市低保标准提高到每月450元", "城市低保标准每月", "level", "=", 450, "元"),
        ("10个一类新药进入临床", "一类新药进入临床", "count", "=", 10, "个"),
        ("赤字率按2.8%左右安排", "赤字率", "ratio", "about", Fraction("2.8"), "%"),
        ("“三公”经费再压5%", "“三公”经费", "decrease", "=", 5, "%"),
        ("各项贷款增速高于全国平均水平1个百分点", "各项贷款增速", "growth", "=", 1, "个百分点"),
        ("进出口保持6%以上的增长", "进出口", "growth", ">=", 6, "%"),
        ("城镇化率每年1.2个百分点", "城镇化率", "growth", "=", Fraction("1.2"), "个百分点"),
        ("开行120列", "开行", "count", "=", 120, "列"),
        ("可支配收入增长12%以上", "可支配收入", "growth", ">=", 12, "%"),
    ],
)
def test_fields(text, indicator, direction, comparator, value, unit):
    (record,) = records(text, text)
    assert (record.written, record.direction, record.comparator) == (indicator, direction, comparator)
    assert (record.value, record.unit) == (value, unit)


@pytest.mark.parametrize(
    ("text", "target", "indicator"),
    [
        ("去年全区产值68亿元，占规上工业一成出头，今年增长12%", "增长12%", "全区产值"),
        ("入库项目年底竣工5个", "竣工5个", "入库项目"),
        ("市级每年列支养老专项资金，2012年安排2800万元", "安排2800万元", "养老专项资金"),
        ("金一电缆两家去年更换涂料生产线11条，今年再更换9条", "更换9条", "涂料生产线"),
        ("企业创新资金今年市级安排800万元，比去年翻一番", "比去年翻一番", "企业创新资金"),
        ("特派员去年下去31人，今年派驻60名", "派驻60名", "特派员"),
        ("农商银行的创业担保贷款，去年放了2300万元，今年放到4000万元", "放到4000万元", "创业担保贷款"),
        ("襄阳东站的配套，市里今年安排7.8亿元", "安排7.8亿元", "襄阳东站的配套"),
        ("去年是新增纺织服装就业1.1万人，今年新增1.3万人", "新增1.3万人", "纺织服装就业"),
        ("县财政科技三项费用2010年只有380万元，今年安排600万元", "安排600万元", "县财政科技三项费用"),
        ("投入强度最扎眼，只有1.41%，今年达到1.8%", "达到1.8%", "投入强度"),
        ("养老专项资金，每年安排500万元", "每年安排500万元", "养老专项资金"),
        ("首批89人已经成行，秋季再选送120人", "选送120人", ""),
    ],
)
def test_what_an_elliptical_goal_inherits(text, target, indicator):
    (record,) = records(text, target)
    assert (record.written, record.inherited) == (indicator, True)


def test_an_elliptical_goal_inherits_the_project_its_clause_begins_with():
    text = "今年龙仁人才公寓交一批，配租96套"
    spans = [(2, 8, "PROJECT"), (12, 17, "TARGET")]
    (record,) = read_targets(Document.from_spans("a", text, spans, {"year": 2023}))
    assert (record.written, record.value) == ("龙仁人才公寓", 96)


def test_the_title_says_what_a_plan_is_for():
    (record,) = records("规划期内新建学校3所", "新建学校3所", title="“十四五”规划")
    assert record.period == "2021-2025"


def test_canonical_names_and_base():
    (record,) = records("规上工业增加值比上年增长6%以上", "规上工业增加值比上年增长6%以上")
    assert (record.indicator, record.base, record.scope) == ("规模以上工业增加值", "上年", "规上")


def test_the_base_stands_in_the_same_clause():
    text = "就业人数安排比上年多2万人，财政支出规模比去年扩大2万亿元"
    first, second = records(text, "就业人数安排比上年多2万人", "财政支出规模比去年扩大2万亿元")
    assert (first.base, second.base) == ("上年", "去年")
    (record,) = records("支出安排比上年多，能耗降低3%", "能耗降低3%")
    assert record.base == ""


def test_a_score_is_passed_on():
    mention = Mention(0, 6, "TARGET", "新建学校3所", score=0.87654)
    (record,) = read_targets(Document("a", "新建学校3所", (mention,)))
    assert record.to_json()["score"] == 0.8765


def test_periods_govern_forward():
    text = "去年建成3所。今年新建学校5所，到2026年新建医院2所。\n培训教师100人"
    found = records(text, "新建学校5所", "新建医院2所", "培训教师100人")
    assert [record.period for record in found] == ["2024", "2026", ""]


def test_offsets_lead_into_a_noisy_page():
    raw = "力爭全社會研發(fā)經(jīng)費(fèi)投入超１１５億元，增長(zhǎng)10%"
    document = Document.from_spans("a", raw, [(2, raw.index("，"), "TARGET"), (raw.index("增"), len(raw), "TARGET")])
    first, second = read_targets(document)
    assert (first.written, first.value, first.unit) == ("全社会研发经费投入", 115 * 10**8, "元")
    start, end = first.parts["indicator"]
    assert raw[start:end] == "全社會研發(fā)經(jīng)費(fèi)投入"
    assert raw[slice(*first.parts["quantity"])] == "超１１５億元"
    assert (second.inherited, second.value) == (True, 10)


@pytest.mark.parametrize(
    ("text", "meta", "year"),
    [
        ("江门市2026年政府工作报告", {}, 2026),
        ("（2025年1月12日在大会上）", {}, 2025),
        ("没有年份", {"date": "2023-05-01"}, 2023),
        ("没有年份", {}, None),
    ],
)
def test_year(text, meta, year):
    assert document_year(Document("a", text, meta=meta)) == year


@settings(max_examples=300, deadline=None)
@given(st.text("增长百分点5０%亿元家，。“”\n 今年底超(fā)發𠮷🚄一半成翻番同步", min_size=1, max_size=40), st.data())
def test_total_on_any_text(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for record in read_targets(Document.from_spans("a", text, [(start, end, "TARGET")], {"year": 2024})):
        assert (record.start, record.end) == (start, end)
        assert all(0 <= a < b <= len(text) for a, b in record.parts.values())
        record.to_json()


def test_agreement_with_hand_made_records():
    gold = read_gold(DATA / "targets" / "dev.jsonl")
    wanted = {row["document"] for row in gold}
    documents = [d for d in read_documents(DATA / "corpus", None, LabelSchema(), Ledger()) if d.id in wanted]
    scores = score_records(gold, [record for d in documents for record in read_targets(d)])
    assert scores.found == scores.gold == 200
    for name in ("value", "unit", "comparator"):
        assert scores.right[name] >= 0.97 * scores.gold, name
    assert scores.whole >= 0.9 * scores.gold


BEFORE = {"": "=", "超": ">", "超过": ">", "不低于": ">=", "不超过": "<=", "约": "about", "不足": "<", "突破": ">"}
AFTER = {"": None, "以上": ">=", "左右": "about", "以内": "<="}
THINGS = {"家": "count", "公里": "level", "万亩": "level", "名": "count", "亿元": "level", "万人次": "count"}


@settings(max_examples=1000, deadline=None)
@given(
    st.integers(2, 9999),
    st.booleans(),
    st.sampled_from(sorted(THINGS)),
    st.sampled_from(sorted(BEFORE)),
    st.sampled_from(sorted(AFTER)),
    st.sampled_from(["新增", "新建", "建成", "", "引进"]),
)
def test_a_goal_that_was_rendered_reads_back(number, chinese, unit, before, after, verb):
    digits = written(number) if chinese else str(number)
    text = f"{verb}示范基地{before}{digits}{unit}{after}"
    (record,) = records(f"今年，{text}。", text)
    size = {"万": 10**4, "亿": 10**8}.get(unit[0], 1)
    assert (record.written, record.value, record.unit) == (
        "示范基地",
        number * size,
        unit.removeprefix("万").removeprefix("亿"),
    )
    assert (record.comparator, record.direction, record.period) == (
        AFTER[after] or BEFORE[before],
        THINGS[unit],
        "2024",
    )


SCRAPS = """市科技局 县联社 深江铁路 由 牵头 表示 局长 ： ， 。 、 ； （ ） 今年 到2026年 “十四五”期间 三年内 6月底前 建成后 去年
    每年 增长 下降 达到 超 不低于 新增 安排 完成 5% 3.5亿元 十二家 两成 翻一番 Ⅲ类 前10位 全覆盖 清零 发(fā) 展 責任單位： 的 有
    比 与上年持平 🚄 𠮷 ０５ 1:1.2 4～6个 万"""


def test_ten_thousand_scrambled_documents_never_raise():
    pieces = [*SCRAPS.split(), "\n"]
    chance = random.Random(13)
    for _ in range(10_000):
        parts = chance.choices(pieces, k=chance.randint(1, 14))
        text, spans = "", []
        for part in parts:
            label = chance.choice(["TARGET", "TARGET", "ORG", "PROJECT", None, None])
            if label and part.strip():
                spans.append((len(text), len(text) + len(part), label))
            text += part
        rows = commitments(Document.from_spans("a", text, spans, {"year": 2024}))
        assert len(rows) == sum(label == "TARGET" for _, _, label in spans)
        for row in rows:
            json.dumps(row.to_json())
            assert row.party is None or row.party.mention.label == "ORG"
