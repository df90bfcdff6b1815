"""Scores of a part of the mentions: of one genre, one length, one condition of the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from topner.document import Document
from topner.evaluation.matching import Match, match_mentions
from topner.evaluation.partial import Measure, PartialScore, judge_matches
from topner.evaluation.scores import Score, grouping_keys
from topner.text.condition import CONDITIONS, conditions

LENGTHS: tuple[tuple[int, int], ...] = ((1, 4), (5, 8), (9, 16), (17, 32), (33, 1_000_000))
"""Lengths of mentions that are counted together, in code points, both ends included."""

DIVISIONS = ("condition", "length")
"""Divisions that are not metadata; metadata of these names are passed over."""

Pair = tuple[Document, Document]


@dataclass(frozen=True, slots=True)
class Part:
    """The scores of one part.

    Attributes:
        strict: strict score over all labels.
        partial: exact, boundary, type and partial scores.
        documents: number of documents with a mention in it.
    """

    strict: Score
    partial: Mapping[Measure, PartialScore]
    documents: int


def breakdown(pairs: Sequence[Pair]) -> dict[str, dict[str, Part]]:
    """Scores by the metadata that sort the documents into groups, by the condition of the page, and by length.

    A pair of mentions belongs to the length of its gold mention, a spurious prediction to its own. A page in several
    conditions counts under each of them.

    Args:
        pairs: each gold document with its prediction.

    Returns:
        Parts by value, by the name of the division: a metadata key, ``condition`` or ``length``. A division into
        one part alone is left out.
    """
    matched = [(gold, match_mentions(gold.mentions, answer.mentions)) for gold, answer in pairs]
    divisions: dict[str, dict[str, Part]] = {}
    for key in grouping_keys([gold for gold, _ in pairs]):
        if key in DIVISIONS:
            continue
        divisions[key] = _parts(matched, lambda document, _, key=key: _value(document, key))  # type: ignore[misc]
    states = {gold.id: conditions(gold.text) for gold, _ in pairs}
    found = _parts(matched, lambda document, _: states[document.id])
    divisions["condition"] = {name: found[name] for name in CONDITIONS if name in found}
    found = _parts(matched, lambda _, match: (length_name(match),))
    divisions["length"] = {name: found[name] for name in map(_name, LENGTHS) if name in found}
    return {name: parts for name, parts in divisions.items() if len(parts) > 1}


def length_name(match: Match) -> str:
    """The length a pair of mentions is counted under, such as ``5–8``."""
    start, end = match.mentions[0].span
    return next(_name(bounds) for bounds in LENGTHS if bounds[0] <= end - start <= bounds[1])


def _parts(
    matched: Iterable[tuple[Document, Sequence[Match]]], places: Callable[[Document, Match], Sequence[str]]
) -> dict[str, Part]:
    """The matches by the places they belong to, sorted by name."""
    held: defaultdict[str, list[Match]] = defaultdict(list)
    documents: defaultdict[str, set[str]] = defaultdict(set)
    for document, matches in matched:
        for match in matches:
            for place in places(document, match):
                held[place].append(match)
                documents[place].add(document.id)
    return {place: _part(held[place], len(documents[place])) for place in sorted(held)}


def _part(matches: Sequence[Match], documents: int) -> Part:
    correct = sum(match.kind == "correct" for match in matches)
    predicted = sum(match.predicted is not None for match in matches)
    support = sum(match.gold is not None for match in matches)
    return Part(Score.of(correct, predicted, support), judge_matches(matches), documents)


def _value(document: Document, key: str) -> tuple[str, ...]:
    value = document.meta.get(key)
    return () if value is None else (str(value),)


def _name(bounds: tuple[int, int]) -> str:
    low, high = bounds
    return f"{low}–{high}" if high < LENGTHS[-1][1] else f"{low}+"
