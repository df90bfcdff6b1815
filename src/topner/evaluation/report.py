"""The report folder: metrics for programs, a page and a summary for people, a table of errors for a spreadsheet."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from topner.document import Mention
from topner.evaluation.causes import CAUSES
from topner.evaluation.errors import boundary_edges
from topner.evaluation.evaluate import Evaluation
from topner.evaluation.page import KIND_NAMES, render_page, worst_first
from topner.evaluation.predictions import write_predictions
from topner.evaluation.scores import Score
from topner.files import atomic_path, write_json, write_text
from topner.ledger import inert
from topner.pages.render import plain

_CONTEXT = 15  # characters of source text on either side of an error in the table
_WORST = 5
_COLUMNS = (
    "document",
    "kind",
    "gold_label",
    "gold_start",
    "gold_end",
    "gold_text",
    "predicted_label",
    "predicted_start",
    "predicted_end",
    "predicted_text",
    "score",
    "cause",
    "boundary",
    "before",
    "after",
)


def write_report(result: Evaluation, folder: Path) -> None:
    """Write an evaluation into a folder, which is made if need be; files of an earlier report are replaced.

    - ``metrics.json``: see :meth:`topner.evaluation.evaluate.Evaluation.to_json`.
    - ``report.html``: one self-contained page for the reviewer.
    - ``errors.csv``: one row an error (UTF-8 with byte order mark; a cell that a spreadsheet could take for a formula
      has an apostrophe in front).
    - ``predictions.jsonl``: gold and predicted mentions, see :mod:`topner.evaluation.predictions`.
    - ``summary.md``: the essentials on half a page.
    - ``ledger.csv``: annotations lost on the way, if the evaluation has a ledger.

    Raises:
        TopnerError: the folder cannot be written.
    """
    folder = Path(folder)
    page, summary = render_page(result), summarise(result)
    write_json(folder / "metrics.json", result.to_json())
    write_text(folder / "report.html", page)
    write_errors(folder / "errors.csv", result)
    write_predictions(folder / "predictions.jsonl", result.gold, result.predicted)
    write_text(folder / "summary.md", summary)
    if result.ledger is not None:
        result.ledger.write(folder / "ledger.csv")


def write_errors(path: str | Path, result: Evaluation) -> None:
    """Write the errors as CSV, one row each, with the source text around them; offsets are half-open code points.

    Raises:
        TopnerError: the file cannot be written.
    """
    texts = {document.id: document.text for document in result.gold}
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        for error, cause in zip(result.errors, result.causes, strict=True):
            text = texts[error.document]
            mentions = [mention for mention in (error.gold, error.predicted) if mention is not None]
            start, end = min(m.start for m in mentions), max(m.end for m in mentions)
            row = (
                error.document,
                error.kind,
                *_cells(error.gold),
                *_cells(error.predicted),
                _score(error.predicted),
                cause.id,
                " ".join(boundary_edges(text, error.gold, error.predicted)),
                text[max(0, start - _CONTEXT) : start],
                text[end : end + _CONTEXT],
            )
            writer.writerow([inert(cell) for cell in row])


def summarise(result: Evaluation) -> str:
    """The essentials as Markdown."""
    micro, interval = result.strict.micro, result.intervals.micro
    lines = [
        "# 评测摘要 Evaluation summary",
        "",
        f"**严格微平均 F1 {_number(micro)}**，{interval.level:.0%} 区间 {interval.low:.3f}–{interval.high:.3f}"
        f"（{interval.documents} 篇文档，自助重抽样 {interval.resamples} 次）  ",
        f"**Strict micro F1 {_number(micro)}**, {interval.level:.0%} interval {interval.low:.3f}–{interval.high:.3f} "
        f"(bootstrap over {interval.documents} documents)",
        "",
        f"| 标签 label | P | R | F1 | {interval.level:.0%} | 金标 gold | 预测 predicted | 正确 correct |",
        "|---|---:|---:|---:|---|---:|---:|---:|",
    ]
    rows = [(name, score, result.intervals.labels[name]) for name, score in result.strict.labels.items()]
    for name, score, bounds in [*rows, ("micro", micro, interval), ("macro", result.strict.macro, None)]:
        between = f"{bounds.low:.3f}–{bounds.high:.3f}" if bounds and score.defined else ""
        lines.append(
            f"| {_safe(name)} | {score.precision:.3f} | {score.recall:.3f} | {_number(score)} | {between} "
            f"| {score.support} | {score.predicted} | {score.correct} |"
        )
    lines += ["", "| 错误 error | 处 count |", "|---|---:|"]
    names = {kind: f"{chinese} {english}" for kind, (_, chinese, english) in KIND_NAMES.items()}
    lines += [f"| {names[kind]} | {count} |" for kind, count in result.error_counts.items()]
    if result.errors:
        labels = result.schema.names
        lines += [
            "",
            f"| 原因 cause | 处 count | {' | '.join(map(_safe, labels))} |",
            "|---|---:|" + "---:|" * len(labels),
        ]
        known = {cause.id: cause for cause in CAUSES}
        for name, counts in result.cause_counts.items():
            cells = " | ".join(str(counts[label]) for label in ("total", *labels))
            lines.append(f"| {known[name].chinese} {known[name].english} | {cells} |")
    scored = result.calibration["micro"]
    if scored.count:
        part = scored.loads[min(2, len(scored.loads) - 1)]
        lines += [
            "",
            f"置信度：期望校准误差 expected calibration error {scored.error:.3f}；"
            f"复核最没把握的 {part.share:.0%}，其余精确率 {part.precision:.3f} "
            f"(reviewing the least certain {part.share:.0%} leaves a precision of {part.precision:.3f}; "
            f"{scored.loads[0].precision:.3f} without)",
        ]
    lines += ["", f"最差的文档 worst documents ({min(_WORST, len(result.documents))}):", ""]
    for i in worst_first(result)[:_WORST]:
        document = result.documents[i]
        lines.append(f"- {_safe(document.id)}: F1 {_number(document.score)}, 金标 gold {document.score.support}")
    if result.ledger is not None:
        lines += ["", f"损失 losses: {_safe(result.ledger.summary())}"]
    if result.provenance:
        lines += ["", "来源 provenance:", ""]
        lines += [f"- {_safe(key)}: {_safe(plain(value))}" for key, value in result.provenance.items()]
    return "\n".join(lines) + "\n"


def _cells(mention: Mention | None) -> tuple[object, ...]:
    return (None,) * 4 if mention is None else (mention.label, mention.start, mention.end, mention.text)


def _score(mention: Mention | None) -> float | None:
    return None if mention is None or mention.score is None else round(mention.score, 4)


def _number(score: Score) -> str:
    return f"{score.f1:.3f}" if score.defined else "—"


def _safe(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))
