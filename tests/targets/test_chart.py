"""The slope chart with a font that every matplotlib brings; Chinese in print is tested where a font for it is installed."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from topner.document import Document
from topner.errors import TopnerError
from topner.targets import chart
from topner.targets.compare import Line, line_up
from topner.targets.read import read_targets

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.filterwarnings("ignore:Glyph")
MARKS = {".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG"}


@pytest.fixture(autouse=True)
def any_font(monkeypatch):
    monkeypatch.setattr(chart, "chinese_font", lambda: "DejaVu Sans")


def records(text, year):
    spans, place = [], 0
    for part in text.split("，"):
        spans.append((place, place + len(part), "TARGET"))
        place += len(part) + 1
    return read_targets(Document.from_spans(str(year), text, spans, {"year": year}))


@pytest.fixture
def lines():
    before = records("地区生产总值增长5%，新增高新技术企业50家，工业投资增长9%", 2025)
    after = records("地区生产总值增长5.5%，新增高新技术企业40家，工业投资增长8.5%", 2026)
    return line_up([("2025", before), ("2026", after)])


@pytest.mark.parametrize("ending", sorted(MARKS))
def test_each_kind_of_picture(lines, tmp_path, ending):
    path = tmp_path / f"斜率{ending}"
    chart.draw_slopes(path, lines, ("2025", "2026"))
    assert path.read_bytes().startswith(MARKS[ending])
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_the_same_lines_give_the_same_file(lines, tmp_path):
    for name in ("a.svg", "b.svg"):
        chart.draw_slopes(tmp_path / name, lines, ("2025", "2026"))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_nothing_to_draw_and_no_picture_format(lines, tmp_path):
    with pytest.raises(TopnerError, match="share no indicator"):
        chart.draw_slopes(tmp_path / "x.svg", (), ("2025", "2026"))
    with pytest.raises(TopnerError, match="no picture format: 'docx'"):
        chart.draw_slopes(tmp_path / "x.docx", lines, ("2025", "2026"))
    assert not list(tmp_path.iterdir())


def test_the_greatest_changes_are_drawn(lines):
    share = next(line for line in lines if line.indicator == "地区生产总值")
    first, last = share.records
    many = [Line(f"指标{i}", "growth", "%", (first, replace(last, value=first.value + Fraction(i)))) for i in range(40)]
    kept = chart._largest(many)
    assert len(kept) == chart._MOST
    assert [line.indicator for line in kept[:2]] == ["指标39", "指标38"]


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0, 5.0], [0.0, 9.9, 10.0, 10.0], [1.0, 1.0, 9.0], []])
def test_labels_stand_apart_and_inside(values):
    heights = chart._spread([(value, "", "") for value in values], 0.0, 10.0)
    gap = 10.0 / max(len(values), 12)
    assert len(heights) == len(values)
    assert all(b - a >= gap - 1e-9 for a, b in pairwise(heights))
    assert all(height <= 10.0 + 1e-9 for height in heights)


def test_without_a_chinese_font(monkeypatch):
    monkeypatch.undo()
    from matplotlib import font_manager

    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    with pytest.raises(TopnerError, match="no font with Chinese"):
        chart.chinese_font()
    entry = font_manager.FontEntry(fname="x.ttf", name="SimHei")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [entry])
    assert chart.chinese_font() == "SimHei"
