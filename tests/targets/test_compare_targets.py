import csv
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from topner.annotation.formats import write_documents
from topner.cli import group
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.targets.chart import chinese_font, draw_changes
from topner.targets.compare import change_text, line_up, names_of, table
from topner.targets.read import read_targets

YEARS = {
    "2025": "地区生产总值增长5%左右，规上工业增加值增长6%，固定资产投资增长4%，社零总额增长5.5%，"
    "新增高新技术企业50家，一般公共预算收入达到120亿元，城镇登记失业率控制在3.5%以内，R&D经费投入超90亿元。",
    "2026": "GDP增长5.5%左右，规模以上工业增加值增长6.5%，固投增长3%，社会消费品零售总额增长5.5%，"
    "新增高企60家，一般公共预算收入达到132亿元，城镇登记失业率控制在4%以内，全社会研发投入超115亿元，新建学校3所。",
}


def document(name):
    spans, place, text = [], 0, YEARS[name]
    for part in text.rstrip("。").split("，"):
        spans.append((place, place + len(part), "TARGET"))
        place += len(part) + 1
    return Document.from_spans(name, text, spans, {"year": int(name)})


@pytest.fixture
def documents():
    return [(name, read_targets(document(name))) for name in YEARS]


def test_lines_meet_under_canonical_names(documents):
    lines = {(line.indicator, line.measure): line for line in line_up(documents)}
    assert lines["地区生产总值", "growth"].values == (5, Fraction("5.5"))
    assert lines["规模以上工业增加值", "growth"].change == Fraction("0.5")
    assert lines["高新技术企业", "amount"].relative == Fraction(1, 5)
    assert lines["全社会研发经费投入", "amount"].change == 25 * 10**8
    assert ("学校", "amount") not in lines
    assert len(line_up(documents, everything=True)) == len(lines) + 1
    assert change_text(lines["固定资产投资", "growth"]) == "-1个百分点"
    assert change_text(lines["一般公共预算收入", "amount"]) == "+10.0%"


def test_table(documents):
    shown = table(line_up(documents), ["2025", "2026"])
    assert "≈5%" in shown
    assert "+0.5个百分点" in shown
    assert table([], ["a", "b"]) == "no indicator with a value stands in two of the documents"


def test_names():
    assert names_of([Path("a/2025.txt"), Path("a/2026.txt")]) == ("2025", "2026")
    assert names_of([Path("a/report.txt"), Path("b/report.txt")]) == ("a/report.txt", "b/report.txt")


def test_chart_embeds_its_type(documents, tmp_path):
    try:
        chinese_font()
    except TopnerError as error:
        pytest.skip(str(error))
    for suffix in ("pdf", "png", "svg"):
        draw_changes(tmp_path / f"s.{suffix}", line_up(documents), ["2025", "2026"])
        assert (tmp_path / f"s.{suffix}").stat().st_size > 5000
    assert b"/FontFile" in (tmp_path / "s.pdf").read_bytes() or b"/Type3" in (tmp_path / "s.pdf").read_bytes()
    assert b"<text" not in (tmp_path / "s.svg").read_bytes(), "characters are outlines"
    first = (tmp_path / "s.svg").read_bytes()
    draw_changes(tmp_path / "s.svg", line_up(documents), ["2025", "2026"])
    assert (tmp_path / "s.svg").read_bytes() == first
    with pytest.raises(TopnerError, match="no picture format"):
        draw_changes(tmp_path / "s.docx", line_up(documents), ["2025", "2026"])
    with pytest.raises(TopnerError, match="share no indicator"):
        draw_changes(tmp_path / "s.png", [], ["2025", "2026"])


def test_command(tmp_path):
    for name in YEARS:
        write_documents([document(name)], tmp_path / f"{name}.jsonl", "jsonl", LabelSchema())
    files = [str(tmp_path / f"{name}.jsonl") for name in YEARS]
    result = CliRunner().invoke(group, ["targets", "compare", "--annotated", *files, "-o", str(tmp_path / "out")])
    if result.exit_code and "font" in str(result.exception):
        pytest.skip(str(result.exception))
    assert result.exit_code == 0, result.output
    with (tmp_path / "out" / "compare.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = {row["indicator"]: row for row in csv.DictReader(handle)}
    assert (rows["一般公共预算收入"]["2025"], rows["一般公共预算收入"]["relative_change"]) == ("12000000000", "0.1")
    result = CliRunner().invoke(group, ["targets", "compare", "--annotated", files[0]])
    assert result.exit_code == 1


def test_command_without_pictures(tmp_path):
    for name in YEARS:
        write_documents([document(name)], tmp_path / f"{name}.jsonl", "jsonl", LabelSchema())
    files = [str(tmp_path / f"{name}.jsonl") for name in YEARS]
    result = CliRunner().invoke(group, ["targets", "compare", "--annotated", *files])
    assert result.exit_code == 0, result.output
    assert "地区生产总值" in result.output
    assert "written" not in result.output
    result = CliRunner().invoke(group, ["targets", "compare", "--annotated", files[0], str(tmp_path / "none.jsonl")])
    assert result.exit_code == 1
    assert "none.jsonl" in result.output
