"""Partial-match scores: how much of the error is a matter of boundaries, how much of labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from topner.document import Document
from topner.evaluation.matching import Kind, Match, match_mentions, pair_documents
from topner.labels import LabelSchema

Measure = Literal["exact", "boundary", "type", "partial"]
MEASURES: tuple[Measure, ...] = ("exact", "boundary", "type", "partial")

# What a matched pair of each kind counts as; missed and spurious mentions are so under every measure.
_OUTCOME: dict[Measure, dict[Kind, str]] = {
    "exact": {"correct": "correct", "boundary": "incorrect", "type": "incorrect", "both": "incorrect"},
    "boundary": {"correct": "correct", "boundary": "incorrect", "type": "correct", "both": "incorrect"},
    "type": {"correct": "correct", "boundary": "correct", "type": "incorrect", "both": "incorrect"},
    "partial": {"correct": "correct", "boundary": "partial", "type": "correct", "both": "partial"},
}


@dataclass(frozen=True, slots=True)
class PartialScore:
    """Counts of one measure, with the scores they give.

    Attributes:
        correct: COR, pairs that agree.
        incorrect: INC, pairs that do not.
        partial: PAR, pairs whose spans overlap but differ; worth half (measure ``partial`` only).
        missed: MIS, gold mentions without a partner.
        spurious: SPU, predicted mentions without a partner.
    """

    correct: int = 0
    incorrect: int = 0
    partial: int = 0
    missed: int = 0
    spurious: int = 0

    @property
    def precision(self) -> float:
        """``(COR + PAR / 2) / (COR + INC + PAR + SPU)``; 0.0 when nothing was predicted."""
        actual = self.correct + self.incorrect + self.partial + self.spurious
        return (self.correct + self.partial / 2) / actual if actual else 0.0

    @property
    def recall(self) -> float:
        """``(COR + PAR / 2) / (COR + INC + PAR + MIS)``; 0.0 when nothing is gold."""
        possible = self.correct + self.incorrect + self.partial + self.missed
        return (self.correct + self.partial / 2) / possible if possible else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0.0 when both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class PartialScores:
    """Partial-match scores of a data set.

    Attributes:
        overall: score by measure over all mentions.
        labels: score by label and measure.
    """

    overall: Mapping[Measure, PartialScore]
    labels: Mapping[str, Mapping[Measure, PartialScore]]


def partial_scores(gold: Sequence[Document], predicted: Sequence[Document], schema: LabelSchema) -> PartialScores:
    """Score as in SemEval-2013 task 9.1 (Segura-Bedmar et al. 2013; counts after MUC-5, Chinchor and Sundheim 1993).

    ========  ==================  ======================================================
    here      in that task        a pair is right when
    ========  ==================  ======================================================
    exact     strict              spans and labels are equal
    boundary  exact boundary      spans are equal, whatever the labels
    type      type                labels are equal and spans overlap
    partial   partial boundary    spans are equal; half right when they overlap; any label
    ========  ==================  ======================================================

    All measures judge one and the same pairing, :func:`topner.evaluation.matching.match_mentions`, so that their counts
    of missed and spurious mentions agree. The scores of a label come from the mentions of that label alone, in both
    layers: a mention found under another label is missed here and spurious there. This is what the package nervaluate
    computes (from 1.2 on), but for mentions that overlap several others, which it pairs in order of appearance and
    here are paired best first.

    Args:
        gold: documents with gold mentions.
        predicted: the same documents with predicted mentions, in any order.
        schema: the labels.

    Raises:
        TopnerError: see :func:`topner.evaluation.matching.pair_documents`.
    """
    pairs = pair_documents(gold, predicted, schema)
    overall = judge_matches(match for one, other in pairs for match in match_mentions(one.mentions, other.mentions))
    labels = {
        name: judge_matches(
            match
            for one, other in pairs
            for match in match_mentions(
                [mention for mention in one.mentions if mention.label == name],
                [mention for mention in other.mentions if mention.label == name],
            )
        )
        for name in schema.names
    }
    return PartialScores(overall, labels)


def judge_matches(matches: Iterable[Match]) -> dict[Measure, PartialScore]:
    """The score of pairs already matched, by measure; see :func:`partial_scores`."""
    kinds = [match.kind for match in matches]
    scores = {}
    for measure, outcome in _OUTCOME.items():
        found = [outcome.get(kind, kind) for kind in kinds]
        scores[measure] = PartialScore(
            *(found.count(name) for name in ("correct", "incorrect", "partial", "missed", "spurious"))
        )
    return scores
