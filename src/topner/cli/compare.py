"""``topner compare``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("compare")
@click.argument("run_a")
@click.argument("run_b")
@click.option(
    "--split", metavar="NAME", help="Evaluation of a training run.  [default: test where all have it, else dev]"
)
@click.option(
    "--gold", type=click.Path(path_type=Path), help="Annotated data to judge by.  [default: the runs' own gold]"
)
@click.option("--common", is_flag=True, help="Compare only the documents that all runs have.")
@click.option("--labels", metavar="A,B,C", help="Labels, the strongest first.  [default: those of the evaluations]")
@click.option("--resamples", type=click.IntRange(1), default=10_000, show_default=True, help="Draws of each test.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for compare.html, .json and changes.csv.")
def compare_command(
    run_a: str,
    run_b: str,
    split: str | None,
    gold: Path | None,
    common: bool,
    labels: str | None,
    resamples: int,
    output: Path | None,
) -> None:
    """Is RUN_B better than RUN_A, and what did it fix and break?

    A run is an evaluation folder, a training run folder, or (with --gold) a jsonl file of predictions. Several runs of
    each, such as one a seed, are separated by commas: A1,A2,A3 B1,B2,B3 go in pairs.
    """
    from topner.evaluation.compare_report import write_comparison
    from topner.evaluation.runs import compare_runs
    from topner.labels import LabelSchema

    schema = None if labels is None else LabelSchema.parse(labels)
    result = compare_runs(run_a, run_b, split=split, data=gold, common=common, schema=schema, resamples=resamples)
    for name in ("A", "B"):
        click.echo(f"{name}: {', '.join(result.provenance[name])}")
    if "gold_losses" in result.provenance:
        click.echo(f"gold: {result.provenance['gold']}: {result.provenance['gold_losses']}")
    if "left_out" in result.provenance:
        left = result.provenance["left_out"]
        click.echo(f"left out, not in all runs: {len(left)} document{'s' * (len(left) != 1)}, the first is {left[0]!r}")
    if output is not None:
        write_comparison(result, output)
        click.echo(f"report: {output / 'compare.html'}")
    click.echo(f"\n{result.table()}")
