"""How the score grows with the number of training documents: points, table and picture."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from topner.errors import TopnerError
from topner.evaluation.runs import spread
from topner.files import atomic_path

_PICTURES = ("png", "pdf", "svg")


@dataclass(frozen=True, slots=True)
class Point:
    """One training.

    Attributes:
        documents: number of training documents.
        seed: of the choice of documents and of the training.
        scores: strict F1 by data set, then by label and under ``micro``.
    """

    documents: int
    seed: int
    scores: Mapping[str, Mapping[str, float]]


def read_sizes(text: str, total: int) -> list[int]:
    """Numbers of documents, rising, from ``25,50,all``.

    Args:
        text: whole numbers and ``all``, separated by commas.
        total: number of training documents there are.

    Raises:
        TopnerError: something else stands there, a number is below 1 or above ``total``.
    """
    sizes = set()
    for word in text.split(","):
        word = word.strip()
        if word != "all" and not (word.isascii() and word.isdigit()):
            raise TopnerError(f"{word!r} is no number of documents", hint="write for example 25,50,100,all")
        size = total if word == "all" else int(word)
        if not 1 <= size <= total:
            raise TopnerError(f"{size} documents cannot be drawn", hint=f"there are {total} training documents")
        sizes.add(size)
    return sorted(sizes)


def table(points: Sequence[Point]) -> str:
    """Mean and standard deviation over the seeds, one row a number of documents, one block a data set."""
    lines: list[str] = []
    for data in points[0].scores:
        labels = list(points[0].scores[data])
        lines += ["", f"{data}, strict F1: mean ± standard deviation over the seeds"]
        lines.append(f"{'documents':>9}  seeds" + "".join(f"{label:>16}" for label in labels))
        for size in sorted({point.documents for point in points}):
            chosen = [point for point in points if point.documents == size]
            cells = (spread([point.scores[data][label] for point in chosen]) for label in labels)
            lines.append(f"{size:9d}  {len(chosen):5d}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines[1:])


def draw(points: Sequence[Point], path: Path) -> None:
    """Draw the micro F1 of each data set over the number of documents, every seed as a dot, the mean as a line.

    Args:
        points: at least one.
        path: the picture; PNG, PDF or SVG by its ending.

    Raises:
        TopnerError: matplotlib is missing, the ending is another, or the file cannot be written.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in _PICTURES:
        raise TopnerError(f"is no picture format: {kind!r}", path=path, hint="end the name in .png, .pdf or .svg")
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise TopnerError("charts need matplotlib", hint="pip install 'topner[plots]'") from None
    sizes = sorted({point.documents for point in points})
    figure = Figure(figsize=(6, 4), dpi=150)
    axes = figure.subplots()
    for number, data in enumerate(points[0].scores):
        values = {size: [p.scores[data]["micro"] for p in points if p.documents == size] for size in sizes}
        colour = f"C{number}"
        axes.plot(sizes, [statistics.mean(values[size]) for size in sizes], color=colour, linewidth=1.5, label=data)
        for size in sizes:
            axes.plot([size] * len(values[size]), values[size], "o", color=colour, markersize=3, alpha=0.6)
    axes.set_xscale("log")
    axes.set_xticks(sizes, [str(size) for size in sizes], fontsize=8)
    axes.minorticks_off()
    axes.set_ylim(0, 1)
    axes.set_xlabel("training documents", fontsize=9)
    axes.set_title("strict micro F1, each seed and mean", loc="left", fontsize=10)
    axes.grid(color="#e3e6ea", linewidth=0.6)
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format=kind)
