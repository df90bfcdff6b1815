"""The parts of a tagger's model card that are measured, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topner.document import Document
from topner.evaluation.calibration import measure
from topner.evaluation.evaluate import Evaluation
from topner.evaluation.fit_confidence import Fits, right_and_wrong, threshold_for
from topner.evaluation.robustness import Robustness
from topner.evaluation.runs import spread

Predictions = tuple[Sequence[Document], Sequence[Document]]
"""Documents with gold mentions, and the same with predicted ones, in the same order."""


def seeds_table(rows: Sequence[Mapping[str, Mapping[str, float]]]) -> str:
    """Mean and deviation over seeds, one row a data set.

    Args:
        rows: F1 by data set and label, one mapping a seed, as ``scripts/measure.py`` keeps them.
    """
    labels = list(next(iter(rows[0].values())))
    lines = ["| on | " + " | ".join(labels) + " |", "|---|" + "---:|" * len(labels)]
    for name in rows[0]:
        lines.append(f"| {name} | " + " | ".join(spread([row[name][label] for row in rows]) for label in labels) + " |")
    return "\n".join(lines)


def evaluation_table(title: str, result: Evaluation) -> str:
    """One row a label, and micro, and one a genre where there are several.

    Args:
        title: what the documents are.
        result: strict scores with intervals.
    """
    intervals = {**result.intervals.labels, "micro": result.intervals.micro}
    lines = [f"| {title}, {len(result.gold)} documents | precision | recall | F1 | interval |", "|---|" + "---:|" * 4]
    for name, score in {**result.strict.labels, "micro": result.strict.micro}.items():
        low, high = intervals[name].low, intervals[name].high
        lines.append(
            f"| {name} | {score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f} | {low:.3f} to {high:.3f} |"
        )
    for value, part in result.breakdown.get("genre", {}).items():
        score = part.strict
        lines.append(f"| genre {value} | {score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f} | |")
    return "\n".join(lines) + "\n"


def recipe_list(config: Mapping[str, Any]) -> str:
    """The settings of a training run that shape the model, one line a section.

    Args:
        config: the dumped configuration.
    """
    shown = {name: config[name] for name in ("noise", "window", "model", "training") if config.get(name)}
    return "\n".join(
        f"- {name}: " + ", ".join(f"{key} {value}" for key, value in section.items() if value is not None)
        for name, section in shown.items()
    )


def calibration_table(fits: Fits, on: Mapping[str, Predictions], loads: Sequence[float] = (0.1, 0.2)) -> str:
    """Calibration error before and after, and the precision of what passes when the least certain are reviewed.

    Args:
        fits: of the dev documents.
        on: other documents by title, none of them fitted on, predictions with the scores as they came.
        loads: shares of the mentions that are reviewed, each in steps of 0.05.
    """
    columns = ["calibration error", "after", *(f"precision when {load:.0%} are reviewed" for load in loads)]
    lines = ["| on | label | mentions | " + " | ".join(columns) + " |", "|---|---|" + "---:|" * (len(columns) + 1)]
    for title, predictions in on.items():
        before, after = right_and_wrong(*predictions, {}), right_and_wrong(*predictions, fits.maps)
        for label in before:
            raw, mapped = measure(*before[label]), measure(*after[label])
            passing = [next(x.precision for x in mapped.loads if abs(x.share - load) < 1e-9) for load in loads]
            cells = [raw.error, mapped.error, *passing]
            lines.append(f"| {title} | {label} | {raw.count} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def thresholds_table(fits: Fits, predictions: Predictions, precisions: Sequence[float] = (0.9, 0.95)) -> str:
    """The score by label from which a mention may pass unseen, for a precision that is wanted.

    Args:
        fits: of the dev documents.
        predictions: of the dev documents, scores as they came.
        precisions: wanted, 0..1.
    """
    head = [f"for {wanted:.0%} | pass" for wanted in precisions]
    lines = ["| label | " + " | ".join(head) + " |", "|---|" + "---:|---:|" * len(precisions)]
    for label, (scores, right) in right_and_wrong(*predictions, fits.maps).items():
        if label == "micro":
            continue
        cells = []
        for wanted in precisions:
            least = threshold_for(scores, right, wanted)
            passing = 0.0 if least is None else float((scores >= least).mean())
            cells.append("none | |" if least is None else f"{least:.3f} | {passing:.0%} |")
        lines.append(f"| {label} | " + " ".join(cells))
    return "\n".join(lines) + "\n"


def robustness_table(title: str, rows: Sequence[Robustness]) -> str:
    """Micro F1 of the same documents in each condition.

    Args:
        title: what the documents are.
        rows: one a condition.
    """
    lines = [f"| {title} | documents | F1 | interval | against clean |", "|---|" + "---:|" * 4]
    for row in rows:
        low, high = row.interval.low, row.interval.high
        change = row.micro.f1 - row.clean
        lines.append(
            f"| {row.condition} | {row.documents} | {row.micro.f1:.3f} | {low:.3f} to {high:.3f} | {change:+.3f} |"
        )
    return "\n".join(lines) + "\n"
