"""A slope chart of lined-up indicators, for print: every line is named at its ends, Chinese type is embedded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from topner.errors import TopnerError
from topner.files import atomic_path
from topner.targets.compare import Line, change_text
from topner.targets.table import amount

FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC",
         "Microsoft YaHei", "SimHei", "Noto Sans CJK JP", "Noto Serif CJK SC", "SimSun")  # fmt: skip
_INK, _SOFT, _UP, _DOWN = "#1d2126", "#7a828c", "#24477a", "#b3541e"
_MOST = 24


def chinese_font() -> str:
    """The name of an installed font with Chinese characters.

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
    raise TopnerError("no font with Chinese characters is installed", hint="on Debian: apt-get install fonts-noto-cjk")


def draw_slopes(path: str | Path, lines: Sequence[Line], names: Sequence[str]) -> None:
    """Draw a slope chart (Tufte 1983) of the lines and write it as PDF, SVG or PNG, by the file's ending.

    Percentages share one panel and their own scale. What is measured in other units stands in a second panel as a share of its
    first value. Rising lines are blue and full, falling ones brown and dashed, so that grey print tells them apart. At most
    24 lines a panel, those with the greatest change.

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

    matplotlib.rcParams.update({"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "topner"})
    shares = _largest([line for line in lines if line.change is not None and line.unit == "%"])
    others = _largest([line for line in lines if line.relative is not None and line.values[0]])
    panels = [panel for panel in (shares, others) if panel]
    if not panels:
        raise TopnerError("the documents share no indicator with a value", hint="name documents of the same kind")
    height = max(3.2, 0.34 * max(map(len, panels)) + 1.4)
    figure = Figure(figsize=(7.2 * len(panels), height), dpi=150)
    for i, panel in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), i + 1)
        relative = panel is others
        title = "与首份文件相比（首份 = 100）" if relative else "百分数指标（%）"
        axes.set_title(title, loc="left", fontsize=10, color=_INK, fontname=font)
        ends: list[tuple[float, str, str]] = []
        starts: list[tuple[float, str, str]] = []
        for line in panel:
            first = next(value for value in line.values if value is not None)
            points = [
                (x, float(value / first * 100 if relative else value))
                for x, value in enumerate(line.values)
                if value is not None
            ]
            rising = points[-1][1] >= points[0][1]
            colour = _UP if rising else _DOWN
            dashes = "-" if rising else "--"
            xs, ys = zip(*points, strict=True)
            axes.plot(xs, ys, color=colour, linestyle=dashes, marker="o", markersize=3.5, linewidth=1.2)
            records = [record for record in line.records if record is not None]
            ends.append((points[-1][1], f"{line.indicator} {amount(records[-1])}（{change_text(line)}）", colour))
            starts.append((points[0][1], amount(records[0]), colour))
        low, high = axes.get_ylim()
        for labels, x, side in ((starts, -0.04, "right"), (ends, len(names) - 0.96, "left")):
            for (_, text, colour), y in zip(sorted(labels), _spread(sorted(labels), low, high), strict=True):
                axes.text(x, y, text, ha=side, va="center", fontsize=7.5, color=colour, fontname=font)
        axes.set_xlim(-0.35, len(names) - 1 + 1.25)
        axes.set_xticks(range(len(names)), [*names], fontname=font, fontsize=9, color=_INK)
        axes.yaxis.set_visible(False)
        for edge in ("top", "right", "left"):
            axes.spines[edge].set_visible(False)
        for x in range(len(names)):
            axes.axvline(x, color="#d9dde2", linewidth=0.8, zorder=0)
        axes.spines["bottom"].set_color(_SOFT)
    figure.tight_layout()
    path = Path(path)
    kind = path.suffix.lstrip(".").lower()
    if kind not in ("pdf", "svg", "png"):
        raise TopnerError(f"is no picture format: {kind!r}", path=path, hint="end the name in .pdf, .svg or .png")
    with atomic_path(path) as temporary:
        metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind)
        figure.savefig(temporary, format=kind, metadata=metadata, bbox_inches="tight")


def _largest(lines: Sequence[Line]) -> list[Line]:
    ranked = sorted(
        lines, key=lambda line: -abs(float(line.relative if line.relative is not None else line.change or 0))
    )
    return ranked[:_MOST]


def _spread(labels: Sequence[tuple[float, str, str]], low: float, high: float) -> list[float]:
    """Heights for labels near their values, far enough apart to be read.

    Args:
        labels: value, text and colour, by value.
        low: lower end of the axis.
        high: its upper end.
    """
    gap = (high - low) / max(len(labels), 12)
    heights: list[float] = []
    for value, _, _ in labels:
        heights.append(max(value, heights[-1] + gap) if heights else value)
    excess = heights[-1] - high if heights else 0
    if excess > 0:  # push back from the top
        heights[-1] = high
        for i in range(len(heights) - 2, -1, -1):
            heights[i] = min(heights[i], heights[i + 1] - gap)
    return heights
