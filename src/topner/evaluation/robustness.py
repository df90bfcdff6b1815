"""The same documents in the conditions that pages arrive in: how much of the score each of them costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from topner.columns import display_width, padded
from topner.dataset.noise import Noise, render
from topner.document import Document
from topner.errors import TopnerError
from topner.evaluation.bootstrap import Interval, bootstrap_f1
from topner.evaluation.scores import Score, count_by_document
from topner.labels import LabelSchema

Tag = Callable[[Iterable[Document]], Iterable[Document]]
"""Documents with predicted mentions, in the order of those given."""

_NOISES: tuple[tuple[str, tuple[Noise, ...]], ...] = (
    ("ruby", ("ruby",)),
    ("traditional", ("script",)),
    ("traditional, ruby", ("script", "ruby")),
    ("lower case", ("case",)),
    ("full width", ("width",)),
    ("half-width marks", ("punctuation",)),
    ("markup", ("markup",)),
    ("no punctuation", ("stripped",)),
)
CONDITIONS: Mapping[str, Callable[[Document], Document]] = {
    "clean": lambda document: document,
    **{name: partial(render, kinds=kinds) for name, kinds in _NOISES},
}
"""What is done to a document, by the name of the condition; ``clean`` is the document as it is."""


@dataclass(frozen=True, slots=True)
class Robustness:
    """Strict scores in one condition.

    Attributes:
        condition: its name.
        documents: number of documents scored.
        changed: how many of them the condition changes at all.
        left_out: ids of documents whose gold could not be carried into the condition; they are not scored.
        labels: score by label.
        micro: over all labels.
        interval: of the micro F1, by document.
        clean: micro F1 of the same documents as they are.
    """

    condition: str
    documents: int
    changed: int
    left_out: tuple[str, ...]
    labels: Mapping[str, Score]
    micro: Score
    interval: Interval
    clean: float

    def to_json(self) -> dict[str, Any]:
        """The scores as values that JSON can hold."""
        return asdict(self)


def measure_robustness(
    tag: Tag,
    gold: Sequence[Document],
    schema: LabelSchema,
    conditions: Mapping[str, Callable[[Document], Document]] = CONDITIONS,
    *,
    resamples: int = 2000,
) -> list[Robustness]:
    """Tag the documents in each condition and score strictly, in the offsets of the changed text.

    Args:
        tag: the tagger; it is given texts without mentions.
        gold: documents with gold mentions, ids unique.
        schema: the labels.
        conditions: by name, what is done to a document, its mentions carried along.
        resamples: number of bootstrap resamples.

    Raises:
        TopnerError: there is no document, or no document's gold survives a condition.
    """
    if not gold:
        raise TopnerError("there are no documents to measure on")
    plain = count_by_document(gold, _answers(tag, gold), schema)
    places = {document.id: i for i, document in enumerate(gold)}
    found = []
    for name, change in conditions.items():
        changed = [change(document) for document in gold]
        kept = [new for old, new in zip(gold, changed, strict=True) if is_carried(old, new)]
        if not kept:
            raise TopnerError(f"the gold of no document can be carried into the condition {name!r}")
        ids = {document.id for document in kept}
        counts = count_by_document(kept, _answers(tag, kept), schema)
        labels = {n: _score(row) for n, row in zip(schema.names, counts.sum(axis=0), strict=True)}
        found.append(
            Robustness(
                name,
                len(kept),
                sum(document.text != gold[places[document.id]].text for document in kept),
                tuple(document.id for document in gold if document.id not in ids),
                labels,
                _score(counts.sum(axis=(0, 1))),
                bootstrap_f1(counts, schema, resamples=resamples).micro,
                _score(plain[[places[document.id] for document in kept]].sum(axis=(0, 1))).f1,
            )
        )
    return found


def is_carried(old: Document, new: Document) -> bool:
    """Whether every gold mention is still there, with something of it that one can see."""
    return [m.label for m in old.mentions] == [m.label for m in new.mentions] and all(
        mention.text == mention.text.strip() for mention in new.mentions
    )


def table(rows: Sequence[Robustness]) -> str:
    """The scores as plain text for the terminal, one row a condition."""
    width = max(display_width(row.condition) for row in rows) + 2
    labels = list(rows[0].labels)
    lines = [
        f"{padded('condition', width)}documents  changed  left out"
        + "".join(f"{label:>10}" for label in labels)
        + f"     micro  {'95% interval':16}vs clean"
    ]
    for row in rows:
        interval = f"[{row.interval.low:.3f}, {row.interval.high:.3f}]"
        lines.append(
            f"{padded(row.condition, width)}{row.documents:9d}  {row.changed:7d}  {len(row.left_out):8d}"
            + "".join(f"{row.labels[label].f1:10.3f}" for label in labels)
            + f"{row.micro.f1:10.3f}  {interval:16}{row.micro.f1 - row.clean:+.3f}"
        )
    return "\n".join(lines)


def _answers(tag: Tag, documents: Sequence[Document]) -> list[Document]:
    return list(tag(document.with_mentions(()) for document in documents))


def _score(counts: Iterable[int]) -> Score:
    correct, predicted, support = map(int, counts)
    return Score.of(correct, predicted, support)
