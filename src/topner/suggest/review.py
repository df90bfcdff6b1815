"""What a person made of the suggestions: accepted, edited, deleted, added, by label and by score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from topner.annotation.found import MODEL_KEY
from topner.document import Document, Mention, check_unique_ids
from topner.errors import TopnerError
from topner.evaluation.matching import Kind, match_mentions
from topner.labels import LabelSchema

SCHEMA_VERSION = 1

Verdict = Literal["accepted", "boundary", "relabelled", "both", "deleted", "added"]
VERDICTS: tuple[Verdict, ...] = ("accepted", "boundary", "relabelled", "both", "deleted", "added")
_VERDICT_OF: Mapping[Kind, Verdict] = {
    "correct": "accepted",
    "boundary": "boundary",
    "type": "relabelled",
    "both": "both",
    "spurious": "deleted",
    "missed": "added",
}
BANDS = ((0.0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.0))
"""Scores from the first to below the second; 1 belongs to the last."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one suggested mention, or one that the reviewer added.

    Attributes:
        document: id.
        verdict: ``accepted`` (same span and label), ``boundary`` (same label, other ends), ``relabelled`` (same span),
            ``both`` (other ends and another label), ``deleted`` or ``added``.
        before: the suggestion; ``None`` when added.
        after: the reviewed mention; ``None`` when deleted.
    """

    document: str
    verdict: Verdict
    before: Mention | None
    after: Mention | None

    @property
    def label(self) -> str:
        """The label it is counted under: the suggested one, of an added mention the reviewer's."""
        mention = self.before or self.after
        assert mention is not None
        return mention.label


@dataclass(frozen=True, slots=True)
class Tally:
    """How many mentions had which verdict.

    Attributes:
        counts: by verdict, every verdict.
        scores: of the suggested mentions that have one.
    """

    counts: Mapping[str, int]
    scores: tuple[float, ...]

    @classmethod
    def of(cls, changes: Iterable[Change]) -> Tally:
        """Count some changes."""
        changes = list(changes)
        counts = Counter(change.verdict for change in changes)
        scores = [change.before.score for change in changes if change.before and change.before.score is not None]
        return cls({verdict: counts[verdict] for verdict in VERDICTS}, tuple(scores))

    @property
    def suggested(self) -> int:
        """Number of mentions that were suggested."""
        return sum(self.counts.values()) - self.counts["added"]

    @property
    def acceptance(self) -> float | None:
        """Share of the suggested mentions that were left as they were; ``None`` when nothing was suggested."""
        return self.counts["accepted"] / self.suggested if self.suggested else None

    @property
    def mean_score(self) -> float | None:
        """Mean score of the suggested mentions that have one: equal to the acceptance where scores are honest."""
        return sum(self.scores) / len(self.scores) if self.scores else None

    def to_json(self) -> dict[str, Any]:
        """All figures."""
        rates = {"acceptance": self.acceptance, "mean_score": self.mean_score}
        rounded = {name: None if value is None else round(value, 4) for name, value in rates.items()}
        return {"suggested": self.suggested, **self.counts, **rounded}


