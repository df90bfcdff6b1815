"""Pairing: which predicted document answers which gold one, and which predicted mention which gold mention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from topner.document import Document, Mention, check_unique_ids
from topner.errors import TopnerError
from topner.labels import LabelSchema

Kind = Literal["correct", "missed", "spurious", "boundary", "type", "both"]
KINDS: tuple[Kind, ...] = ("correct", "missed", "spurious", "boundary", "type", "both")


@dataclass(frozen=True, slots=True)
class Match:
    """A gold mention with the predicted one that answers it; one of the two may be absent.

    Attributes:
        gold: the gold mention; ``None`` when the prediction is spurious.
        predicted: the predicted mention; ``None`` when the gold one is missed.
    """

    gold: Mention | None
    predicted: Mention | None

    @property
    def kind(self) -> Kind:
        """What it is.

        ``correct`` (same span, same label), ``boundary`` (same label, spans overlap), ``type`` (same span, other
        label), ``both`` (overlap, other label), ``missed`` (gold alone) or ``spurious`` (prediction alone).
        """
        if self.predicted is None:
            return "missed"
        if self.gold is None:
            return "spurious"
        if self.gold.label == self.predicted.label:
            return "correct" if self.gold.span == self.predicted.span else "boundary"
        return "type" if self.gold.span == self.predicted.span else "both"

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The one or two mentions, gold first."""
        return tuple(mention for mention in (self.gold, self.predicted) if mention is not None)

    @property
    def span(self) -> tuple[int, int]:
        """The stretch the mentions cover together, in code points of the raw text."""
        return min(m.start for m in self.mentions), max(m.end for m in self.mentions)


def pair_documents(
    gold: Sequence[Document], predicted: Sequence[Document], schema: LabelSchema
) -> list[tuple[Document, Document]]:
    """Each gold document with its prediction, in the order of the gold.

    Args:
        gold: documents with gold mentions.
        predicted: documents with predicted mentions, in any order.
        schema: the labels that may occur.

    Raises:
        TopnerError: an id occurs twice or on one side only, two texts differ, a label is not in the schema, or two
            mentions of one layer overlap.
    """
    check_unique_ids(gold)
    check_unique_ids(predicted)
    answers = {document.id: document for document in predicted}
    strangers = sorted(answers.keys() - {document.id for document in gold})
    if strangers:
        raise TopnerError(
            f"{len(strangers)} predicted documents have no gold document, the first is {strangers[0]!r}",
            hint="compare predictions with the data they were made from",
        )
    pairs = []
    for document in gold:
        answer = answers.get(document.id)
        if answer is None:
            raise TopnerError(
                f"document {document.id!r} has no prediction",
                hint="predict every document, also those without mentions",
            )
        if answer.text != document.text:
            raise TopnerError(
                f"the gold and the predicted text of document {document.id!r} differ from character "
                f"{_first_difference(document.text, answer.text)} on",
                hint="offsets can only be compared in the same raw text",
            )
        _check_encodable(document)
        _check_layer(document, "gold", schema)
        _check_layer(answer, "predicted", schema)
        pairs.append((document, answer))
    return pairs


def match_mentions(gold: Sequence[Mention], predicted: Sequence[Mention]) -> list[Match]:
    """Pair the mentions of two flat layers of one text, each with at most one of the other layer.

    Overlapping pairs are taken best first: same label before other label, then the larger overlap, then the earlier.
    A pair with the same span has no rival, since neither layer overlaps itself.

    Args:
        gold: gold mentions sorted by start, not overlapping.
        predicted: predicted mentions, likewise.

    Returns:
        Every mention of both layers exactly once, sorted by the start of what the match covers.
    """
    candidates = []
    i = j = 0
    while i < len(gold) and j < len(predicted):
        overlap = min(gold[i].end, predicted[j].end) - max(gold[i].start, predicted[j].start)
        if overlap > 0:
            candidates.append((gold[i].label != predicted[j].label, -overlap, i, j))
        if gold[i].end <= predicted[j].end:
            i += 1
        else:
            j += 1
    answer: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, i, j in sorted(candidates):
        if i not in answer and j not in taken:
            answer[i] = j
            taken.add(j)
    matches = [Match(mention, predicted[answer[i]] if i in answer else None) for i, mention in enumerate(gold)]
    matches += [Match(None, mention) for j, mention in enumerate(predicted) if j not in taken]
    return sorted(matches, key=lambda match: match.span)


def _first_difference(one: str, other: str) -> int:
    for i, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return i
    return min(len(one), len(other))


def _check_encodable(document: Document) -> None:
    """Lone surrogates (JSON can smuggle them in) cannot be written to any file."""
    for part in (document.id, document.text, *(str(value) for value in document.meta.values())):
        try:
            part.encode("utf-8")
        except UnicodeEncodeError as error:
            raise TopnerError(
                f"document {document.id!r} holds half a character (lone surrogate U+{ord(part[error.start]):04X})",
                hint="the source was cut inside an escaped character; read it again",
            ) from None


def _check_layer(document: Document, layer: str, schema: LabelSchema) -> None:
    for mention in document.mentions:
        if mention.label not in schema.names:
            raise TopnerError(
                f"document {document.id!r} has a {layer} mention labelled {mention.label!r}, "
                f"the labels are {', '.join(schema.names)}",
                hint="evaluate with the label set of the data, or rename the label",
            )
    for one, other in pairwise(document.mentions):
        if other.start < one.end:
            raise TopnerError(
                f"document {document.id!r}: the {layer} mentions {one.text!r} ({one.label}, {one.start}-{one.end}) and "
                f"{other.text!r} ({other.label}, {other.start}-{other.end}) overlap",
                hint="strict evaluation needs flat layers; resolve overlaps when converting",
            )
