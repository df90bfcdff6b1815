"""Fit what a tagger's scores mean on documents it was not trained on, and print what that brings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from topner.cli import run

if TYPE_CHECKING:
    from topner.evaluation.calibration import Calibration


@click.command()
@click.argument("predictions", type=click.Path(exists=True, path_type=Path))
@click.option("--check", type=click.Path(exists=True, path_type=Path), help="An evaluation on other documents.")
@click.option("--precision", default=0.95, show_default=True, type=click.FloatRange(0, 1), help="For the thresholds.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The maps as JSON.")
@click.option("--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Write the maps into it.")
def main(predictions: Path, check: Path | None, precision: float, output: Path | None, model: Path | None) -> None:
    """Calibrate by PREDICTIONS, the folder of a ``topner evaluate`` on the dev documents (or its predictions.jsonl).

    For each label temperature, beta and isotonic maps are compared with leaving the scores alone, by cross-validation over
    documents. The columns "after" come from maps that did not see the documents they are measured on.
    """
    from topner.errors import TopnerError
    from topner.evaluation.calibration import measure, review_load
    from topner.evaluation.fit_confidence import fit, right_and_wrong, threshold_for
    from topner.evaluation.predictions import read_predictions
    from topner.files import write_json
    from topner.model.confidence import KEY, maps_to_json
    from topner.model.folder import SETTINGS_FILE, read_object

    settings = read_object(model / SETTINGS_FILE) if model else {}
    if KEY in settings:
        hint = f"take {KEY!r} out of {SETTINGS_FILE}, evaluate again, then calibrate"
        raise TopnerError("is calibrated already, and so are its predictions", path=model, hint=hint)
    gold, predicted = read_predictions(predictions)
    labels = sorted({mention.label for side in (gold, predicted) for document in side for mention in document.mentions})
    fits = fit(gold, predicted, labels)

    click.echo(f"{predictions}: {len(gold)} documents, cross-validated")
    rows = [(name, found.kind, found.before, found.after) for name, found in fits.labels.items()]
    click.echo(table([*rows, ("micro", "", fits.before, fits.after)]))
    if check is not None:
        other = read_predictions(check)
        before, after = right_and_wrong(*other, {}), right_and_wrong(*other, fits.maps)
        click.echo(f"\n{check}: {len(other[0])} documents, none of them fitted on")
        shown = [name for name in (*labels, "micro") if name in before]
        kinds = {name: found.kind for name, found in fits.labels.items()}
        click.echo(table([(n, kinds.get(n, ""), measure(*before[n]), measure(*after[n])) for n in shown]))
    click.echo(f"\nthresholds on calibrated scores for a precision of {precision} on {predictions}")
    for name, (scores, right) in right_and_wrong(gold, predicted, fits.maps).items():
        if name != "micro":
            threshold = threshold_for(scores, right, precision)
            passing = 0 if threshold is None else int((scores >= threshold).sum())
            load = review_load(scores, right, 1 - passing / len(scores))
            value = "none reaches it" if threshold is None else f"{threshold:.3f}"
            seen = "" if load is None or threshold is None else f"; precision {load.precision:.3f} above it"
            click.echo(f"{name:12}{value}, {passing} of {len(scores)} mentions pass{seen}")
    if output is not None:
        write_json(output, maps_to_json(fits.maps))
    if model is not None:
        write_json(model / SETTINGS_FILE, {**settings, KEY: maps_to_json(fits.maps)})
        click.echo(f"written into {model / SETTINGS_FILE}")


def table(rows: Sequence[tuple[str, str, Calibration, Calibration]]) -> str:
    """Calibration error, Brier score, and the precision of what passes unseen at four review loads, before and after."""
    loads = (0.05, 0.10, 0.20, 0.30)
    head = f"{'':12}{'map':13}{'mentions':>9}  {'ECE':>15}  {'Brier':>15}"
    lines = [head + "".join(f"  {f'unseen at {share:.0%}':>15}" for share in loads)]
    for name, kind, before, after in rows:
        cells = [(before.error, after.error), (before.brier, after.brier)]
        for share in loads:
            pair = [next((x.precision for x in side.loads if x.share == share), 0.0) for side in (before, after)]
            cells.append((pair[0], pair[1]))
        line = f"{name:12}{kind:13}{before.count:9d}"
        lines.append(line + "".join(f"  {f'{one:.3f} → {other:.3f}':>15}" for one, other in cells))
    return "\n".join(lines)


if __name__ == "__main__":
    run(main)
