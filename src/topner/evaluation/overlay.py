"""A text with its gold and its predicted layer, cut so that both can be drawn over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from topner.evaluation.matching import Match


@dataclass(frozen=True, slots=True)
class Layer:
    """The part of one mention that stands in one segment.

    Attributes:
        match: index of the mention's match.
        first: the mention begins with this segment.
        last: the mention ends with it.
        marked: the match as a whole begins here, and this layer is to carry its mark.
    """

    match: int
    first: bool
    last: bool
    marked: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text inside which nothing begins or ends.

    Attributes:
        text: its characters.
        gold: the gold mention over it, if any.
        predicted: the predicted mention over it, if any.
    """

    text: str
    gold: Layer | None
    predicted: Layer | None


def segments(text: str, matches: Sequence[Match]) -> list[Segment]:
    """Cut a text at every boundary of every mention, so that spans that cross come apart cleanly.

    Args:
        text: the raw text.
        matches: what :func:`topner.evaluation.matching.match_mentions` gives for its two flat layers.

    Returns:
        Segments that together are the text; one without layers between mentions.
    """
    cuts = {0, len(text)}
    for match in matches:
        for mention in match.mentions:
            cuts |= {mention.start, mention.end}
    edges = sorted(cuts)
    gold: dict[int, Layer] = {}
    predicted: dict[int, Layer] = {}
    place = {edge: i for i, edge in enumerate(edges)}
    for index, match in enumerate(matches):
        # A match carries one mark, where it begins: on the gold layer if gold begins there.
        gold_marked = match.gold is not None and match.gold.start == match.span[0]
        sides = ((match.gold, gold, gold_marked), (match.predicted, predicted, not gold_marked))
        for part, layers, marked in sides:
            if part is None:
                continue
            for i in range(place[part.start], place[part.end]):
                first = edges[i] == part.start
                layers[i] = Layer(index, first, edges[i + 1] == part.end, first and marked)
    return [Segment(text[edges[i] : edges[i + 1]], gold.get(i), predicted.get(i)) for i in range(len(edges) - 1)]
