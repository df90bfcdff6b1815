"""Baselines and taggers side by side: one row for each system, data set and label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from topner.columns import display_width, padded
from topner.document import Document
from topner.evaluation.bootstrap import Interval, bootstrap_f1
from topner.evaluation.matching import match_mentions, pair_documents
from topner.evaluation.partial import judge_matches
from topner.evaluation.scores import Score, count_by_document
from topner.labels import LabelSchema
from topner.text.clean import clean

Finder = Callable[[str], Iterable[tuple[int, int]]]
"""From clean text to half-open code points of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """The scores of a system for one label of one data set.

    Attributes:
        data: name of the data set.
        documents: number of its documents.
        system: name of the system.
        label: the label.
        strict: strict score: start, end and label right.
        strict_interval: of the strict F1, by document.
        partial: F1 where a mention that overlaps a gold one of the same label counts half.
        partial_interval: of it, by document.
    """

    data: str
    documents: int
    system: str
    label: str
    strict: Score
    strict_interval: Interval
    partial: float
    partial_interval: Interval

    def to_json(self) -> dict[str, Any]:
        """The row as values that JSON can hold."""
        return asdict(self)


def tag(documents: Iterable[Document], label: str, find: Finder) -> list[Document]:
    """The documents with what a finder finds as their only mentions.

    The finder sees the text cleaned as the tagger's is, so that the comparison is of finders and not of cleaning; its spans
    are led back to the raw text.

    Args:
        documents: raw texts; their own mentions are not looked at.
        label: of the mentions.
        find: the finder.
    """
    tagged = []
    for document in documents:
        aligned = clean(document.text)
        spans: list[tuple[int, int, str]] = []
        previous = 0
        for first, last in find(aligned.text):
            start, end = aligned.raw_span(first, last)
            start = max(start, previous)
            text = document.text[start:end]
            start, end = start + len(text) - len(text.lstrip()), end - (len(text) - len(text.rstrip()))
            if start < end:
                spans.append((start, end, label))
                previous = end
        tagged.append(Document.from_spans(document.id, document.text, spans, document.meta))
    return tagged


def score_rows(
    data: str,
    system: str,
    gold: Sequence[Document],
    predicted: Sequence[Document],
    labels: Iterable[str],
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> list[Row]:
    """Score a system label by label, each as if it were the only one.

    Args:
        data: name of the data set.
        system: name of the system.
        gold: documents with gold mentions.
        predicted: the same documents with predicted mentions, in any order.
        labels: the labels to score.
        resamples: number of bootstrap resamples.
        seed: of the bootstrap.

    Raises:
        TopnerError: see :func:`topner.evaluation.matching.pair_documents`.
    """
    rows = []
    for label in labels:
        schema = LabelSchema((label,))
        golden, answers = _only(gold, label), _only(predicted, label)
        strict = count_by_document(golden, answers, schema)
        # F1 = (2 COR + PAR) / (predicted + gold): as counts, doubled to stay whole
        partial = np.zeros_like(strict)
        for number, (one, other) in enumerate(pair_documents(golden, answers, schema)):
            counts = judge_matches(match_mentions(one.mentions, other.mentions))["partial"]
            partial[number, 0] = (
                2 * counts.correct + counts.partial,
                2 * len(other.mentions),
                2 * len(one.mentions),
            )
        totals = Score.of(*map(int, partial.sum(axis=(0, 1))))
        rows.append(
            Row(
                data,
                len(golden),
                system,
                label,
                Score.of(*map(int, strict.sum(axis=(0, 1)))),
                bootstrap_f1(strict, schema, resamples=resamples, seed=seed).micro,
                totals.f1,
                bootstrap_f1(partial, schema, resamples=resamples, seed=seed).micro,
            )
        )
    return rows


def table(rows: Sequence[Row]) -> str:
    """The rows as plain text for the terminal, the data sets one after the other."""
    if not rows:
        return ""
    width = max(display_width(row.system) for row in rows) + 2
    lines: list[str] = []
    level = rows[0].strict_interval.level
    for data in dict.fromkeys(row.data for row in rows):
        chosen = [row for row in rows if row.data == data]
        lines += [
            "",
            f"{data}, {chosen[0].documents} documents; in brackets {level:.0%} bootstrap intervals by document",
        ]
        lines.append(f"{'label':9}{padded('', width)}precision  recall  strict F1              partial F1")
        for label in dict.fromkeys(row.label for row in chosen):
            for row in (row for row in chosen if row.label == label):
                strict, partial = row.strict_interval, row.partial_interval
                lines.append(
                    f"{label:9}{padded(row.system, width)}{row.strict.precision:9.3f}  {row.strict.recall:6.3f}  "
                    f"{row.strict.f1:.3f} [{strict.low:.3f}, {strict.high:.3f}]   "
                    f"{row.partial:.3f} [{partial.low:.3f}, {partial.high:.3f}]"
                )
    return "\n".join(lines[1:])


def _only(documents: Sequence[Document], label: str) -> list[Document]:
    return [d.with_mentions(m for m in d.mentions if m.label == label) for d in documents]
