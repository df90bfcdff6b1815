"""``topner export``."""

from __future__ import annotations

from pathlib import Path

import click

TARGETS = ("onnx", "openvino")
PRECISIONS = ("fp32", "bf16", "int8")


@click.command("export")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--to", "backend", type=click.Choice(TARGETS), default="openvino", show_default=True)
@click.option(
    "--precision", type=click.Choice(PRECISIONS), help="[default: what is fast here without changing answers]"
)
@click.option("--data", type=click.Path(path_type=Path), help="Annotated dev data to check the exported model on.")
@click.option(
    "--max-drop",
    type=click.FloatRange(0, 100),
    default=0.3,
    show_default=True,
    help="Points of strict F1 that may be lost.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder to write [default: beside MODEL].")
@click.option(
    "--measure", is_flag=True, help="Write nothing: find the fastest installed backend and use it from now on."
)
def export_command(
    model: Path,
    backend: str,
    precision: str | None,
    data: Path | None,
    max_drop: float,
    output: Path | None,
    measure: bool,
) -> None:
    """Write MODEL (a folder, or "default") for ONNX Runtime or OpenVINO; the result is a model folder for --model.

    With --data nothing is written, and the exit status is 1, when strict F1 there falls by more than --max-drop points.
    """
    from topner.encoder.locate import default_model_path
    from topner.export.export import export_model, measure_backends, table

    folder = default_model_path() if str(model) == "default" else model
    if measure:
        rows = measure_backends(folder, data, max_drop)
        click.echo(table(rows))
        click.echo(f"from now on {folder} is tagged with {rows[0].name} on this machine")
        return
    target = output or folder.with_name(f"{folder.name}-{backend}{f'-{precision}' if precision else ''}")
    before, after = export_model(folder, target, backend, precision, data, max_drop)  # type: ignore[arg-type]
    click.echo(table([before, after]))
    click.echo(f"written: {target}")
