"""How far annotators of the same texts agree: on spans, and beyond chance on characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topner.document import Document, Mention, check_unique_ids
from topner.errors import TopnerError
from topner.evaluation.scores import Score
from topner.labels import LabelSchema

Reliability = Literal["reliable", "tentative", "unreliable"]
RELIABLE, TENTATIVE = 0.8, 0.667
MISSING = -1
"""Stands for the value of a coder who did not code a unit."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A span that not all who annotated its document have.

    Attributes:
        document: id.
        mention: the span with its label.
        annotators: names of those who have it.
    """

    document: str
    mention: Mention
    annotators: tuple[str, ...]


@dataclass(frozen=True)
class Agreement:
    """Agreement of two or more annotators.

    Attributes:
        annotators: their names.
        documents: number of documents that two or more of them annotated: what everything is measured on.
        complete: number of those that all of them annotated.
        alone: number of documents that only one of them annotated.
        characters: code points of ``documents``.
        held: number of documents of each annotator, those alone included.
        shared: number of documents that each pair of annotators has in common.
        pairs: for each pair with documents in common the span F1 on these, by label and under ``micro``: same span, same
            label. F1 is the same whichever of the two is taken for gold.
        kappa: for each such pair Cohen's kappa by label (is the character in a mention of the label?) and under ``micro``
            over labels (which label, if any, is the character in?).
        alpha: Krippendorff's alpha over all annotators, likewise; a character of a document that an annotator has not is
            a missing value.
        mentions: mentions in ``documents`` by annotator and label.
        disagreements: every span that not all who annotated its document have.
    """

    annotators: tuple[str, ...]
    documents: int
    complete: int
    alone: int
    characters: int
    held: Mapping[str, int]
    shared: Mapping[tuple[str, str], int]
    pairs: Mapping[tuple[str, str], Mapping[str, Score]]
    kappa: Mapping[tuple[str, str], Mapping[str, float]]
    alpha: Mapping[str, float]
    mentions: Mapping[str, Mapping[str, int]]
    disagreements: tuple[Disagreement, ...]

    @property
    def span_f1(self) -> float:
        """Micro span F1, the mean over the pairs that have documents in common."""
        return self.mean_f1("micro")

    def mean_f1(self, name: str) -> float:
        """Span F1 of a label or ``micro``, the mean over the pairs that have documents in common."""
        return float(np.mean([scores[name].f1 for scores in self.pairs.values()]))

    def mean_kappa(self, name: str) -> float:
        """Cohen's kappa of a label or ``micro``, the mean over the pairs that have documents in common."""
        return float(np.mean([values[name] for values in self.kappa.values()]))

    def to_json(self) -> dict[str, Any]:
        """All figures as JSON can hold them."""
        return {
            "annotators": list(self.annotators),
            "documents": self.documents,
            "complete": self.complete,
            "alone": self.alone,
            "characters": self.characters,
            "held": dict(self.held),
            "mentions": {name: dict(counts) for name, counts in self.mentions.items()},
            "span_f1": round(self.span_f1, 4),
            "pairs": [
                {
                    "annotators": list(pair),
                    "documents": shared,
                    "span_f1": {name: round(score.f1, 4) for name, score in self.pairs.get(pair, {}).items()},
                    "kappa": {name: round(value, 4) for name, value in self.kappa.get(pair, {}).items()},
                }
                for pair, shared in self.shared.items()
            ],
            "alpha": {name: round(value, 4) for name, value in self.alpha.items()},
            "reliability": reliability(self.alpha["micro"]),
            "disagreements": len(self.disagreements),
        }


def agreement(layers: Mapping[str, Sequence[Document]], schema: LabelSchema) -> Agreement:
    """Compare annotators, each pair on the documents that both have, by id; alpha over what two or more have.

    Args:
        layers: each annotator's documents, by name.
        schema: the labels.

    Raises:
        TopnerError: as :func:`shared_documents`.
    """
    shared = shared_documents(layers)
    names = tuple(layers)
    characters = sum(len(_text(versions)) for versions in shared.values())
    codes = np.full((len(names), characters), MISSING, dtype=np.int64)
    at = 0
    for versions in shared.values():
        width = len(_text(versions))
        for row, name in enumerate(names):
            if name in versions:
                codes[row, at : at + width] = _codes(versions[name], schema)
        at += width
    if not characters:
        codes = np.zeros((len(names), 1), dtype=np.int64)  # nothing but empty texts, on which all agree
    common: dict[tuple[str, str], list[Mapping[str, Document]]] = {
        (a, b): [versions for versions in shared.values() if a in versions and b in versions]
        for a, b in combinations(names, 2)
    }
    ids = {document.id for documents in layers.values() for document in documents}
    return Agreement(
        annotators=names,
        documents=len(shared),
        complete=sum(len(versions) == len(names) for versions in shared.values()),
        alone=len(ids) - len(shared),
        characters=characters,
        held={name: len(documents) for name, documents in layers.items()},
        shared={pair: len(versions) for pair, versions in common.items()},
        pairs={pair: _span_scores(*pair, versions, schema) for pair, versions in common.items() if versions},
        kappa={pair: _by_label(_both(codes, names, pair), schema, cohen_kappa) for pair in common if common[pair]},
        alpha=_by_label(codes, schema, krippendorff_alpha),
        mentions={name: _counts(name, shared.values(), schema) for name in names},
        disagreements=tuple(_disagreements(shared)),
    )


