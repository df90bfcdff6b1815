"""What went wrong: every disagreement between gold and prediction, by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from topner.document import Document, Mention
from topner.evaluation.matching import KINDS, Kind, match_mentions, pair_documents
from topner.labels import LabelSchema

ERROR_KINDS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "correct")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One error.

    Attributes:
        document: id of the document.
        kind: ``missed``, ``spurious``, ``boundary`` (same label, spans overlap), ``type`` (same span, other label) or
            ``both`` (overlap, other label).
        gold: the gold mention; ``None`` when spurious.
        predicted: the predicted mention; ``None`` when missed.
    """

    document: str
    kind: Kind
    gold: Mention | None
    predicted: Mention | None


def disagreements(
    gold: Sequence[Document], predicted: Sequence[Document], schema: LabelSchema
) -> tuple[Disagreement, ...]:
    """All errors, by document in the order of ``gold`` and by position in it.

    Every gold mention that is not correct and every predicted one that is not stands in exactly one of them.

    Raises:
        TopnerError: see :func:`topner.evaluation.matching.pair_documents`.
    """
    return tuple(
        Disagreement(document.id, match.kind, match.gold, match.predicted)
        for document, answer in pair_documents(gold, predicted, schema)
        for match in match_mentions(document.mentions, answer.mentions)
        if match.kind != "correct"
    )


def boundary_edges(text: str, gold: Mention | None, predicted: Mention | None) -> tuple[str, ...]:
    """Where the predicted span differs from the gold one, in words: ``左缺“力争”``, ``右多“。”``.

    Args:
        text: the raw text both stand in.
        gold: the gold mention.
        predicted: the predicted mention.

    Returns:
        Nothing, one or two remarks; nothing when one of the mentions is absent.
    """
    if gold is None or predicted is None:
        return ()
    edges = []
    for side, verb, start, end in (
        ("左", "多", predicted.start, gold.start),
        ("左", "缺", gold.start, predicted.start),
        ("右", "缺", predicted.end, gold.end),
        ("右", "多", gold.end, predicted.end),
    ):
        if start < end:
            edges.append(f"{side}{verb}“{text[start:end]}”")
    return tuple(edges)


def confusion(errors: Iterable[Disagreement]) -> dict[tuple[str, str], int]:
    """How often each gold label was given each other label (kinds ``type`` and ``both``), by (gold, predicted)."""
    counts: Counter[tuple[str, str]] = Counter()
    for error in errors:
        if error.gold and error.predicted and error.gold.label != error.predicted.label:
            counts[error.gold.label, error.predicted.label] += 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
