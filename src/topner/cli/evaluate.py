"""``topner evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from topner.annotation.formats import FORMATS, Format


@click.command("evaluate")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the report.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format of DATA [default: found by content].")
@click.option(
    "--max-loss",
    type=click.FloatRange(0, 1),
    default=0.02,
    show_default=True,
    help="Share of gold annotations that may be lost in reading.",
)
def evaluate_command(model: Path, data: Path, output: Path, format_: Format | None, max_loss: float) -> None:
    """Score MODEL (a folder, or "default") on annotated DATA; write metrics.json and report.html."""
    from topner.evaluation.judge import evaluate_model

    result = evaluate_model(None if str(model) == "default" else model, data, output, format_, max_loss)
    click.echo(result.table())
    click.echo(f"report: {output / 'report.html'}")
