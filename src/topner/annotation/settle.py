"""From what a reader found to documents one can rely on: known labels, verified offsets, trimmed ends, no overlap."""

from __future__ import annotations

from collections.abc import Sequence

from topner.annotation.found import Candidate, Found, Notices, scrub
from topner.annotation.overlap import resolve_overlaps
from topner.annotation.verify import Place, counted_in_utf16, locate, rescale, trim
from topner.document import Document, Mention
from topner.labels import LabelSchema
from topner.ledger import Ledger


def settle(found: Sequence[Found], schema: LabelSchema, ledger: Ledger, notices: Notices) -> list[Document]:
    """Turn the findings of one file into documents.

    Args:
        found: the documents of one file, which counts its offsets in one unit.
        schema: labels that are known; a candidate with another is ``dropped``.
        ledger: counts every candidate as seen and takes what is dropped, moved or repaired.
        notices: takes remarks.

    Returns:
        One document for each finding, in order; mentions do not overlap and neither begin nor end with white space.
    """
    wide = counted_in_utf16(found)
    if not wide and any(
        c.text is None and max(one.text, default="") > "\uffff" for one in found for c in one.candidates
    ):
        notices.notes["file with emoji or rare characters and bare offsets: read as code points"] += 1
    documents: list[Document] = []
    for one in found:
        text = scrub(one.text)
        ledger.seen += len(one.candidates)
        mentions = [
            mention
            for candidate in one.candidates
            if (mention := _mention(one.id, text, candidate, schema, wide, ledger)) is not None
        ]
        flat = resolve_overlaps(one.id, mentions, schema, ledger)
        documents.append(Document(scrub(one.id), text, tuple(flat), one.meta))
    return documents


def _mention(
    document: str, text: str, candidate: Candidate, schema: LabelSchema, wide: bool, ledger: Ledger
) -> Mention | None:
    said = None if candidate.text is None else scrub(candidate.text)
    shown = (text[candidate.start : candidate.end] if candidate.start >= 0 else "") if said is None else said
    row = (scrub(candidate.label), candidate.start, candidate.end, shown)
    if candidate.label not in schema.names:
        ledger.add(document, "convert", "dropped", *row, f"unknown label {scrub(candidate.label)}")
        return None
    if said is None and wide:
        start, end = rescale(text, "UTF-16", candidate.start, candidate.end)
        moved = (start, end) != (candidate.start, candidate.end)
        place = Place(start, end, "offsets in UTF-16 units" if moved else None) if start < end else None
    else:
        place = locate(text, candidate._replace(text=said))
    if place is None:
        where = "its text is not at or near its offsets" if said else "its offsets are not in the text"
        ledger.add(document, "convert", "dropped", *row, where)
        return None
    if place.repair is not None:
        ledger.add(document, "convert", "repaired", *row, place.repair)
    start, end = trim(text, place.start, place.end)
    if start == end:
        ledger.add(document, "convert", "dropped", *row, "nothing but white space")
        return None
    if (start, end) != (place.start, place.end):
        ledger.add(document, "convert", "moved", *row, "white space at its ends taken off")
    return Mention(start, end, candidate.label, text[start:end], candidate.score)
