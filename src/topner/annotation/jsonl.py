"""JSON lines of the contract, ``{"id", "text", "entities": [{"start", "end", "label", "text", "score"?}], "meta"?}``.

Read as well, for they differ in little: ``spans`` in place of ``entities`` (Prodigy, spaCy), and CLUENER's
``{"text", "label": {type: {surface: [[start, last], ...]}}}`` whose second offset is inclusive.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from topner.annotation.found import Candidate, Found, Notices, drop_all, flat, offset, score
from topner.annotation.records import Record, read_records, record_id
from topner.document import Document
from topner.errors import TopnerError
from topner.ledger import Ledger


def read(path: Path, ledger: Ledger, notices: Notices) -> list[Found]:
    """The documents of a file; one without an id is called after the file and its place in it.

    Raises:
        TopnerError: not JSON, no text, or a span that is not one; the message names file and line.
    """
    found: list[Found] = []
    for number, record in enumerate(read_records(path), 1):
        value = record.value
        id = record_id(value, path, number)
        text = value.get("text")
        if not isinstance(text, str):
            raise TopnerError("no text: a string under the key 'text' was expected", path=path, where=record.where)
        shape, candidates = _candidates(record, path)
        if value.get("answer") in ("reject", "ignore"):  # Prodigy
            drop_all(id, candidates, [], f"the annotator's answer was {value['answer']}", ledger)
            notices.notes[f"document left out, the annotator's answer was {value['answer']}"] += 1
            continue
        notices.shapes[shape] += 1
        found.append(Found(id, text, candidates, flat(_meta(value))))
    return found


def write(documents: Sequence[Document]) -> str:
    """The text of a JSON lines file; offsets are half-open code points, scores are kept."""
    return "".join(json.dumps(document.to_json(), ensure_ascii=False) + "\n" for document in documents)


def _meta(value: dict[str, Any]) -> dict[str, Any]:
    meta = value.get("meta")
    return meta if isinstance(meta, dict) else {}


def _candidates(record: Record, path: Path) -> tuple[str, list[Candidate]]:
    value = record.value
    if isinstance(value.get("label"), dict):
        return "CLUENER {text, label: {type: {surface: offsets}}}", _cluener(record, path)
    key = "entities" if "entities" in value else "spans"
    if key not in value:
        raise TopnerError("no list 'entities'", path=path, where=record.where, hint='write "entities": [] for none')
    spans = value[key]
    if not isinstance(spans, list) or not all(isinstance(span, dict) and "label" in span for span in spans):
        raise TopnerError(f"{key!r} is not a list of objects with start, end and label", path=path, where=record.where)
    candidates = []
    for span in spans:
        start, end = offset(span.get("start")), offset(span.get("end"))
        if start < 0 or end < 0:
            shown = json.dumps(span, ensure_ascii=False)[:100]
            raise TopnerError(f"a span without start and end: {shown}", path=path, where=record.where)
        said = span.get("text")
        candidates.append(
            Candidate(start, end, str(span["label"]), said if isinstance(said, str) else None, score(span.get("score")))
        )
    return f"JSON lines {{text, {key}: [{{start, end, label}}]}}", candidates


def _cluener(record: Record, path: Path) -> list[Candidate]:
    try:
        return [
            Candidate(offset(first), offset(last) + 1, label, surface)
            for label, surfaces in record.value["label"].items()
            for surface, places in surfaces.items()
            for first, last in places
        ]
    except (AttributeError, TypeError, ValueError):
        raise TopnerError(
            "'label' is not {type: {surface: [[first, last], ...]}}", path=path, where=record.where
        ) from None
