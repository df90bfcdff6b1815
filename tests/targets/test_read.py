import json
import random
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.annotation.formats import read_documents
from topner.document import Document
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
    ],
)
def test_fields(text, indicator, direction, comparator, value, unit):
    (record,) = records(text, text)
    assert (record.written, record.direction, record.comparator) == (indicator, direction, comparator)
    assert (record.value, record.unit) == (value, unit)


def test_canonical_names_and_base():
    (record,) = records("规上工业增加值比上年增长6%以上", "规上工业增加值比上年增长6%以上")
    assert (record.indicator, record.base, record.scope) == ("规模以上工业增加值", "上年", "规上")


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
