"""The types that are handed from room to room: :class:`Document` and :class:`Mention`.

Offsets are half-open ``[start, end)`` in Unicode code points of the RAW text, always. Whatever a step does to the text
in between (cleaning, windows, tokens) is its own business; what it hands on points into the raw text again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from topner.errors import TopnerError

if TYPE_CHECKING:
    from topner.targets.record import TargetRecord

MetaValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """One labelled span of the raw text.

    Attributes:
        start: first code point of the mention.
        end: one past its last code point.
        label: label name, for example ``TARGET``.
        text: the mention's characters, equal to ``raw[start:end]``.
        score: confidence in 0..1 of a predicted mention; ``None`` for gold.
    """

    start: int
    end: int
    label: str
    text: str
    score: float | None = field(default=None, compare=False)

    @property
    def span(self) -> tuple[int, int]:
        """``(start, end)`` in code points of the raw text."""
        return self.start, self.end

    @property
    def key(self) -> tuple[int, int, str]:
        """``(start, end, label)``: what strict evaluation compares."""
        return self.start, self.end, self.label


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its mentions.

    Attributes:
        id: identifier, unique within a data set.
        text: the raw text, exactly as it was read.
        mentions: mentions sorted by start; gold or predicted.
        meta: flat metadata (title, source, genre, place, year, ...).
    """

    id: str
    text: str
    mentions: tuple[Mention, ...] = ()
    meta: Mapping[str, MetaValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mentions", tuple(sorted(self.mentions)))
        for mention in self.mentions:
            found = self.text[mention.start : mention.end]
            if not 0 <= mention.start < mention.end <= len(self.text) or found != mention.text:
                raise ValueError(
                    f"document {self.id}: mention {mention.text!r} does not stand at "
                    f"[{mention.start}, {mention.end}): found {found!r}"
                )

    @classmethod
    def from_spans(
        cls,
        id: str,
        text: str,
        spans: Iterable[tuple[int, int, str]],
        meta: Mapping[str, MetaValue] | None = None,
    ) -> Document:
        """Build a document from ``(start, end, label)`` triples, filling in the mention texts.

        Raises:
            ValueError: a span is empty or reaches outside the text.
        """
        mentions = tuple(Mention(start, end, label, text[start:end]) for start, end, label in spans)
        return cls(id, text, mentions, dict(meta or {}))

    @property
    def targets(self) -> tuple[TargetRecord, ...]:
        """The TARGET mentions as records, see :func:`topner.targets.read.read_targets`; read anew at each call."""
        from topner.targets.read import read_targets

        return read_targets(self)

    def with_mentions(self, mentions: Iterable[Mention]) -> Document:
        """The same document with other mentions."""
        return replace(self, mentions=tuple(mentions))

    def to_json(self) -> dict[str, Any]:
        """The jsonl object of the contract: ``{"id", "text", "entities": [...]}`` and ``meta`` when there is any."""
        entities: list[dict[str, Any]] = []
        for mention in self.mentions:
            entity: dict[str, Any] = {
                "start": mention.start,
                "end": mention.end,
                "label": mention.label,
                "text": mention.text,
            }
            if mention.score is not None:
                entity["score"] = round(mention.score, 4)
            entities.append(entity)
        record: dict[str, Any] = {"id": self.id, "text": self.text, "entities": entities}
        if self.meta:
            record["meta"] = dict(self.meta)
        return record


def check_unique_ids(documents: Iterable[Document]) -> None:
    """Raise :class:`TopnerError` when two documents share an id: splits, evaluation and resume go by id."""
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise TopnerError(
                f"two documents have the id {document.id!r}",
                hint="ids must be unique within a data set; rename one",
            )
        seen.add(document.id)


def documents_hash(documents: Sequence[Document]) -> str:
    """SHA-256 over ids, texts and mentions, in order."""
    digest = hashlib.sha256()
    for document in documents:
        digest.update(json.dumps(document.to_json(), sort_keys=True).encode())
    return digest.hexdigest()