@dataclass(frozen=True)
class Review:
    """A review compared with the suggestions it began with.

    Attributes:
        pairs: suggested and reviewed version of each reviewed document, in the order of the suggestions.
        changes: by document and place, the accepted ones too.
        not_reviewed: ids of the suggested documents that did not come back.
        strangers: ids of documents that came back and were not among the suggested ones.
        renamed: id that came back by suggested id, where only the text told which document it was.
        schema: the labels.
    """

    pairs: Sequence[tuple[Document, Document]]
    changes: Sequence[Change]
    not_reviewed: Sequence[str]
    strangers: Sequence[str]
    renamed: Mapping[str, str]
    schema: LabelSchema

    @property
    def models(self) -> tuple[str, ...]:
        """Versions of the models that made the suggestions, as far as the files name them."""
        return tuple(sorted({str(one.meta[MODEL_KEY]) for one, _ in self.pairs if one.meta.get(MODEL_KEY)}))

    def by_label(self) -> dict[str, Tally]:
        """A tally for each label, and ``all``."""
        tallies = {name: Tally.of(c for c in self.changes if c.label == name) for name in self.schema.names}
        return {**tallies, "all": Tally.of(self.changes)}

    def by_score(self) -> dict[str, Tally]:
        """A tally of the suggested mentions for each of the :data:`BANDS`, and ``no score`` when there are such."""
        scored = [
            (c, min(max(c.before.score, 0.0), 1.0))  # other tools' scores may reach outside
            for c in self.changes
            if c.before is not None and c.before.score is not None
        ]
        tallies = {
            f"{low:g}-{high:g}": Tally.of(c for c, score in scored if low <= score < high or score == high == 1)
            for low, high in BANDS
        }
        bare = Tally.of(c for c in self.changes if c.before is not None and c.before.score is None)
        return {**tallies, "no score": bare} if bare.suggested else tallies

    def to_json(self) -> dict[str, Any]:
        """The content of ``review.json``. Within one ``schema_version`` keys are only ever added."""
        by_document: dict[str, list[Change]] = {one.id: [] for one, _ in self.pairs}
        for change in self.changes:
            by_document[change.document].append(change)
        return {
            "schema_version": SCHEMA_VERSION,
            "labels": list(self.schema.names),
            "models": list(self.models),
            "reviewed": len(self.pairs),
            "not_reviewed": list(self.not_reviewed),
            "strangers": list(self.strangers),
            "renamed": dict(self.renamed),
            "by_label": {name: tally.to_json() for name, tally in self.by_label().items()},
            "by_score": {name: tally.to_json() for name, tally in self.by_score().items()},
            "documents": [{"id": id, **Tally.of(changes).to_json()} for id, changes in by_document.items()],
        }


def review(before: Sequence[Document], after: Sequence[Document], schema: LabelSchema) -> Review:
    """Compare suggestions with what a person made of them.

    Documents are paired by id; one that came back under an id that was not suggested is paired by its text, when exactly one
    suggested document that is still missing has it (some tools number documents anew).

    Args:
        before: documents with suggested mentions, not overlapping.
        after: documents with reviewed mentions, likewise.
        schema: the labels.

    Raises:
        TopnerError: two documents of one side share an id, a text was changed, or no document came back.
    """
    check_unique_ids(before)
    check_unique_ids(after)
    returned = {document.id: document for document in after}
    suggested = {document.id for document in before}
    strange = [document for document in after if document.id not in suggested]
    missing = [document for document in before if document.id not in returned]
    renamed: dict[str, str] = {}
    for document in missing:
        same = [other for other in strange if other.text == document.text]
        if len(same) == 1 and sum(other.text == document.text for other in missing) == 1:
            renamed[document.id] = same[0].id
            returned[document.id] = same[0]
    pairs = [(document, returned[document.id]) for document in before if document.id in returned]
    if not pairs:
        raise TopnerError(
            "none of the suggested documents came back", hint="is it the review of these suggestions? ids are compared"
        )
    _check_texts(pairs)
    changes = [
        Change(one.id, _VERDICT_OF[match.kind], match.predicted, match.gold)
        for one, other in pairs
        for match in match_mentions(other.mentions, one.mentions)
    ]
    return Review(
        pairs=pairs,
        changes=changes,
        not_reviewed=[document.id for document in missing if document.id not in renamed],
        strangers=[document.id for document in strange if document.id not in renamed.values()],
        renamed=renamed,
        schema=schema,
    )


def _check_texts(pairs: Sequence[tuple[Document, Document]]) -> None:
    changed = [(one, other) for one, other in pairs if one.text != other.text]
    if not changed:
        return
    one, other = changed[0]
    at = next((i for i, (a, b) in enumerate(zip(one.text, other.text, strict=False)) if a != b), None)
    at = min(len(one.text), len(other.text)) if at is None else at
    parts = " instead of ".join(repr(text[at : at + 12]) for text in (other.text, one.text))
    more = f", and {len(changed) - 1} more" if len(changed) > 1 else ""
    raise TopnerError(
        f"the text of document {one.id!r} was changed{more}: at character {at}, line {one.text.count(chr(10), 0, at) + 1}, "
        f"there is {parts}",
        hint="offsets mean something in the same text only; review without editing the text, or choose again",
    )
