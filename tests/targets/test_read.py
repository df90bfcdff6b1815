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

DATA = Path(__file__).parents[2] / "data"


def records(text, *targets, **meta):
    spans, place = [], 0
    for target in targets:
        start = text.index(target, place)
        place = start + len(target)
        spans.append((start, place, "TARGET"))
    return read_targets(Document.from_spans("a", text, spans, {"year": 2024, **meta}))


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
