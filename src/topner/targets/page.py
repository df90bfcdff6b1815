"""One page and its gold records: the page is kept elsewhere, the records hold places and values alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topner.document import Document
from topner.errors import TopnerError
from topner.files import read_text
from topner.targets.score import FIELDS
from topner.targets.table import Commitment, amount

_LABELS = ("TARGET", "ORG", "PROJECT")


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A page with its gold.

    Attributes:
        document: the page with the gold mentions.
        records: the fields of each TARGET, as :func:`topner.targets.score.score_records` takes them.
        parties: who answers for each, by the name in the clean text; ``None`` where the page does not say.
    """

    document: Document
    records: tuple[dict[str, Any], ...]
    parties: tuple[str | None, ...]


def read_page(page: str | Path, gold: str | Path) -> GoldPage:
    """Put gold records on the page they were made for.

    The first line of the gold holds ``sha256`` of the page and ``year``; the others ``label``, ``start`` and ``end`` in code
    points of the raw page, a TARGET also its fields and ``responsible``.

    Args:
        page: the page, UTF-8.
        gold: JSON lines.

    Raises:
        TopnerError: a file cannot be read, it is another page, or a line of the gold is not as it should be.
    """
    text = read_text(page)
    try:
        head, *rows = [json.loads(line) for line in read_text(gold).splitlines() if line.strip()]
        digest, year = str(head["sha256"]), int(head["year"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TopnerError("holds no gold for a page", path=gold, hint="its first line names sha256 and year") from None
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise TopnerError("is not the page the gold was made for", path=page, hint=f"its sha256 is to be {digest}")
    for number, row in enumerate(rows, start=2):
        lacking = {
            "label",
            "start",
            "end",
            *((*FIELDS, "responsible") if row.get("label") == "TARGET" else ()),
        } - row.keys()
        if lacking or row["label"] not in _LABELS or not 0 <= row["start"] < row["end"] <= len(text):
            raise TopnerError(f"line {number} lacks {', '.join(sorted(lacking)) or 'a place in the page'}", path=gold)
    name = Path(page).stem
    document = Document.from_spans(name, text, [(r["start"], r["end"], r["label"]) for r in rows], {"year": year})
    targets = [{**row, "document": name} for row in rows if row["label"] == "TARGET"]
    return GoldPage(document, tuple(targets), tuple(row["responsible"] for row in targets))


def markdown(rows: Sequence[Commitment], names: Sequence[str], notes: Sequence[str]) -> str:
    """Commitments as a Markdown table.

    Args:
        rows: the commitments.
        names: who answers for each, as it is to be written.
        notes: what is wrong with each; empty when nothing is.
    """
    lines = [
        "| # | start | indicator | direction | amount | period | responsible | |",
        "|---:|---:|---|---|---|---|---|---|",
    ]
    for number, (row, name, note) in enumerate(zip(rows, names, notes, strict=True), start=1):
        r = row.record
        cells = (number, r.start, r.indicator + "*" * r.inherited, r.direction, amount(r), r.period, name, note)
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)
