"""The chart of changes with a font that every matplotlib brings; Chinese in print is tested where a font for it is installed."""

import sys
from dataclasses import replace
from fractions import Fraction

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
    path = tmp_path / f"变化{ending}"
    chart.draw_changes(path, lines, ("2025", "2026"))
    assert path.read_bytes().startswith(MARKS[ending])
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_the_same_lines_give_the_same_file(lines, tmp_path):
    for name in ("a.svg", "b.svg"):
        chart.draw_changes(tmp_path / name, lines, ("2025", "2026"))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_nothing_to_draw_and_no_picture_format(lines, tmp_path):
    with pytest.raises(TopnerError, match="share no indicator"):
        chart.draw_changes(tmp_path / "x.svg", (), ("2025", "2026"))
    with pytest.raises(TopnerError, match="no picture format: 'docx'"):
        chart.draw_changes(tmp_path / "x.docx", lines, ("2025", "2026"))
    assert not list(tmp_path.iterdir())


def test_the_greatest_changes_are_drawn(lines):
    share = next(line for line in lines if line.indicator == "地区生产总值")
    first, last = share.records
    many = [Line(f"指标{i}", "growth", "%", (first, replace(last, value=first.value + Fraction(i)))) for i in range(40)]
    kept = chart._largest(many)
    assert len(kept) == chart._MOST
    assert [line.indicator for line in kept[:2]] == ["指标39", "指标38"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("工业投资", "工业投资"),
        ("战略性新兴产业增加值占规模以上工业增加值比重", "战略性新兴产业增加值占规模以上工业\n增加值比重"),
        ("省" * 40, "省" * 17 + "\n" + "省" * 16 + "…"),
    ],
)
def test_long_names_take_two_lines(name, shown):
    assert chart._name(name) == shown


def test_every_document_of_a_row_is_drawn(lines):
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    (growth, _) = chart._panels(lines)
    first, last = growth.lines[0].records
    line = replace(growth.lines[0], records=(first, replace(last, value=Fraction(7)), last))
    chart._draw(axes, replace(growth, lines=[line]), "DejaVu Sans")
    drawn = {x for each in axes.lines for x in each.get_xdata()}
    assert drawn == {5, 5.5, 7}
    assert {text.get_text() for text in axes.texts} == {"5%", "5.5%", "+0.5个百分点"}


def test_without_a_chinese_font(monkeypatch):
    monkeypatch.undo()
    from matplotlib import font_manager

    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [])
    with pytest.raises(TopnerError, match="no font with Chinese"):
        chart.chinese_font()
    entry = font_manager.FontEntry(fname="x.ttf", name="SimHei")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [entry])
    assert chart.chinese_font() == "SimHei"


def test_a_font_that_was_installed_later_is_found(monkeypatch):
    monkeypatch.undo()
    from matplotlib import font_manager

    installed = []
    monkeypatch.setattr(font_manager.fontManager, "ttflist", installed)
    monkeypatch.setattr(
        font_manager, "findSystemFonts", lambda: ["/f/NotoSansCJK-Bold.ttc", "/f/NotoSansCJK-Regular.ttc"]
    )
    entry = font_manager.FontEntry(fname="x.ttc", name="Noto Sans CJK SC")
    added = []
    monkeypatch.setattr(font_manager.fontManager, "addfont", lambda file: (added.append(file), installed.append(entry)))
    assert chart.chinese_font() == "Noto Sans CJK SC"
    assert added == ["/f/NotoSansCJK-Regular.ttc"]


def test_without_matplotlib(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(TopnerError, match="topner\\[plots\\]"):
        chart.chinese_font()
