"""The comparison as one HTML page: the verdict, the differences, then every change over its source text."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from topner.document import Document, Mention
from topner.evaluation.changes import CHANGE_KINDS, Change, ChangeKind
from topner.evaluation.compare import Comparison
from topner.evaluation.difference import Difference, probability, signed
from topner.evaluation.matching import Kind, Match
from topner.evaluation.scores import Score
from topner.pages.render import render

_CONTEXT = 20  # characters of source text on either side of a change on the page
_SHOWN = 2000  # changes on the page; a browser should still scroll it

KIND_NAMES: dict[Kind, tuple[str, str]] = {
    "correct": ("正确", "correct"),
    "missed": ("漏检", "missed"),
    "spurious": ("误报", "spurious"),
    "boundary": ("边界错", "boundary"),
    "type": ("类别错", "label"),
    "both": ("边界类别皆错", "boundary and label"),
}
CHANGE_NAMES: dict[ChangeKind, tuple[str, str]] = {
    "fixed": ("修复", "fixed"),
    "broken": ("改坏", "broken"),
    "changed": ("仍错", "still wrong"),
    "vanished": ("误报消失", "spurious gone"),
    "appeared": ("新增误报", "new spurious"),
}
SIGNS: dict[ChangeKind, str] = {"fixed": "✓", "broken": "✗", "changed": "≠", "vanished": "−", "appeared": "+"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line of a card.

    Attributes:
        text: its characters.
        mention: the mention it is, or is the visible part of.
        main: it is the mention the card is about.
    """

    text: str
    mention: Mention | None = None
    main: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One layer of a card: the source text around the change with the mentions of gold, A or B.

    Attributes:
        side: ``gold``, ``A`` or ``B``.
        mention: the mention the card is about, if the layer has it.
        kind: what the layer made of it; ``None`` where it is not concerned.
        pieces: the text.
    """

    side: str
    mention: Mention | None
    kind: Kind | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A change as the page shows it.

    Attributes:
        number: its number on the page, from 0.
        change: the change.
        lines: gold, A and B over the same stretch of text.
        cut: whether that stretch begins and ends inside a line of the source.
    """

    number: int
    change: Change
    lines: tuple[Line, ...]
    cut: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document with its changes.

    Attributes:
        document: the gold document.
        f1: strict micro F1 of A and of B, the mean over the pairs; ``None`` where there is nothing to score.
        tally: number of changes by kind.
        cards: the changes by position.
    """

    document: Document
    f1: tuple[float | None, float | None]
    tally: Counter[ChangeKind]
    cards: list[Card]


def render_comparison(result: Comparison) -> str:
    """The page as one HTML text without any reference to another file; see :func:`topner.pages.render.render`."""
    errors: Counter[tuple[Kind, str, ChangeKind]] = Counter()
    for change in result.changes:
        errors[change.error, change.label, change.kind] += len(change.pairs)
    rows = [result.micro, *result.labels.values()]
    groups = [d for group in result.groups.values() for d in group.values() if d.interval.documents > 1]
    sheets = list(_sheets(result))
    return render(
        "compare",
        result=result,
        sheets=sheets,
        shown=Counter(card.change.kind for sheet in sheets for card in sheet.cards),
        tally=result.tally(),
        errors=errors,
        error_kinds=[kind for kind in KIND_NAMES if kind != "correct"],
        kind_names=KIND_NAMES,
        signs=SIGNS,
        change_kinds=CHANGE_KINDS,
        change_names=CHANGE_NAMES,
        scale=scale_of(rows),
        group_scale=scale_of(groups),
        signed=_signed,
        span=lambda difference: f"[{_signed(difference.interval.low)}, {_signed(difference.interval.high)}]",
        net=lambda value: f"{value:+d}".replace("-", "−") if value else "0",
        probability=probability,
    )


def scale_of(differences: Sequence[Difference]) -> float:
    """What the axis of the differences reaches to on either side of zero: a round number no interval goes beyond."""
    bounds = [abs(v) for d in differences if d.defined for v in (d.value, d.interval.low, d.interval.high)]
    widest = max(bounds, default=0.0)
    return next((step for step in (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5) if widest <= step), 1.0)


def layer(text: str, start: int, end: int, mentions: Sequence[Mention], main: Mention | None) -> tuple[Piece, ...]:
    """A stretch of text cut at the mentions of a flat layer; mentions that reach beyond it are cut off.

    Args:
        text: the raw text.
        start: first code point of the stretch.
        end: one past its last.
        mentions: sorted by start, not overlapping.
        main: the mention the card is about.
    """
    pieces, at = [], start
    for mention in mentions:
        first, last = max(mention.start, start), min(mention.end, end)
        if first < last:
            pieces += [Piece(text[at:first]), Piece(text[first:last], mention, mention == main)]
            at = last
    return tuple(piece for piece in (*pieces, Piece(text[at:end])) if piece.text)


def _signed(value: float) -> str:
    return signed(value).replace("-", "−")


def _sheets(result: Comparison) -> Iterator[Sheet]:
    """The documents with changes, those with the most first, as far as there is room for them."""
    by_document: dict[str, list[Change]] = {}
    for change in result.changes:
        by_document.setdefault(change.document, []).append(change)
    place = {document.id: i for i, document in enumerate(result.gold)}
    number = 0
    for id, changes in sorted(by_document.items(), key=lambda item: (-len(item[1]), place[item[0]])):
        if number >= _SHOWN:
            return
        i = place[id]
        cards = [_card(result, i, change, number + k) for k, change in enumerate(changes[: _SHOWN - number])]
        number += len(cards)
        f1 = _f1(result.gold[i], [a[i] for a, _ in result.pairs]), _f1(result.gold[i], [b[i] for _, b in result.pairs])
        yield Sheet(result.gold[i], f1, Counter(change.kind for change in changes), cards)


def _f1(gold: Document, answers: Sequence[Document]) -> float | None:
    golden = {mention.key for mention in gold.mentions}
    found = [{mention.key for mention in answer.mentions} for answer in answers]
    scores = [Score.of(len(golden & keys), len(keys), len(golden)) for keys in found]
    return math.fsum(score.f1 for score in scores) / len(scores) if any(score.defined for score in scores) else None


def _card(result: Comparison, i: int, change: Change, number: int) -> Card:
    a, b = (side[i] for side in result.pairs[change.pairs[0] - 1])
    text = result.gold[i].text
    start, end, cut = _stretch(text, *change.span)
    lines = []
    for side, document, mention in (("gold", result.gold[i], change.gold), ("A", a, change.a), ("B", b, change.b)):
        kind = None if side == "gold" or (change.gold or mention) is None else Match(change.gold, mention).kind
        lines.append(Line(side, mention, kind, layer(text, start, end, document.mentions, mention)))
    return Card(number, change, tuple(lines), cut)


def _stretch(text: str, start: int, end: int) -> tuple[int, int, tuple[bool, bool]]:
    """The span with some context that does not cross a line end; and whether it was cut short on either side."""
    before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    head, tail = re.split(r"[\r\n]", before)[-1], re.split(r"[\r\n]", after)[0]
    cut = (len(head) == len(before) < start, len(tail) == len(after) < len(text) - end)
    return start - len(head), end + len(tail), cut
