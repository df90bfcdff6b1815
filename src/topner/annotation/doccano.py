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
against them, and spans made since are read in the unit that fits the file better. Scores of predicted mentions stand under
``scores``, one ``[start, end, label, score]`` each; a span that was changed since has none.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from topner.annotation.found import Candidate, Found, Notices, drop_all, flat, offset, score, scrub
from topner.annotation.records import Record, loads, read_records, record_id
from topner.document import Document
from topner.errors import TopnerError
from topner.files import read_text
from topner.ledger import Ledger

LABEL_FILE = "label_config.json"
_KEYS = ("labels", "label", "entities", "annotations")
_PERSON = ("user", "annotator", "username")
_OWN = {"id", "doc_id", "text", "data", "meta", "surface", "scores", "relations", "Comments", "comments", *_KEYS}


def read(path: Path, ledger: Ledger, notices: Notices) -> list[Found]:
    """The documents of a file.

    Raises:
        TopnerError: not JSON, no text, no spans, or labels given by id with no label file beside; the message names file
            and line.
    """
    found: list[Found] = []
    for one, by_user in _documents(path, notices):
        users = list(by_user)
        kept = by_user[users[-1]] if users else []
        for user in users[:-1]:
            drop_all(one.id, by_user[user], kept, "another annotator's version", ledger)
        if len(users) > 1:
            notices.notes["document of several annotators, the last one's spans taken"] += 1
        found.append(replace(one, candidates=kept))
    return found


def read_annotators(path: Path, notices: Notices) -> list[tuple[str | None, Found]]:
    """Every annotator's version of every document, each with who made it: a name or a number.

    Who made a span is said beside it (``user``, ``annotator`` or ``username``) or beside the document. A person who is
    named only beside spans and has none in a document counts as not having annotated it: the file cannot tell this from
    an empty answer. ``None`` stands for annotations that name nobody. Rows without ids are one document when they have
    the same text.

    Raises:
        TopnerError: as :func:`read`.
    """
    found: list[tuple[str | None, Found]] = []
    first: dict[tuple[str, int], str] = {}
    rows: Counter[tuple[str | None, str]] = Counter()
    named: list[set[str | None]] = []
    for number, (one, by_user) in enumerate(_documents(path, notices), 1):
        author = _person(one.meta)
        versions: dict[str | None, list[Candidate]] = {}
        for user, candidates in by_user.items():
            versions.setdefault(author if user is None else user, []).extend(candidates)
        if versions and author is None:
            named.append(set(versions))
        for who, candidates in (versions or {author: []}).items():
            id = one.id
            if id == f"{path.stem}-{number}":  # the row has none of its own
                rows[who, one.text] += 1
                id = first.setdefault((one.text, rows[who, one.text]), id)
            meta = {k: v for k, v in one.meta.items() if k not in _PERSON}
            found.append((who, Found(id, one.text, candidates, meta)))
    if partly := sum(people < set().union(*named) for people in named):
        notices.notes["document in which somebody has no span: taken as not annotated by them"] += partly
    return found


def write(documents: Sequence[Document]) -> str:
    """The text of a JSON lines file ``{id, text, label: [[start, end, label]]}`` that doccano imports.

    Offsets are half-open code points.
    """
    lines = []
    scored = any(mention.score is not None for document in documents for mention in document.mentions)
    for document in documents:
        label = [[m.start, m.end, m.label] for m in document.mentions]
        record: dict[str, Any] = {"id": document.id, "text": document.text, "label": label}
        if max(document.text, default="") > "\uffff":
            record["surface"] = [[m.start, m.end, m.text] for m in document.mentions]
        if scored:  # in every record or in none: doccano reads the file as a table
            record["scores"] = [
                [m.start, m.end, m.label, round(m.score, 4)] for m in document.mentions if m.score is not None
            ]
        if document.meta:
            record["meta"] = dict(document.meta)
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    return "".join(lines)


def _documents(path: Path, notices: Notices) -> Iterator[tuple[Found, dict[str | None, list[Candidate]]]]:
    """Each document without its spans, and these by who made them."""
    names: dict[int, str] | None = None
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
        surfaces, scores = _surfaces(value), _scores(value)
        by_user: dict[str | None, list[Candidate]] = {}
        for start, end, label, user in spans:
            if isinstance(label, int):
                label = _named(label, names or {}, path, record)
            candidate = Candidate(start, end, label, surfaces.get((start, end)), scores.get((start, end, label)))
            by_user.setdefault(user, []).append(candidate)
        objects = any(isinstance(span, dict) for span in value[key])
        notices.shapes[f"doccano {{{text_key}, {key}: {'objects' if objects else '[start, end, label]'}}}"] += 1
        meta = value["meta"] if isinstance(value.get("meta"), dict) else {}
        extra = {k: v for k, v in value.items() if k not in _OWN}
        yield Found(record_id(value, path, number), value[text_key], meta=flat({**extra, **meta})), by_user


def _span(span: Any, record: Record, path: Path) -> tuple[int, int, str | int, str | None]:
    """Start, end, label (a name or an id) and user of a span in any of the shapes."""
    parts: tuple[Any, Any, Any, Any] = (None, None, None, None)
    if isinstance(span, list) and len(span) >= 3:
        parts = (span[0], span[1], span[2], None)
    elif isinstance(span, dict):
        parts = (span.get("start_offset"), span.get("end_offset"), span.get("label"), _person(span))
    start, end, label = offset(parts[0]), offset(parts[1]), parts[2]
    if start < 0 or end < 0 or not isinstance(label, str | int):
        shown = json.dumps(span, ensure_ascii=False)[:100]
        hint = "was it exported from a text classification project?" if isinstance(span, str) else None
        raise TopnerError(f"{shown} is not a span with offsets and a label", path=path, where=record.where, hint=hint)
    return start, end, label, parts[3]


def _person(value: Mapping[str, Any]) -> str | None:
    """Who made a span or a row, where it says so."""
    who = next((value[key] for key in _PERSON if isinstance(value.get(key), str | int) and value[key] != ""), None)
    return None if who is None else scrub(str(who))


def _surfaces(value: Mapping[str, Any]) -> dict[tuple[int, int], str]:
    written = value.get("surface")
    return {
        (item[0], item[1]): item[2]
        for item in (written if isinstance(written, list) else [])
        if isinstance(item, list) and [type(part) for part in item] == [int, int, str]
    }


def _scores(value: Mapping[str, Any]) -> dict[tuple[int, int, str], float]:
    written = value.get("scores")
    return {
        (item[0], item[1], item[2]): confidence
        for item in (written if isinstance(written, list) else [])
        if isinstance(item, list)
        and [type(part) for part in item[:3]] == [int, int, str]
        and (confidence := score(item[-1])) is not None
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
        return {int(item["id"]): str(item["text"]) for item in loads(read_text(label_file))}
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise TopnerError("a list of {id, text} objects was expected", path=label_file) from None
