"""How far annotators of the same texts agree: on spans, and beyond chance on characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topner.document import Document, Mention, check_unique_ids
from topner.errors import TopnerError
from topner.evaluation.scores import Score
from topner.labels import LabelSchema


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A span that not all annotators have.

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
        documents: number of documents that all of them annotated.
        characters: code points of these.
        pairs: for each pair of annotators the span F1 by label and under ``micro``: same span, same label. F1 is the same
            whichever of the two is taken for gold.
        kappa: for each pair Cohen's kappa by label (is the character in a mention of the label?) and under ``micro`` over
            labels (which label, if any, is the character in?).
        alpha: Krippendorff's alpha over all annotators, likewise.
        disagreements: every span that is not everybody's.
    """

    annotators: tuple[str, ...]
    documents: int
    characters: int
    pairs: Mapping[tuple[str, str], Mapping[str, Score]]
    kappa: Mapping[tuple[str, str], Mapping[str, float]]
    alpha: Mapping[str, float]
    disagreements: tuple[Disagreement, ...]

    @property
    def span_f1(self) -> float:
        """Micro span F1, the mean over the pairs."""
        return float(np.mean([scores["micro"].f1 for scores in self.pairs.values()]))

    def to_json(self) -> dict[str, Any]:
        """All figures as JSON can hold them."""
        return {
            "annotators": list(self.annotators),
            "documents": self.documents,
            "characters": self.characters,
            "span_f1": round(self.span_f1, 4),
            "pairs": [
                {
                    "annotators": list(pair),
                    "span_f1": {name: round(score.f1, 4) for name, score in scores.items()},
                    "kappa": {name: round(value, 4) for name, value in self.kappa[pair].items()},
                }
                for pair, scores in self.pairs.items()
            ],
            "alpha": {name: round(value, 4) for name, value in self.alpha.items()},
            "disagreements": len(self.disagreements),
        }


def agreement(layers: Mapping[str, Sequence[Document]], schema: LabelSchema) -> Agreement:
    """Compare annotators on the documents that all of them have, by id.

    Args:
        layers: each annotator's documents, by name.
        schema: the labels.

    Raises:
        TopnerError: fewer than two annotators, no document in common, or a text that differs between them.
    """
    if len(layers) < 2:
        raise TopnerError("agreement needs two annotators or more")
    by_id: dict[str, dict[str, Document]] = {}
    for name, documents in layers.items():
        check_unique_ids(documents)
        by_id[name] = {document.id: document for document in documents}
    names = tuple(layers)
    first = by_id[names[0]]
    common = [id for id in first if all(id in held for held in by_id.values())]
    if not common:
        raise TopnerError(f"{', '.join(names)} have no document in common", hint="documents are matched by their ids")
    for name in names[1:]:
        for id in common:
            if by_id[name][id].text != first[id].text:
                raise TopnerError(f"{names[0]} and {name} have different texts under the id {id!r}")
    spans = {n: [{m.key: m for m in by_id[n][id].mentions} for id in common] for n in names}
    codes = {n: np.concatenate([_codes(by_id[n][id], schema) for id in common]) for n in names}
    pairs = list(combinations(names, 2))
    return Agreement(
        annotators=names,
        documents=len(common),
        characters=sum(len(first[id].text) for id in common),
        pairs={(a, b): _span_scores(spans[a], spans[b], schema) for a, b in pairs},
        kappa={(a, b): _by_label(np.stack([codes[a], codes[b]]), schema, cohen_kappa) for a, b in pairs},
        alpha=_by_label(np.stack([codes[n] for n in names]), schema, krippendorff_alpha),
        disagreements=tuple(_disagreements(common, spans)),
    )


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
    """Krippendorff's alpha for nominal categories without missing values (Krippendorff 2011, Computing alpha-reliability).

    Args:
        codes: category by coder and unit, shape ``(coders, units)``, two coders or more.

    Returns:
        1 for full agreement, 0 for what chance gives; 1 where only one category occurs.
    """
    coders, units = codes.shape
    categories = int(codes.max()) + 1
    counts = np.stack([(codes == category).sum(axis=0) for category in range(categories)], axis=1).astype(float)
    total = float(coders * units)
    agreeing = float((counts * (counts - 1)).sum()) / (coders - 1)
    sums = counts.sum(axis=0)
    by_chance = float((sums * (sums - 1)).sum()) / (total - 1)
    return 1 - (total - agreeing) / (total - by_chance) if by_chance < total else 1.0


def _codes(document: Document, schema: LabelSchema) -> NDArray[np.int64]:
    """For each character 0 outside mentions, else 1 + the number of its label."""
    codes = np.zeros(len(document.text), dtype=np.int64)
    for m in document.mentions:
        codes[m.start : m.end] = 1 + schema.names.index(m.label)
    return codes


def _by_label(codes: NDArray[np.int64], schema: LabelSchema, measure: Any) -> dict[str, float]:
    values = {name: float(measure((codes == i).astype(np.int64))) for i, name in enumerate(schema.names, 1)}
    return {**values, "micro": float(measure(codes))}


def _span_scores(
    one: Sequence[Mapping[tuple[int, int, str], Mention]],
    other: Sequence[Mapping[tuple[int, int, str], Mention]],
    schema: LabelSchema,
) -> dict[str, Score]:
    scores = {}
    for name in (*schema.names, "micro"):
        a, b = (
            {(d, *key) for d, held in enumerate(side) for key in held if name in (key[2], "micro")}
            for side in (one, other)
        )
        scores[name] = Score.of(len(a & b), len(b), len(a))
    return scores


def _disagreements(
    ids: Sequence[str], spans: Mapping[str, Sequence[Mapping[tuple[int, int, str], Mention]]]
) -> list[Disagreement]:
    found = []
    for d, id in enumerate(ids):
        keys = sorted({key for held in spans.values() for key in held[d]})
        for key in keys:
            having = tuple(name for name, held in spans.items() if key in held[d])
            if len(having) < len(spans):
                found.append(Disagreement(id, spans[having[0]][d][key], having))
    return found
