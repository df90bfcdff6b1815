"""Annotations kept apart from a text that may not be copied: places and hashes here, the words elsewhere."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from topner.annotation.records import Record, read_records
from topner.document import Document
from topner.errors import TopnerError

_Value = TypeVar("_Value")


def join_standoff(annotations: Path, lines: Sequence[str]) -> list[Document]:
    """Put standoff annotations back on their text.

    A record is ``{"id", "lines": [first, last], "sha256", "entities": [{"start", "end", "label"}]}``: a document is the lines
    ``[first, last)`` of the text, counted from 0, each ended by a line feed; offsets are half-open code points of it.

    Args:
        annotations: JSON lines file.
        lines: the text's lines without their ends.

    Raises:
        TopnerError: a record is not of that form, or its lines are not those that were annotated.
    """
    documents = []
    for record in read_records(annotations):
        id = _field(record, "id", annotations, str)
        first, last = _lines(record, annotations)
        text = _text(record, annotations, lines[first:last])
        spans = _field(
            record,
            "entities",
            annotations,
            lambda entities: [(int(e["start"]), int(e["end"]), str(e["label"])) for e in entities],
        )
        try:
            documents.append(Document.from_spans(id, text, spans))
        except ValueError as error:
            raise TopnerError(str(error), path=annotations, where=record.where) from None
    return documents


def split_standoff(documents: Sequence[Document], lines: Sequence[str]) -> list[dict[str, Any]]:
    """The records that :func:`join_standoff` puts back on their text: where each document stands, its hash, its mentions.

    Args:
        documents: with gold mentions; each is a run of whole lines of the text, with or without the last line's end.
        lines: the text's lines without their ends.

    Raises:
        TopnerError: a document is no run of lines of the text.
    """
    places: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        places.setdefault(line, []).append(number)
    records = []
    for document in documents:
        wanted = document.text.removesuffix("\n").split("\n")
        first = next((n for n in places.get(wanted[0], ()) if list(lines[n : n + len(wanted)]) == wanted), None)
        if first is None:
            raise TopnerError(
                f"the document {document.id!r} is no run of whole lines of the text",
                hint="annotate stretches as they stand, and change no character",
            )
        text = "".join(f"{line}\n" for line in wanted)
        records.append(
            {
                "id": document.id,
                "lines": [first, first + len(wanted)],
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "entities": [{"start": m.start, "end": m.end, "label": m.label} for m in document.mentions],
            }
        )
    return records


def standoff_lines(annotations: Path, lines: Iterable[str]) -> set[int]:
    """Numbers of the lines that standoff annotations stand on, counted from 0.

    Args:
        annotations: JSON lines file, see :func:`join_standoff`.
        lines: the text's lines without their ends; only those that are annotated are kept in memory.

    Raises:
        TopnerError: a record does not name its lines, or they are not those that were annotated.
    """
    records = [(record, range(*_lines(record, annotations))) for record in read_records(annotations)]
    end = max((span.stop for _, span in records), default=0)
    there = {n: line for n, line in enumerate(islice(lines, end)) if any(n in span for _, span in records)}
    for record, span in records:
        _text(record, annotations, [line for n, line in there.items() if n in span])
    return set(there)


def _lines(record: Record, path: Path) -> tuple[int, int]:
    first, last = _field(record, "lines", path, lambda pair: (int(pair[0]), int(pair[1])))
    if not 0 <= first < last <= sys.maxsize:
        raise TopnerError(f"'lines' are no range: {first} to {last}", path=path, where=record.where)
    return first, last


def _text(record: Record, path: Path, lines: Sequence[str]) -> str:
    """The lines as one text, when they are those of the record."""
    text = "".join(f"{line}\n" for line in lines)
    if hashlib.sha256(text.encode()).hexdigest() != record.value.get("sha256"):
        raise TopnerError(
            f"the lines {record.value['lines']} of the text are not those that were annotated",
            path=path,
            where=record.where,
            hint="name the text that the data card names",
        )
    return text


def _field(record: Record, key: str, path: Path, take: Callable[[Any], _Value]) -> _Value:
    try:
        return take(record.value[key])
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        raise TopnerError(f"{key!r} is missing or of another form", path=path, where=record.where) from None
