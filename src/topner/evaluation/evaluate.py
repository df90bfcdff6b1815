"""The evaluation of a data set in one object: scores, intervals and errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from topner.columns import display_width, padded
from topner.document import Document
from topner.evaluation.bootstrap import Intervals, bootstrap_f1
from topner.evaluation.breakdown import DIVISIONS, Part, breakdown
from topner.evaluation.calibration import Calibration, calibration
from topner.evaluation.causes import Cause, causes, count_causes
from topner.evaluation.errors import ERROR_KINDS, Disagreement, confusion, disagreements
from topner.evaluation.matching import Kind, pair_documents
from topner.evaluation.partial import PartialScore, PartialScores, partial_scores
from topner.evaluation.scores import (
    DocumentScore,
    Score,
    StrictScores,
    count_by_document,
    document_scores,
    strict_scores,
)
from topner.evaluation.strings import Variance, variances
from topner.labels import LabelSchema
from topner.ledger import Ledger

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Evaluation:
    """A prediction judged against the gold.

    Attributes:
        gold: documents with gold mentions.
        predicted: the same documents, in the same order, with predicted mentions.
        schema: the labels.
        strict: strict scores by label, micro and macro.
        partial: exact, boundary, type and partial scores.
        documents: strict micro score of each document, in the order of ``gold``.
        breakdown: scores by division and value: metadata that sort the documents into groups, ``condition`` of the
            page, ``length`` of the mention.
        intervals: bootstrap intervals of the strict F1.
        calibration: what the scores are worth, by label and under ``micro``.
        errors: every disagreement.
        causes: of each error, in the order of ``errors``.
        variances: strings labelled in more than one way.
        ledger: annotations lost on the way into the evaluation, if a ledger was kept.
        provenance: what was evaluated with what: model, data file, its hash, versions; values that JSON can hold.
    """

    gold: tuple[Document, ...]
    predicted: tuple[Document, ...]
    schema: LabelSchema
    strict: StrictScores
    partial: PartialScores
    documents: tuple[DocumentScore, ...]
    breakdown: Mapping[str, Mapping[str, Part]]
    intervals: Intervals
    calibration: Mapping[str, Calibration]
    errors: tuple[Disagreement, ...]
    causes: tuple[Cause, ...]
    variances: tuple[Variance, ...]
    ledger: Ledger | None
    provenance: Mapping[str, Any]

    @property
    def error_counts(self) -> dict[Kind, int]:
        """Number of errors by kind, every kind."""
        counts = Counter(error.kind for error in self.errors)
        return {kind: counts[kind] for kind in ERROR_KINDS}

    @property
    def cause_counts(self) -> dict[str, Mapping[str, int]]:
        """Number of errors by cause and label, see :func:`topner.evaluation.causes.count_causes`."""
        return count_causes(self.errors, self.causes, self.schema.names)

    def to_json(self) -> dict[str, Any]:
        """The content of ``metrics.json``. Within one ``schema_version`` keys are only ever added."""
        kinds: dict[str, Counter[str]] = {document.id: Counter() for document in self.gold}
        for error in self.errors:
            kinds[error.document][error.kind] += 1
        losses = None
        if self.ledger is not None:
            actions = Counter(loss.action for loss in self.ledger)
            losses = {"seen": self.ledger.seen, **{name: actions[name] for name in ("dropped", "moved", "repaired")}}
        return {
            "schema_version": SCHEMA_VERSION,
            "labels": list(self.schema.names),
            "strict": {
                "micro": _score_json(self.strict.micro),
                "macro": _score_json(self.strict.macro),
                "labels": {name: _score_json(score) for name, score in self.strict.labels.items()},
            },
            "partial": {
                "overall": {name: _partial_json(score) for name, score in self.partial.overall.items()},
                "labels": {
                    label: {name: _partial_json(score) for name, score in scores.items()}
                    for label, scores in self.partial.labels.items()
                },
            },
            "documents": [
                {
                    "id": document.id,
                    **_score_json(document.score),
                    "errors": {kind: kinds[document.id][kind] for kind in ERROR_KINDS},
                }
                for document in self.documents
            ],
            "groups": {
                key: {value: _score_json(part.strict) for value, part in parts.items()}
                for key, parts in self.breakdown.items()
                if key not in DIVISIONS
            },
            "breakdown": {
                key: {value: _part_json(part) for value, part in parts.items()} for key, parts in self.breakdown.items()
            },
            "interval": {
                "micro_f1": _rounded(asdict(self.intervals.micro)),
                "labels": {name: _rounded(asdict(interval)) for name, interval in self.intervals.labels.items()},
            },
            "errors": self.error_counts,
            "causes": {name: dict(counts) for name, counts in self.cause_counts.items()},
            "calibration": {
                name: {
                    **_rounded({"count": c.count, "error": c.error, "brier": c.brier}),
                    "bins": [_rounded(asdict(bin)) for bin in c.bins],
                    "loads": [_rounded(asdict(load)) for load in c.loads],
                }
                for name, c in self.calibration.items()
            },
            "variances": len(self.variances),
            "confusion": [
                {"gold": gold, "predicted": predicted, "count": count}
                for (gold, predicted), count in confusion(self.errors).items()
            ],
            "losses": losses,
            "provenance": dict(self.provenance),
        }

    def table(self) -> str:
        """Strict scores as plain text for the terminal, one row a label, then micro and macro, then the interval."""
        scores = {**self.strict.labels, "micro": self.strict.micro, "macro": self.strict.macro}
        width = max(display_width(name) for name in ("label", *scores))
        lines = [f"{padded('label', width)}  precision  recall      f1  support"]
        for name, score in scores.items():
            numbers = f"{score.precision:9.3f}  {score.recall:6.3f}  {score.f1:6.3f}  {score.support:7d}"
            lines.append(f"{padded(name, width)}  {numbers}")
        interval = self.intervals.micro
        lines.append(
            f"micro f1 {self.strict.micro.f1:.3f}, {interval.level:.0%} interval {interval.low:.3f} to "
            f"{interval.high:.3f} (bootstrap over {interval.documents} documents)"
        )
        return "\n".join(lines)


def evaluate_documents(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    schema: LabelSchema,
    ledger: Ledger | None = None,
    provenance: Mapping[str, Any] | None = None,
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> Evaluation:
    """Judge a prediction against the gold.

    Args:
        gold: documents with gold mentions.
        predicted: the same documents (by id, with equal raw texts) with predicted mentions, in any order.
        schema: the labels.
        ledger: losses to report with the scores.
        provenance: what was evaluated with what; values that JSON can hold.
        resamples: number of bootstrap resamples.
        seed: seed of the bootstrap.

    Raises:
        TopnerError: see :func:`topner.evaluation.matching.pair_documents`.
    """
    pairs = pair_documents(gold, predicted, schema)
    answers = tuple(answer for _, answer in pairs)
    errors = disagreements(gold, answers, schema)
    counts = count_by_document(gold, answers, schema)
    return Evaluation(
        gold=tuple(gold),
        predicted=answers,
        schema=schema,
        strict=strict_scores(gold, answers, schema),
        partial=partial_scores(gold, answers, schema),
        documents=document_scores(gold, answers, schema),
        breakdown=breakdown(pairs),
        intervals=bootstrap_f1(counts, schema, resamples=resamples, seed=seed),
        calibration=calibration(gold, answers, schema.names),
        errors=errors,
        causes=causes(errors, gold, answers),
        variances=variances(gold, answers),
        ledger=ledger,
        provenance=dict(provenance or {}),
    )


def _score_json(score: Score) -> dict[str, Any]:
    return _rounded(asdict(score))


def _partial_json(score: PartialScore) -> dict[str, Any]:
    return _rounded({"precision": score.precision, "recall": score.recall, "f1": score.f1, **asdict(score)})


def _part_json(part: Part) -> dict[str, Any]:
    measures = {name: round(score.f1, 6) for name, score in part.partial.items()}
    return {**_score_json(part.strict), "documents": part.documents, "f1_by_measure": measures}


def _rounded(record: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in record.items()}
