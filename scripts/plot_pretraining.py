"""Draw the curves of pretraining runs from their folders: loss, held-out perplexity and accuracy by kind of character."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from topner.errors import TopnerError
from topner.files import atomic_path, read_text

KINDS = ("han", "digit", "latin", "punctuation")


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The rows of a run's log.

    Raises:
        TopnerError: the folder holds none, or a line of it is broken.
    """
    rows = []
    for number, line in enumerate(read_text(folder / "log.jsonl").splitlines(), start=1):
        try:
            rows.append(json.loads(line))
        except ValueError:
            raise TopnerError(f"line {number} is no JSON object", path=folder / "log.jsonl") from None
    return rows


def draw(folders: list[Path], output: Path) -> None:
    """Draw every run's curves over the tokens read and write the picture (PNG, PDF or SVG by its ending).

    Raises:
        TopnerError: no matplotlib, a log that cannot be read, or a picture that cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise TopnerError("charts need matplotlib", hint="pip install 'topner[plots]'") from None
    figure = Figure(figsize=(13, 4), dpi=150)
    loss, perplexity, accuracy = figure.subplots(1, 3)
    styles = {"han": "-", "digit": "--", "latin": ":", "punctuation": "-."}
    for i, folder in enumerate(folders):
        rows = read_log(folder)
        trained = [row for row in rows if "loss" in row]
        held_out = [row for row in rows if "held_out_perplexity" in row]
        colour = f"C{i}"
        millions = [row["tokens"] / 1e6 for row in trained]
        loss.plot(millions, [row["loss"] for row in trained], color=colour, linewidth=1, label=folder.name)
        millions = [row["tokens"] / 1e6 for row in held_out]
        perplexity.plot(
            millions, [row["held_out_perplexity"] for row in held_out], color=colour, marker="o", markersize=3
        )
        for kind in KINDS:
            known = [(row["tokens"] / 1e6, row[f"accuracy_{kind}"]) for row in held_out if f"accuracy_{kind}" in row]
            if known:
                label = kind if i == 0 else None
                accuracy.plot(*zip(*known, strict=True), color=colour, linestyle=styles[kind], linewidth=1, label=label)
    perplexity.set_yscale("log")
    for axes, title in (
        (loss, "training loss, nats"),
        (perplexity, "held-out perplexity"),
        (accuracy, "held-out accuracy"),
    ):
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_xlabel("million tokens", fontsize=9)
        axes.grid(color="#e3e6ea", linewidth=0.6)
        for edge in ("top", "right"):
            axes.spines[edge].set_visible(False)
    loss.legend(frameon=False, fontsize=8)
    if accuracy.lines:
        accuracy.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    kind = output.suffix.lstrip(".").lower()
    if kind not in ("png", "pdf", "svg"):
        raise TopnerError(f"is no picture format: {kind!r}", path=output, hint="end the name in .png, .pdf or .svg")
    with atomic_path(output) as temporary:
        figure.savefig(temporary, format=kind)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, help="run folders of topner pretrain")
    parser.add_argument("-o", "--output", type=Path, required=True, help="picture")
    arguments = parser.parse_args()
    try:
        draw(arguments.runs, arguments.output)
        print(f"written: {arguments.output}")
    except TopnerError as error:
        sys.exit(f"plot_pretraining: {error}")


if __name__ == "__main__":
    main()
