"""Models against the gold: where a tagger that never saw a document reads it otherwise than its annotator did.

Suspicions are ordered by self-confidence, the probability that the models give to what the gold says: the lower it is, the
likelier the annotation is wrong (self-confidence as a label quality score: Kuan and Mueller 2022, Model-agnostic label quality
scoring to detect real-world label errors; here it is taken of a whole span, out of the tag lattice, not of a token). It is not
confident learning (Northcutt, Jiang and Chuang 2021): no thresholds by class and no joint counts are estimated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from topner.corpus.suspicion import Kind, Span, Suspicion, suspect, suspect_untagged
from topner.document import Document, Mention, check_unique_ids
from topner.errors import TopnerError
from topner.evaluation.matching import Match
from topner.labels import OUTSIDE, LabelSchema

UNKNOWN = 0.5
"""Stands for a probability that nobody gave: of a predicted mention without score, and of a gold mention being wrong that a
plain prediction file knows nothing of."""

_KINDS: Mapping[str, Kind] = {
    "missed": "model: missed",
    "boundary": "model: boundary",
    "type": "model: type",
    "both": "model: both",
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one model, not trained on it, makes of one document.

    Attributes:
        predicted: the document with the model's mentions and their scores.
        gold: the document with its gold mentions, each with the probability (0..1) the model gives to exactly this span
            with this label, see :meth:`topner.inference.tagger.Tagger.score`; ``None`` when only the prediction is known.
    """

    predicted: Document
    gold: Document | None = None


def contradictions(
    documents: Sequence[Document], opinions: Sequence[Opinion], schema: LabelSchema
) -> Iterator[Suspicion]:
    """Gold mentions that a model does not predict as they are, and predicted mentions where the gold has none.

    The kinds are ``model: missed`` (nothing is predicted there), ``model: boundary`` (same label, another span), ``model:
    type`` (same span, another label), ``model: both``, and ``model: spurious`` (predicted where no gold mention is).

    The score of a gold mention is 1 less the probability the model gives it. With a plain prediction file that probability
    is unknown; then it is the score of the best prediction that overlaps the mention, else :data:`UNKNOWN`. The score of a
    spurious prediction is its own. Over several opinions on a document scores are averaged; one that agrees with the gold
    counts against the suspicion.

    Args:
        documents: with gold mentions, ids unique.
        opinions: any number on each document; documents without one are passed over.
        schema: labels that may be predicted.

    Raises:
        TopnerError: an opinion is about an unknown document or another text, or predicts an unknown label.
    """
    check_unique_ids(documents)
    by_id = {document.id: document for document in documents}
    held: defaultdict[str, list[Opinion]] = defaultdict(list)
    for opinion in opinions:
        _check(opinion, by_id, schema)
        held[opinion.predicted.id].append(opinion)
    for document in documents:
        if document.id in held:
            yield from _about_gold(document, held[document.id])
            yield from _about_predicted(document, held[document.id])


def _about_gold(document: Document, opinions: Sequence[Opinion]) -> Iterator[Suspicion]:
    for i, gold in enumerate(document.mentions):
        rivals: defaultdict[Span, float] = defaultdict(float)
        wrong, against = 0.0, 0
        for opinion in opinions:
            best = _answer(opinion, gold)
            wrong += _wrong(opinion, i, gold, best)
            if best is None:
                rivals[(*gold.span, OUTSIDE)] += UNKNOWN
            elif best.key != gold.key:
                rivals[best.key] += _sure(best)
            against += best is None or best.key != gold.key
        if not against:
            continue
        rival = max(rivals, key=lambda key: rivals[key])
        start, end, label = rival
        answer = None if label == OUTSIDE else Mention(start, end, label, document.text[start:end])
        read = "no mention" if answer is None else f"{label} “{answer.text}”"
        reason = f"{against} of {len(opinions)} models differ: {read}" if len(opinions) > 1 else f"the model: {read}"
        yield suspect(_KINDS[Match(gold, answer).kind], document, gold, reason, rival, wrong / len(opinions))


def _answer(opinion: Opinion, gold: Mention) -> Mention | None:
    """The prediction that is the gold mention, else the surest that overlaps it."""
    found = [m for m in opinion.predicted.mentions if m.start < gold.end and gold.start < m.end]
    return max(found, key=lambda m: (m.key == gold.key, _sure(m)), default=None)


def _wrong(opinion: Opinion, i: int, gold: Mention, answer: Mention | None) -> float:
    """How likely the opinion holds the ``i``-th gold mention to be wrong."""
    if opinion.gold is not None:
        return 1 - (opinion.gold.mentions[i].score or 0.0)
    if answer is None:
        return UNKNOWN
    if answer.key != gold.key:
        return _sure(answer)
    return 0.0 if answer.score is None else 1 - answer.score


def _about_predicted(document: Document, opinions: Sequence[Opinion]) -> Iterator[Suspicion]:
    """Predictions that share no character with a gold mention; of those that share one with each other the best."""
    totals: defaultdict[Span, float] = defaultdict(float)
    counts: defaultdict[Span, int] = defaultdict(int)
    for opinion in opinions:
        for m in opinion.predicted.mentions:
            if not any(g.start < m.end and m.start < g.end for g in document.mentions):
                totals[m.key] += _sure(m)
                counts[m.key] += 1
    taken: list[Span] = []
    for span in sorted(totals, key=lambda key: (-totals[key], key)):
        if not any(span[0] < other[1] and other[0] < span[1] for other in taken):
            taken.append(span)
    for span in sorted(taken):
        tally = f"{counts[span]} of {len(opinions)} models" if len(opinions) > 1 else "the model"
        reason = f"{tally}: {span[2]}, untagged in the gold"
        yield suspect_untagged("model: spurious", document, span, reason, totals[span] / len(opinions))


def _sure(mention: Mention) -> float:
    return UNKNOWN if mention.score is None else mention.score


def _check(opinion: Opinion, documents: dict[str, Document], schema: LabelSchema) -> None:
    predicted = opinion.predicted
    document = documents.get(predicted.id)
    if document is None:
        raise TopnerError(f"a prediction is about {predicted.id!r}, which is no document of the data")
    if document.text != predicted.text:
        raise TopnerError(
            f"the predicted text of document {predicted.id!r} is not that of the data",
            hint="offsets can only be compared in the same raw text; predict again",
        )
    if opinion.gold is not None and [m.key for m in opinion.gold.mentions] != [m.key for m in document.mentions]:
        raise TopnerError(f"the scored mentions of document {predicted.id!r} are not those of the data")
    for mention in predicted.mentions:
        if mention.label not in schema.names:
            raise TopnerError(
                f"document {predicted.id!r} has a predicted {mention.label!r}, the labels are {', '.join(schema.names)}"
            )
