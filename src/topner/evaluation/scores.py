"""Strict scores: a mention counts when start, end and label are all right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from seqeval.metrics.v1 import precision_recall_fscore_support
from seqeval.scheme import IOB2

from topner.document import Document
from topner.evaluation.matching import pair_documents
from topner.labels import OUTSIDE, LabelSchema


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 with the counts behind them.

    A ratio over nothing is 0.0, as in seqeval: where nothing is gold and nothing was predicted, all three are 0.0, and
    :attr:`defined` tells this from a failure.

    Attributes:
        precision: correct share of the predicted mentions.
        recall: correct share of the gold mentions.
        f1: harmonic mean of the two.
        support: number of gold mentions.
        predicted: number of predicted mentions.
        correct: number of predicted mentions that are gold.
    """

    precision: float
    recall: float
    f1: float
    support: int
    predicted: int
    correct: int

    @classmethod
    def of(cls, correct: int, predicted: int, support: int) -> Score:
        """The score of three counts."""
        precision = correct / predicted if predicted else 0.0
        recall = correct / support if support else 0.0
        f1 = 2 * correct / (predicted + support) if predicted + support else 0.0
        return cls(precision, recall, f1, support, predicted, correct)

    @property
    def defined(self) -> bool:
        """Whether there was anything to find or anything found."""
        return bool(self.support or self.predicted)


@dataclass(frozen=True, slots=True)
class StrictScores:
    """Strict scores of a data set.

    Attributes:
        labels: score by label, every label of the schema in its order.
        micro: over all mentions together.
        macro: mean of the scores of the labels that occur in gold or prediction, as in seqeval; its counts are sums.
    """

    labels: Mapping[str, Score]
    micro: Score
    macro: Score


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """Strict micro score of one document.

    Attributes:
        id: the document's id.
        score: over all labels.
    """

    id: str
    score: Score


def strict_scores(gold: Sequence[Document], predicted: Sequence[Document], schema: LabelSchema) -> StrictScores:
    """Score by seqeval (Nakayama 2018) in strict mode with the IOB2 scheme, on one tag a character of the raw text.

    ``seqeval.metrics.v1`` is what ``mode="strict"`` with a scheme runs; seqeval's default mode accepts broken tag
    sequences, and strict mode without a scheme scores like the default one. An empty gold with an empty prediction
    gives 0.0 everywhere, without a warning.

    Args:
        gold: documents with gold mentions.
        predicted: the same documents with predicted mentions, in any order.
        schema: the labels.

    Raises:
        TopnerError: see :func:`topner.evaluation.matching.pair_documents`.
    """
    pairs = pair_documents(gold, predicted, schema)
    totals = count_by_document(gold, predicted, schema).sum(axis=0)
    scores = [Score.of(*map(int, row)) for row in totals]
    seen = [i for i, score in enumerate(scores) if score.defined]
    if seen:
        values = precision_recall_fscore_support(
            [_tags(document, schema) for document, _ in pairs],
            [_tags(answer, schema) for _, answer in pairs],
            average=None,
            scheme=IOB2,
            zero_division=0,
        )
        for i, precision, recall, f1 in zip(seen, *values[:3], strict=True):
            counts = scores[i]
            scores[i] = Score(
                float(precision), float(recall), float(f1), counts.support, counts.predicted, counts.correct
            )
    micro = Score.of(*map(int, totals.sum(axis=0)))
    macro = Score(
        precision=_mean([scores[i].precision for i in seen]),
        recall=_mean([scores[i].recall for i in seen]),
        f1=_mean([scores[i].f1 for i in seen]),
        support=micro.support,
        predicted=micro.predicted,
        correct=micro.correct,
    )
    return StrictScores(dict(zip(schema.names, scores, strict=True)), micro, macro)


def count_by_document(
    gold: Sequence[Document], predicted: Sequence[Document], schema: LabelSchema
) -> NDArray[np.int64]:
    """Counts that every strict score is a function of.

    Returns:
        Shape ``(documents, labels, 3)``: correct, predicted and gold mentions, documents in the order of ``gold``,
        labels in the order of the schema.

    Raises:
        TopnerError: see :func:`topner.evaluation.matching.pair_documents`.
    """
    pairs = pair_documents(gold, predicted, schema)
    counts = np.zeros((len(pairs), len(schema.names), 3), dtype=np.int64)
    row = {name: i for i, name in enumerate(schema.names)}
    for table, (document, answer) in zip(counts, pairs, strict=True):
        golden, found = {m.key for m in document.mentions}, {m.key for m in answer.mentions}
        for column, keys in enumerate((golden & found, found, golden)):
            for _, _, label in keys:
                table[row[label], column] += 1
    return counts


def document_scores(
    gold: Sequence[Document], predicted: Sequence[Document], schema: LabelSchema
) -> tuple[DocumentScore, ...]:
    """Strict micro score of each document, in the order of ``gold``.

    Raises:
        TopnerError: see :func:`topner.evaluation.matching.pair_documents`.
    """
    counts = count_by_document(gold, predicted, schema).sum(axis=1)
    return tuple(
        DocumentScore(document.id, Score.of(*map(int, row))) for document, row in zip(gold, counts, strict=True)
    )


def grouping_keys(documents: Sequence[Document]) -> list[str]:
    """Metadata keys that sort the documents into groups: at least two values, on average two documents or more each.

    A genre or a year does; a title does not.
    """
    values: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        for key, value in document.meta.items():
            if value is not None:
                values[key][str(value)] += 1
    return sorted(key for key, counter in values.items() if 2 <= len(counter) <= counter.total() / 2)


def _tags(document: Document, schema: LabelSchema) -> list[str]:
    """One IOB2 tag a character; labels by number: seqeval sorts them, and strips hyphens at their end."""
    tags = [OUTSIDE] * len(document.text)
    for mention in document.mentions:
        name = f"{schema.names.index(mention.label):06}"
        tags[mention.start : mention.end] = [f"I-{name}"] * (mention.end - mention.start)
        tags[mention.start] = f"B-{name}"
    return tags


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
