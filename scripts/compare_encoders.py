"""Fine-tune encoders on the same BIO data sets by the same recipe with several seeds: a table and a picture.

A trial whose result stands in the output folder, for the same weights, data and settings, is not run again.
"""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli import run
from topner.encoder.trial import SPLITS, Trial, run_trial
from topner.errors import TopnerError
from topner.evaluation.runs import spread
from topner.files import atomic_path, write_json, write_text

Results = dict[str, dict[str, list[dict[str, float]]]]
"""Scores of each seed by encoder and data set."""


@click.command()
@click.argument("encoders", nargs=-1, required=True, metavar="NAME=ENCODER...")
@click.option("--data", "sets", multiple=True, required=True, metavar="FOLDER:EPOCHS", help="Data set and its epochs.")
@click.option("--seeds", default="13,14,15", show_default=True, help="Separated by commas.")
@click.option("--batch-size", default=32, show_default=True)
@click.option("--learning-rate", default=2e-4, show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("runs/encoders"), show_default=True)
def main(
    encoders: tuple[str, ...],
    sets: tuple[str, ...],
    seeds: str,
    batch_size: int,
    learning_rate: float,
    output: Path,
) -> None:
    """Compare ENCODERS, each a name for the table, =, and `embedded`, `starting`, a folder or a hub id."""
    results: Results = {}
    for name, _, encoder in (entry.partition("=") for entry in encoders):
        for folder, _, epochs in (entry.rpartition(":") for entry in sets):
            if not (encoder and folder and epochs.isdigit()):
                raise TopnerError("expected NAME=ENCODER, and --data FOLDER:EPOCHS")
            data = Path(folder)
            rows = results.setdefault(name, {}).setdefault(data.name, [])
            for seed in (int(text) for text in seeds.split(",")):
                trial = Trial(encoder, data, int(epochs), seed, batch_size, learning_rate)
                rows.append(run_trial(trial, output / name / data.name / f"seed-{seed}"))
                click.echo(f"{name}, {data.name}, seed {seed}: {rows[-1]}")
                write_json(output / "results.json", results)
    text = table(results)
    write_text(output / "table.md", text)
    draw(results, output / "encoders.png")
    click.echo(f"\n{text}\n{output / 'table.md'}  {output / 'encoders.png'}")


def table(results: Results) -> str:
    """Markdown: strict micro F1, mean and standard deviation over the seeds."""
    names = list(next(iter(results.values())))
    lines = [
        "| encoder | " + " | ".join(f"{name} {split}" for name in names for split in SPLITS) + " |",
        "|---|" + "---:|" * (len(names) * len(SPLITS)),
    ]
    for encoder, by_set in results.items():
        cells = [spread([row[split] for row in by_set[name]]) for name in names for split in SPLITS]
        lines.append(f"| {encoder} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def draw(results: Results, output: Path) -> None:
    """A panel a data set: each encoder's seeds on ``test`` as points, their mean as a line.

    Raises:
        TopnerError: no matplotlib, or the picture cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise TopnerError("charts need matplotlib", hint="pip install 'topner[plots]'") from None
    names = list(next(iter(results.values())))
    figure = Figure(figsize=(1.5 + 2.6 * len(names), 1.2 + 0.35 * len(results)), dpi=150, layout="constrained")
    for panel, name in zip(figure.subplots(1, len(names), squeeze=False, sharey=True)[0], names, strict=True):
        for place, by_set in enumerate(results.values()):
            values = [row["test"] for row in by_set[name]]
            panel.plot(values, [place] * len(values), "o", color=f"C{place}", markersize=4, alpha=0.7)
            mean = sum(values) / len(values)
            panel.plot([mean, mean], [place - 0.3, place + 0.3], color=f"C{place}", linewidth=2)
        panel.set_title(name, fontsize=10)
        panel.set_xlabel("strict F1 on test")
        panel.set_yticks(range(len(results)), list(results))
        panel.set_ylim(len(results) - 0.5, -0.5)
        panel.grid(axis="x", alpha=0.3)
    with atomic_path(output) as temporary:
        figure.savefig(temporary, format=output.suffix[1:] or "png")


if __name__ == "__main__":
    run(main)
