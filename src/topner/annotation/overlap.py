"""The flat scheme: where mentions overlap, one stays."""

from __future__ import annotations

from collections.abc import Iterable

from topner.document import Mention
from topner.labels import LabelSchema
from topner.ledger import Ledger


def resolve_overlaps(document: str, mentions: Iterable[Mention], schema: LabelSchema, ledger: Ledger) -> list[Mention]:
    """Keep the strongest of the mentions that share a character.

    The label that stands earlier in the schema wins; of one label the longest, then the first. So a TARGET swallows the
    PROJECT in it. Mentions with the same span and label are one mention, which is no loss; every other mention that
    goes is entered in the ledger as ``dropped``, with the mention it lost against.

    Args:
        document: id for the ledger rows.
        mentions: in any order; offsets are half-open code points of one text.
        schema: gives the precedence of the labels.
        ledger: takes the losses.

    Returns:
        Mentions that do not overlap, in order of position.
    """
    kept: dict[int, Mention] = {}  # by each position it covers
    winners: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (schema.precedence(m.label), m.start - m.end, m.start)):
        winner = next((kept[i] for i in range(mention.start, mention.end) if i in kept), None)
        if winner is None:
            winners.append(mention)
            kept.update(dict.fromkeys(range(mention.start, mention.end), mention))
        elif winner.key != mention.key:
            reason = f"overlaps {_article(winner.label)}: {winner.text!r} at [{winner.start}, {winner.end}) stays"
            ledger.add(document, "overlap", "dropped", mention.label, *mention.span, mention.text, reason)
    return sorted(winners)


def _article(label: str) -> str:
    return f"{'an' if label[0] in 'AEIO' else 'a'} {label}"
