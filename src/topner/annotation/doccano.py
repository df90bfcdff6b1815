"""doccano's JSON lines, in the shapes its versions have exported.

========================================================== =====================================================
``{text, labels: [[start, end, label]]}``                   1.0 (and its import format)
``{text, label: [[start, end, label]]}``                    1.2 on
``{data, label: [[start, end, label]]}``                    1.6.2 on
``{text, entities: [[start, end, label]], username}``       2018
``{text, annotations: [{label, start_offset, ...}]}``       label ids: the project's label file must lie beside it
``{text, entities: [{label, start_offset, ...}], ...}``     with relations
========================================================== =====================================================

The spans carry no text, and doccano's page counts UTF-16 units. Where a text holds characters beyond the basic plane,
:func:`write` therefore adds the mentions' texts under ``surface`` (doccano keeps unknown keys), :func:`read` checks
against them, and spans made since are read in the unit that fits the file better.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from topner.annotation.found import Candidate, Found, Notices, drop_all, flat, offset
from topner.annotation.records import Record, read_records, record_id
from topner.document import Document
from topner.errors import TopnerError
from topner.files import read_text
from topner.ledger import Ledger

LABEL_FILE = "label_config.json"
_KEYS = ("labels", "label", "entities", "annotations")
_OWN = {"id", "doc_id", "text", "data", "meta", "surface", "relations", "Comments", "comments", *_KEYS}


def read(path: Path, ledger: Ledger, notices: Notices) -> list[Found]:
    """The documents of a file.

    Raises:
        TopnerError: not JSON, no text, no spans, or labels given by id with no label file beside; the message names file
            and line.
    """
    names: dict[int, str] | None = None
    found: list[Found] = []
    for number, record in enumerate(read_records(path), 1):
        value = record.value
        text_key = "text" if "text" in value else "data"
        key = next((key for key in _KEYS if isinstance(value.get(key), list)), None)
        if not isinstance(value.get(text_key), str) or key is None:
            raise TopnerError(
                "is not a doccano document: a string 'text' or 'data' and a list 'label', 'labels', 'entities' or "
                "'annotations' were expected",
                path=path,
                where=record.where,
            )
        spans = [_span(span, record, path) for span in value[key]]
        if any(isinstance(span[2], int) for span in spans):
            names = _label_names(path, record) if names is None else names
        id = record_id(value, path, number)
        surfaces = _surfaces(value)
        by_user: dict[Any, list[Candidate]] = {}
        for start, end, label, user in spans:
            if isinstance(label, int):
                label = _named(label, names or {}, path, record)
            by_user.setdefault(user, []).append(Candidate(start, end, label, surfaces.get((start, end))))
        users = list(by_user)
        kept = by_user[users[-1]] if users else []
        for user in users[:-1]:
            drop_all(id, by_user[user], kept, "another annotator's version", ledger)
        if len(users) > 1:
            notices.notes["document of several annotators, the last one's spans taken"] += 1
        objects = any(isinstance(span, dict) for span in value[key])
        notices.shapes[f"doccano {{{text_key}, {key}: {'objects' if objects else '[start, end, label]'}}}"] += 1
        meta = value["meta"] if isinstance(value.get("meta"), dict) else {}
        extra = {k: v for k, v in value.items() if k not in _OWN}
        found.append(Found(id, value[text_key], kept, flat({**extra, **meta})))
    return found


def write(documents: Sequence[Document]) -> str:
    """The text of a JSON lines file ``{id, text, label: [[start, end, label]]}`` that doccano imports.

    Offsets are half-open code points.
    """
    lines = []
    for document in documents:
        label = [[m.start, m.end, m.label] for m in document.mentions]
        record: dict[str, Any] = {"id": document.id, "text": document.text, "label": label}
        if max(document.text, default="") > "\uffff":
            record["surface"] = [[m.start, m.end, m.text] for m in document.mentions]
        if document.meta:
            record["meta"] = dict(document.meta)
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    return "".join(lines)


def _span(span: Any, record: Record, path: Path) -> tuple[int, int, str | int, Any]:
    """Start, end, label (a name or an id) and user of a span in any of the shapes."""
    parts: tuple[Any, Any, Any, Any] = (None, None, None, None)
    if isinstance(span, list) and len(span) >= 3:
        parts = (span[0], span[1], span[2], None)
    elif isinstance(span, dict):
        parts = (span.get("start_offset"), span.get("end_offset"), span.get("label"), span.get("user"))
    start, end, label = offset(parts[0]), offset(parts[1]), parts[2]
    if start < 0 or end < 0 or not isinstance(label, str | int):
        shown = json.dumps(span, ensure_ascii=False)
        hint = "was it exported from a text classification project?" if isinstance(span, str) else None
        raise TopnerError(f"{shown} is not a span with offsets and a label", path=path, where=record.where, hint=hint)
    user = parts[3] if isinstance(parts[3], str | int) else None
    return start, end, label, user


def _surfaces(value: Mapping[str, Any]) -> dict[tuple[int, int], str]:
    written = value.get("surface")
    return {
        (item[0], item[1]): item[2]
        for item in (written if isinstance(written, list) else [])
        if isinstance(item, list) and [type(part) for part in item] == [int, int, str]
    }


def _named(id: int, names: Mapping[int, str], path: Path, record: Record) -> str:
    if id not in names:
        raise TopnerError(f"the label file names no label {id}", path=path.with_name(LABEL_FILE), where=record.where)
    return names[id]


def _label_names(path: Path, record: Record) -> dict[int, str]:
    label_file = path.with_name(LABEL_FILE)
    if not label_file.exists():
        raise TopnerError(
            "labels are given by number, which only the doccano project can name",
            path=path,
            where=record.where,
            hint=f"export again as 'JSONL (text label)', or put the project's exported labels beside it as {LABEL_FILE}",
        )
    try:
        return {int(item["id"]): str(item["text"]) for item in json.loads(read_text(label_file))}
    except (ValueError, TypeError, KeyError):
        raise TopnerError("a list of {id, text} objects was expected", path=label_file) from None
