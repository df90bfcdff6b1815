"""A chart of lined-up indicators, for print: one row an indicator, from the first document's value to the last one's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from topner.columns import display_width
from topner.errors import TopnerError
from topner.files import atomic_path
from topner.targets.compare import Line, change_text
from topner.targets.table import amount

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONTS = ("Source Han Sans SC", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei",
         "WenQuanYi Zen Hei", "SimHei", "Noto Sans CJK JP", "Noto Serif CJK SC", "SimSun")  # fmt: skip
_FILES = ("SourceHanSans", "NotoSansSC", "NotoSansCJK", "wqy-", "NotoSerifCJK")
_INK, _SOFT, _GRID, _UP, _DOWN = "#1d2126", "#6b737c", "#e3e6ea", "#24477a", "#b3541e"
_MOST = 24
_ROW = 0.27  # inches
_GAP = 0.75
_WIDEST = 34


@dataclass(frozen=True, slots=True)
class _Panel:
    """Rows that share a scale.

    Attributes:
        title: what the scale means.
        lines: those with the greatest change, from the greatest rise to the greatest fall.
        relative: the first document's value is 100.
    """

    title: str
    lines: Sequence[Line]
    relative: bool = False


def chinese_font() -> str:
    """The name of an installed font with Chinese characters; simplified forms first.

    Fonts that were installed after matplotlib made its list are found too.

    Raises:
        TopnerError: matplotlib is missing, or no such font is installed.
    """
    try:
        from matplotlib import font_manager
    except ImportError:
        raise TopnerError("charts need matplotlib", hint="pip install 'topner[plots]'") from None
    installed = {font.name for font in font_manager.fontManager.ttflist}
    for name in FONTS:
        if name in installed:
            return name
    for file in sorted(font_manager.findSystemFonts(), key=lambda file: ("Regular" not in file, file)):
        if Path(file).name.startswith(_FILES):
            font_manager.fontManager.addfont(file)
            return str(font_manager.fontManager.ttflist[-1].name)
    raise TopnerError("no font with Chinese characters is installed", hint="on Debian: apt-get install fonts-noto-cjk")


def draw_changes(path: str | Path, lines: Sequence[Line], names: Sequence[str]) -> None:
    """Draw the lines as a dot chart (Cleveland 1984) and write it as PDF, SVG or PNG, by the file's ending.

    Each row goes from the first document's value (hollow) to the last one's (full), those between as strokes; both ends and
    the change are written out. Growth, shares and all other amounts (as a share of their first value) have a panel and a
    scale each. Rises are blue and full, falls brown and dashed, so that grey print tells them apart. At most 24 rows a
    panel, those with the greatest change; the width is that of a page.

    Args:
        path: the file.
        lines: from :func:`topner.targets.compare.line_up`; lines without a change are left out.
        names: the documents' names, in the order of each line's records.

    Raises:
        TopnerError: nothing to draw, no matplotlib, no Chinese font, or the file cannot be written.
    """
    font = chinese_font()
    import matplotlib
    from matplotlib.figure import Figure

    path = Path(path)
    kind = path.suffix.lstrip(".").lower()
    if kind not in ("pdf", "svg", "png"):
        raise TopnerError(f"is no picture format: {kind!r}", path=path, hint="end the name in .pdf, .svg or .png")
    panels = _panels(lines)
    if not panels:
        raise TopnerError("the documents share no indicator with a value", hint="name documents of the same kind")
    heights = [len(panel.lines) * _ROW + _GAP for panel in panels]
    matplotlib.rcParams.update({"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "topner"})
    total = sum(heights)
    figure = Figure(figsize=(7.4, total), dpi=200)
    top = total
    for panel, height in zip(panels, heights, strict=True):
        top -= height
        _draw(figure.add_axes((0.3, (top + 0.3) / total, 0.55, (height - _GAP) / total)), panel, font)
    key = f"○ {names[0]}    ● {names[-1]}" + ("    │ 其间各份" if len(names) > 2 else "")
    figure.text(0.02, 1, key, va="bottom", fontname=font, fontsize=8.5, color=_INK)
    with atomic_path(path) as temporary:
        metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind)
        figure.savefig(temporary, format=kind, metadata=metadata, bbox_inches="tight", pad_inches=0.15)


def _panels(lines: Sequence[Line]) -> list[_Panel]:
    moved = [line for line in lines if line.change is not None]
    points = [line for line in moved if line.unit in ("%", "‰", "个百分点")]
    growth = [line for line in points if line.measure != "amount"]
    shares = [line for line in points if line.measure == "amount"]
    others = [line for line in moved if line.relative is not None]
    panels = (
        _Panel("增减幅度（%）", _largest(growth)),
        _Panel("比率（%）", _largest(shares)),
        _Panel("其他数量，首份文件 = 100", _largest(others), relative=True),
    )
    return [panel for panel in panels if panel.lines]


def _draw(axes: Axes, panel: _Panel, font: str) -> None:
    ends = []
    for row, line in enumerate(panel.lines):
        known = [(value, record) for value, record in zip(line.values, line.records, strict=True) if value is not None]
        xs = [float(value / known[0][0] * 100 if panel.relative else value) for value, _ in known]
        ends += xs
        rising = xs[-1] >= xs[0]
        colour = _UP if rising else _DOWN
        axes.plot(xs[:: len(xs) - 1], [row, row], color=colour, linewidth=1.3, linestyle="-" if rising else (0, (4, 2)))
        axes.plot(xs[1:-1], [row] * (len(xs) - 2), color=colour, marker="|", markersize=6, linestyle="none")
        axes.plot(xs[:1], [row], color=colour, marker="o", markersize=5, markerfacecolor="white", linestyle="none")
        axes.plot(xs[-1:], [row], color=colour, marker="o", markersize=5, linestyle="none")
        for x, (_, record), side in ((xs[0], known[0], rising), (xs[-1], known[-1], not rising)):
            axes.annotate(
                amount(record) if record else "", (x, row), xytext=(-6 if side else 6, 0), textcoords="offset points",
                ha="right" if side else "left", va="center", color=_SOFT, fontname=font, fontsize=7,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
            )  # fmt: skip
        change = change_text(line)
        axes.annotate(
            change, (1, row), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points", va="center",
            color=colour, fontname=font, fontsize=7.5,
        )  # fmt: skip
    low, high = min(ends), max(ends)
    room = (high - low or abs(high) or 1) * 0.22  # for the amounts beside the dots
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(panel.lines) - 0.4, -0.6)
    axes.set_yticks(range(len(panel.lines)), [_name(line.indicator) for line in panel.lines])
    for label in (*axes.get_yticklabels(), *axes.get_xticklabels()):
        label.set_fontname(font)
        label.set_fontsize(7.5)
        label.set_color(_INK)
    axes.set_title(panel.title, loc="left", color=_INK, fontname=font, fontsize=9, pad=8)
    axes.tick_params(length=0)
    axes.grid(axis="y", color=_GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    if panel.relative:
        axes.axvline(100, color=_SOFT, linewidth=0.6, zorder=0)
    for edge in axes.spines.values():
        edge.set_visible(False)


def _name(text: str) -> str:
    """A name in at most two lines, the end of what is longer cut off."""
    first = _short(text)
    rest = text[len(first) :]
    kept = _short(rest)
    return "\n".join(filter(None, (first, kept if kept == rest else kept[:-1] + "…")))


def _short(text: str) -> str:
    while display_width(text) > _WIDEST:
        text = text[:-1]
    return text


def _largest(lines: Sequence[Line]) -> list[Line]:
    """Those with the greatest change, from the greatest rise to the greatest fall."""
    changes = {id(line): float(line.relative if line.relative is not None else line.change or 0) for line in lines}
    most = sorted(lines, key=lambda line: -abs(changes[id(line)]))[:_MOST]
    return sorted(most, key=lambda line: -changes[id(line)])
