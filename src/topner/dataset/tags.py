"""From spans to token tags and back, for any tokenizer, by its offsets alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topner.document import Document
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.text.alignment import AlignedText

Span = tuple[int, int, str]


def trim_offsets(text: str, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take white space off both ends of token offsets (SentencePiece tokens carry their leading space); shape kept."""
    trimmed = offsets.copy()
    for i, (start, end) in enumerate(offsets):
        piece = text[start:end]
        if piece[:1].isspace() or piece[-1:].isspace():
            lead = len(piece) - len(piece.lstrip())
            if lead < len(piece):  # a token of white space alone stays as it is
                trimmed[i] = start + lead, start + len(piece.rstrip())
    return trimmed


def clean_spans(document: Document, aligned: AlignedText, ledger: Ledger) -> list[Span]:
    """The document's mentions as spans of the clean text; what cleaning left nothing of goes to the ledger."""
    spans: list[Span] = []
    for mention in document.mentions:
        span = aligned.clean_span(mention.start, mention.end)
        if span is None:
            where = (mention.start, mention.end, mention.text)
            ledger.add(document.id, "clean", "dropped", mention.label, *where, "cleaning removed its text")
        else:
            spans.append((*span, mention.label))
    return spans


def encode_tags(
    spans: Sequence[Span],
    offsets: NDArray[np.int64],
    schema: LabelSchema,
    aligned: AlignedText,
    document: str,
    ledger: Ledger,
) -> NDArray[np.int64]:
    """IOB2 tag ids of the tokens.

    A token belongs to a span when it shares a character with it, so a boundary inside a token is snapped outward; the
    ledger says so (``moved``). Where a token would serve two spans, the stronger label has it, and of two equal ones the
    earlier; the other span is ``dropped``, as is one that no token covers.

    Args:
        spans: half-open, in code points of the clean text.
        offsets: of the tokens in the clean text, shape ``(tokens, 2)``, not decreasing.
        schema: label set with its precedence.
        aligned: the clean text, for raw offsets in ledger rows.
        document: id for ledger rows.
        ledger: takes the losses and counts each span as seen.

    Returns:
        Tag ids by token, shape ``(tokens,)``.
    """
    tags = np.zeros(len(offsets), dtype=np.int64)
    taken = np.zeros(len(offsets), dtype=bool)
    ledger.seen += len(spans)
    for start, end, label in sorted(spans, key=lambda span: (schema.precedence(span[2]), span[0], -span[1])):
        first = int(np.searchsorted(offsets[:, 1], start, side="right"))
        last = int(np.searchsorted(offsets[:, 0], end, side="left"))
        raw = aligned.raw_span(start, end)
        row = (label, *raw, aligned.raw[raw[0] : raw[1]])
        if first >= last:
            ledger.add(document, "align", "dropped", *row, "no token covers it")
        elif taken[first:last].any():
            ledger.add(document, "align", "dropped", *row, "shares a token with another mention")
        else:
            tags[first] = schema.begin(label)
            tags[first + 1 : last] = schema.inside(label)
            taken[first:last] = True
            if offsets[first, 0] < start or offsets[last - 1, 1] > end:
                ledger.add(document, "align", "moved", *row, "boundary inside a token, snapped outward")
    return tags


def decode_tags(tags: Sequence[int] | NDArray[np.int64], schema: LabelSchema) -> list[Span]:
    """Token spans ``(first, last + 1, label)`` of IOB2 tag ids; an ``I-x`` that continues nothing begins a span."""
    spans: list[Span] = []
    open_label, begin = -1, 0
    values = [int(tag) for tag in tags]
    for i, tag in enumerate([*values, 0]):
        label, inside = (tag - 1) // 2, tag > 0 and tag % 2 == 0
        if open_label >= 0 and not (inside and label == open_label):
            spans.append((begin, i, schema.names[open_label]))
            open_label = -1
        if tag > 0 and open_label < 0:
            open_label, begin = label, i
    return spans