def shared_documents(layers: Mapping[str, Sequence[Document]]) -> dict[str, dict[str, Document]]:
    """The versions, by annotator, of each document that two or more annotators have, by id.

    Args:
        layers: each annotator's documents, by name.

    Returns:
        Documents in the order in which they first occur, versions in the order of the annotators.

    Raises:
        TopnerError: fewer than two annotators, a document twice in one layer, no document in common, or a text that
            differs between annotators.
    """
    if len(layers) < 2:
        raise TopnerError("agreement needs two annotators or more")
    found: dict[str, dict[str, Document]] = {}
    for name, documents in layers.items():
        check_unique_ids(documents)
        for document in documents:
            versions = found.setdefault(document.id, {})
            other = next(iter(versions.items()), None)
            if other is not None and other[1].text != document.text:
                raise TopnerError(f"{other[0]} and {name} have different texts under the id {document.id!r}")
            versions[name] = document
    shared = {id: versions for id, versions in found.items() if len(versions) > 1}
    if not shared:
        raise TopnerError(f"{', '.join(layers)} have no document in common", hint="documents are matched by their ids")
    return shared


def reliability(alpha: float) -> Reliability:
    """What a value of alpha lets one conclude (Krippendorff 2004, Content Analysis, 2nd ed., p. 241).

    Returns:
        ``reliable`` from 0.800 on, ``tentative`` from 0.667 on (tentative conclusions only), else ``unreliable``.
    """
    if alpha >= RELIABLE:
        return "reliable"
    return "tentative" if alpha >= TENTATIVE else "unreliable"


def cohen_kappa(codes: NDArray[np.int64]) -> float:
    """Cohen's kappa (Cohen 1960) of two coders.

    Args:
        codes: category by coder and unit, shape ``(2, units)``.

    Returns:
        1 for full agreement, 0 for what chance gives; 1 where both used one and the same category throughout.
    """
    table = np.zeros((int(codes.max()) + 1,) * 2)
    np.add.at(table, (codes[0], codes[1]), 1)
    table /= table.sum()
    expected = float(table.sum(axis=0) @ table.sum(axis=1))
    return (float(np.trace(table)) - expected) / (1 - expected) if expected < 1 else 1.0


def krippendorff_alpha(codes: NDArray[np.int64]) -> float:
    """Krippendorff's alpha for nominal categories, with missing values (Krippendorff 2011, Computing alpha-reliability).

    Every ordered pair of values in a unit of m values counts 1 / (m - 1) in the coincidence matrix; a unit with fewer
    than two values pairs nothing and is left out.

    Args:
        codes: category by coder and unit, shape ``(coders, units)``, two coders or more; :data:`MISSING` where a coder
            has none.

    Returns:
        1 for full agreement, 0 for what chance gives; 1 where only one category occurs.

    Raises:
        ValueError: no unit has two values.
    """
    values = (codes != MISSING).sum(axis=0)
    paired = values > 1
    if not paired.any():
        raise ValueError("no unit has values of two coders")
    codes, values = codes[:, paired], values[paired]
    total = float(values.sum())
    agreeing = by_chance = 0.0
    for category in np.unique(codes[codes != MISSING]):
        counts = (codes == category).sum(axis=0).astype(float)
        agreeing += float((counts * (counts - 1) / (values - 1)).sum())
        by_chance += float(counts.sum() * (counts.sum() - 1)) / (total - 1)
    return 1 - (total - agreeing) / (total - by_chance) if by_chance < total else 1.0


def _codes(document: Document, schema: LabelSchema) -> NDArray[np.int64]:
    """For each character 0 outside mentions, else 1 + the number of its label."""
    codes = np.zeros(len(document.text), dtype=np.int64)
    for m in document.mentions:
        codes[m.start : m.end] = 1 + schema.names.index(m.label)
    return codes


def _by_label(
    codes: NDArray[np.int64], schema: LabelSchema, measure: Callable[[NDArray[np.int64]], float]
) -> dict[str, float]:
    values = {}
    for code, name in enumerate(schema.names, 1):
        values[name] = measure(np.where(codes == MISSING, MISSING, codes == code).astype(np.int64))
    return {**values, "micro": measure(codes)}


def _both(codes: NDArray[np.int64], names: Sequence[str], pair: tuple[str, str]) -> NDArray[np.int64]:
    """The codes of two annotators where both have any; where they share empty texts alone, one unit that they agree on."""
    two = codes[[names.index(name) for name in pair]]
    two = two[:, (two != MISSING).all(axis=0)]
    return two if two.size else np.zeros((2, 1), dtype=np.int64)


def _span_scores(
    one: str, other: str, documents: Sequence[Mapping[str, Document]], schema: LabelSchema
) -> dict[str, Score]:
    scores = {}
    for name in (*schema.names, "micro"):
        a, b = (
            {(n, *m.key) for n, held in enumerate(documents) for m in held[who].mentions if name in (m.label, "micro")}
            for who in (one, other)
        )
        scores[name] = Score.of(len(a & b), len(b), len(a))
    return scores


def _counts(annotator: str, documents: Iterable[Mapping[str, Document]], schema: LabelSchema) -> dict[str, int]:
    counts = Counter(m.label for held in documents if annotator in held for m in held[annotator].mentions)
    return {**{name: counts[name] for name in schema.names}, "micro": counts.total()}


def _disagreements(documents: Mapping[str, Mapping[str, Document]]) -> Iterator[Disagreement]:
    for id, versions in documents.items():
        having: dict[tuple[int, int, str], list[tuple[str, Mention]]] = {}
        for name, document in versions.items():
            for mention in document.mentions:
                having.setdefault(mention.key, []).append((name, mention))
        for _, holders in sorted(having.items()):
            if len(holders) < len(versions):
                yield Disagreement(id, holders[0][1], tuple(name for name, _ in holders))


def _text(versions: Mapping[str, Document]) -> str:
    return next(iter(versions.values())).text
