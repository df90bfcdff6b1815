"""What became of each mention from one prediction to another: fixed, broken, wrong otherwise; spurious ones gone or new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from topner.document import Document, Mention
from topner.evaluation.matching import Kind, Match, match_mentions

ChangeKind = Literal["fixed", "broken", "changed", "vanished", "appeared"]
CHANGE_KINDS: tuple[ChangeKind, ...] = ("fixed", "broken", "changed", "vanished", "appeared")

Triple = tuple[Mention | None, Mention | None, Mention | None]


@dataclass(frozen=True, slots=True)
class Change:
    """A gold mention that B answers otherwise than A, or a spurious prediction that only one of them makes.

    Attributes:
        document: id of the document.
        gold: the gold mention; ``None`` when the change is one of spurious predictions.
        a: what A predicted for it; ``None`` for nothing.
        b: what B predicted for it, likewise.
        pairs: the pairs of predictions in which this is so, counted from 1; ``(1,)`` when there is but one pair.
    """

    document: str
    gold: Mention | None
    a: Mention | None
    b: Mention | None
    pairs: tuple[int, ...] = (1,)

    @property
    def before(self) -> Kind | None:
        """What A made of it, see :attr:`topner.evaluation.matching.Match.kind`; ``None`` when it is B's alone."""
        return None if self.gold is None and self.a is None else Match(self.gold, self.a).kind

    @property
    def after(self) -> Kind | None:
        """What B made of it; ``None`` when it is A's alone."""
        return None if self.gold is None and self.b is None else Match(self.gold, self.b).kind

    @property
    def kind(self) -> ChangeKind:
        """What it is.

        ``fixed`` (wrong in A, right in B), ``broken`` (right in A, wrong in B), ``changed`` (wrong in both, not in the
        same way), ``vanished`` (a spurious prediction of A that B does not make) or ``appeared`` (one of B that A does
        not make).
        """
        if self.gold is None:
            return "appeared" if self.a is None else "vanished"
        if self.after == "correct":
            return "fixed"
        return "broken" if self.before == "correct" else "changed"

    @property
    def error(self) -> Kind:
        """The kind of error that was mended (``fixed``, ``vanished``), made, or, when ``changed``, was there before."""
        made = self.after if self.kind in ("broken", "appeared") else self.before
        assert made is not None
        return made

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The one to three mentions: gold, A's, B's."""
        return tuple(mention for mention in (self.gold, self.a, self.b) if mention is not None)

    @property
    def label(self) -> str:
        """Label of the gold mention, of the prediction when spurious."""
        return self.mentions[0].label

    @property
    def span(self) -> tuple[int, int]:
        """The stretch the mentions cover together, in code points of the raw text."""
        return min(m.start for m in self.mentions), max(m.end for m in self.mentions)


def find_changes(
    gold: Sequence[Document], pairs: Iterable[tuple[Sequence[Document], Sequence[Document]]]
) -> tuple[Change, ...]:
    """Every change, by document in the order of ``gold`` and by position in it; one that several pairs share is one.

    Args:
        gold: documents with gold mentions.
        pairs: for each pair the documents with A's and those with B's mentions, in the order of ``gold``.
    """
    found: list[dict[Triple, list[int]]] = [{} for _ in gold]
    for number, (a, b) in enumerate(pairs, 1):
        for document, one, other, changes in zip(gold, a, b, found, strict=True):
            for triple in compare_mentions(document.mentions, one.mentions, other.mentions):
                changes.setdefault(triple, []).append(number)
    rows = [
        Change(document.id, *triple, tuple(numbers))
        for document, changes in zip(gold, found, strict=True)
        for triple, numbers in changes.items()
    ]
    rank = {document.id: i for i, document in enumerate(gold)}
    return tuple(sorted(rows, key=lambda change: (rank[change.document], change.span, change.pairs)))


def compare_mentions(gold: Sequence[Mention], a: Sequence[Mention], b: Sequence[Mention]) -> list[Triple]:
    """The changes of one text as ``(gold, a, b)``.

    Args:
        gold: gold mentions sorted by start, not overlapping.
        a: A's mentions, likewise.
        b: B's mentions, likewise.

    Returns:
        Each gold mention whose partner differs, once; and each spurious prediction that the other does not make, once.
        So every prediction that one of the two makes and the other does not stands in exactly one of them, and the
        ``fixed`` less the ``broken`` ones are B's correct mentions less A's.
    """
    before, after = match_mentions(gold, a), match_mentions(gold, b)
    in_a = {match.gold: match.predicted for match in before}
    in_b = {match.gold: match.predicted for match in after}
    found: list[Triple] = [
        (mention, in_a[mention], in_b[mention]) for mention in gold if in_a[mention] != in_b[mention]
    ]
    # A prediction of both may be spurious beside the others of one and a boundary error beside those of the other: that
    # is no change of its own.
    kept = set(a) & set(b)
    found += [(None, match.predicted, None) for match in before if match.gold is None and match.predicted not in kept]
    found += [(None, None, match.predicted) for match in after if match.gold is None and match.predicted not in kept]
    return found
