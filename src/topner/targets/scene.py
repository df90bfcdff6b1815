"""A document's clean text with its mentions in place: what the readers of parties and projects look at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topner.document import Document, Mention
from topner.labels import ORG, PROJECT, TARGET
from topner.text.alignment import AlignedText

_STOPS = "。！？!?；;\n"


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention with its span in the clean text."""

    mention: Mention
    start: int
    end: int


def placed(document: Document, aligned: AlignedText) -> list[Placed]:
    """The mentions of a document in its clean text; those of which cleaning left nothing are missing.

    As :meth:`AlignedText.clean_span` does it, but for all of them at once.

    Args:
        document: with mentions.
        aligned: its text, cleaned.
    """
    starts, ends = (
        np.array([getattr(m, side) for m in document.mentions], dtype=np.int32) for side in ("start", "end")
    )
    first = np.searchsorted(aligned.ends, starts, side="right").tolist()
    last = np.searchsorted(aligned.starts, ends, side="left").tolist()
    return [Placed(m, a, b) for m, a, b in zip(document.mentions, first, last, strict=True) if a < b]


@dataclass(frozen=True, slots=True)
class Scene:
    """The clean text and what stands in it, each by position.

    Attributes:
        text: the clean text.
        targets: the goals.
        bodies: the organisations.
        projects: the projects.
        stops: places of the sentence ends; ``；`` is one.
    """

    text: str
    targets: Sequence[Placed]
    bodies: Sequence[Placed]
    projects: Sequence[Placed]
    stops: Sequence[int]

    @classmethod
    def of(cls, document: Document, aligned: AlignedText, label: str = TARGET) -> Scene:
        """The scene of a document.

        Args:
            document: with mentions.
            aligned: its text, cleaned.
            label: of targets.
        """
        places = placed(document, aligned)
        targets, bodies, projects = ([p for p in places if p.mention.label == x] for x in (label, ORG, PROJECT))
        stops = [i for i, char in enumerate(aligned.text) if char in _STOPS]
        return cls(aligned.text, targets, bodies, projects, stops)

    def sentence(self, place: Placed) -> tuple[int, int]:
        """The sentence around a mention, up to the nearest stops."""
        before, after = bisect_left(self.stops, place.start), bisect_left(self.stops, place.end)
        return (
            self.stops[before - 1] + 1 if before else 0,
            self.stops[after] if after < len(self.stops) else len(self.text),
        )


def within(places: Sequence[Placed], start: int, end: int) -> Sequence[Placed]:
    """Those of some mentions that lie in ``[start, end)``.

    Args:
        places: by position.
        start: where they may begin.
        end: where they must have ended.
    """
    first = bisect_left(places, start, key=lambda place: place.start)
    last = bisect_right(places, end, key=lambda place: place.end)
    return places[first : max(first, last)]
