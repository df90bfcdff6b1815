"""What a tagger gets wrong, by cause and with a few examples each, as Markdown for a model card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from topner.document import Document, Mention
from topner.evaluation.causes import MISSED, REPEAT, Cause, causes, count_causes
from topner.evaluation.errors import Disagreement, disagreements
from topner.labels import PROJECT, LabelSchema

ZONE_AS_PLACE = Cause(
    "zone_as_place",
    "园区当地名",
    "zone taken for a place",
    ("新区、开发区、示范区等是项目，未标", "a zone set up by policy is a mention and was not tagged"),
)
PLACE_AS_ZONE = Cause(
    "place_as_zone",
    "地名当园区",
    "place taken for a zone",
    ("区域、流域、城市群等不标", "a region is no mention and was tagged"),
)
_ZONE = re.compile(r"(?:区|园|新城|基地|港|走廊|片|圈|城)$")
_PLACE = re.compile(
    r"(?:湾区|流域|经济带|经济圈|城市群|都市圈|长三角|珠三角|京津冀|三角洲|地区|[省市县州盟旗镇乡村]|半岛|平原|盆地|老区|库区|牧区|山区)$"
)
_CONTEXT = 18  # characters of text on either side of an example
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~!$&])")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error with its cause.

    Attributes:
        error: the error.
        cause: why, as far as the words around it tell.
        text: the raw text of its document.
    """

    error: Disagreement
    cause: Cause
    text: str


def failures(gold: Sequence[Document], predicted: Sequence[Document], schema: LabelSchema) -> list[Failure]:
    """Every error with its cause: those of :mod:`topner.evaluation.causes`, and zones and places told apart.

    Args:
        gold: documents with gold mentions.
        predicted: the same documents with predicted mentions, in any order.
        schema: the labels.

    Raises:
        TopnerError: see :func:`topner.evaluation.matching.pair_documents`.
    """
    errors = disagreements(gold, predicted, schema)
    found = causes(errors, gold, predicted)
    texts = {document.id: document.text for document in gold}
    return [Failure(e, _refine(e, cause), texts[e.document]) for e, cause in zip(errors, found, strict=True)]


def markdown(found: Sequence[Failure], labels: Sequence[str], documents: int, examples: int = 3) -> str:
    """The failures as Markdown: a table of counts, then each cause with examples, the commonest first.

    In an example the gold mention stands in 【】 and the predicted one in 〔〕. Examples are those the tagger was surest of,
    one a document.

    Args:
        found: from documents whose text may be quoted.
        labels: label names, the columns of the table.
        documents: number of documents they are from.
        examples: most examples of a cause.
    """
    counts = count_causes([f.error for f in found], [f.cause for f in found], labels)
    by_cause: Mapping[str, Cause] = {f.cause.id: f.cause for f in found}
    lines = [f"{len(found)} errors in {documents} documents; in examples 【gold】 and 〔predicted〕.", ""]
    lines += ["| what goes wrong | " + " | ".join((*labels, "all")) + " |", "|---|" + "---:|" * (len(labels) + 1)]
    for name, row in counts.items():
        cause = by_cause[name]
        lines.append(f"| {cause.english} {cause.chinese} | " + " | ".join(str(n) for n in row.values()) + " |")
    for name, row in counts.items():
        cause = by_cause[name]
        lines += ["", f"**{cause.english} {cause.chinese}** ({row['total']}): {cause.hint[1]}", ""]
        lines += [f"- {_example(f)}" for f in _surest([f for f in found if f.cause.id == name], examples)]
    return "\n".join(lines) + "\n"


def _surest(found: Sequence[Failure], examples: int) -> list[Failure]:
    ranked = sorted(found, key=lambda f: (-_certainty(f.error.predicted), f.error.document, _edges(f.error)))
    chosen: dict[str, Failure] = {}
    for failure in ranked:
        chosen.setdefault(failure.error.document, failure)
    return list(chosen.values())[:examples]


def _certainty(predicted: Mention | None) -> float:
    return 0.0 if predicted is None or predicted.score is None else predicted.score


def _edges(error: Disagreement) -> tuple[int, int]:
    mentions = [mention for mention in (error.gold, error.predicted) if mention is not None]
    return min(m.start for m in mentions), max(m.end for m in mentions)


def _example(failure: Failure) -> str:
    """The stretch of text around an error on one line, its mentions marked."""
    error, text = failure.error, failure.text
    start, end = _edges(error)
    marks: list[tuple[int, int, str]] = []
    for order, (mention, opening, closing) in enumerate(((error.gold, "【", "】"), (error.predicted, "〔", "〕"))):
        if mention is not None:  # at one place: closing before opening, the gold pair outside
            marks += [(mention.start, 2 + order, opening), (mention.end, 1 - order, closing)]
    first, last = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    pieces, place = ["…" if first else ""], first
    for where, _, mark in sorted(marks):
        pieces += [_plain(text[place:where]), mark]
        place = where
    pieces += [_plain(text[place:last]), "…" if last < len(text) else ""]
    labels = dict.fromkeys(m.label for m in (error.gold, error.predicted) if m is not None)
    return f"{''.join(pieces)} ({' → '.join(labels)}, {_plain(error.document)})"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(re.split(r"[\r\n\u2028\u2029\t]+", text)))


def _refine(error: Disagreement, cause: Cause) -> Cause:
    gold, predicted = error.gold, error.predicted
    if gold and not predicted and cause in (MISSED, REPEAT) and gold.label == PROJECT and _ZONE.search(gold.text):
        return ZONE_AS_PLACE
    if predicted and not gold and predicted.label == PROJECT and _PLACE.search(predicted.text):
        return PLACE_AS_ZONE
    return cause
