"""Label Studio's flat exports: JSON_MIN, CSV and TSV, one row an annotation, made into tasks again.

Beside the task's own columns a row has one column for each labelling control, which holds the spans as a list (in CSV
and TSV as the JSON text of one), and columns about the annotation.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from topner.annotation.records import Record, loads
from topner.errors import TopnerError
from topner.files import read_text

MARKS = frozenset({"annotation_id", "annotator", "lead_time"})
"""Columns by which such a table is known."""
_ABOUT = MARKS | {"id", "created_at", "updated_at"}
_CELL_LIMIT = 1 << 27


def read_table(path: Path) -> list[Record] | None:
    """The rows of a CSV or TSV export; ``None`` when the file is not one.

    Raises:
        TopnerError: a row has not as many cells as the header; the message names file and line.
    """
    text = read_text(path)
    header = text.split("\n", 1)[0]
    delimiter = "\t" if "\t" in header else ","
    if header[:1] in ("", "[", "{") or not MARKS & {name.strip().strip('"') for name in header.split(delimiter)}:
        return None
    csv.field_size_limit(_CELL_LIMIT)  # a cell holds a whole document
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Record] = []
    try:
        names = next(reader)
        for row in reader:
            where = f"line {reader.line_num}"
            if not row:
                continue
            if len(row) != len(names):
                message = f"{len(row)} cells, the header has {len(names)}"
                raise TopnerError(message, path=path, where=where, hint="is it cut, or edited by hand?")
            values = {name: _cell(name, cell) for name, cell in zip(names, row, strict=True)}
            rows.append(Record(where, values))
    except csv.Error as error:
        raise TopnerError(f"is not a table: {error}", path=path, where=f"line {reader.line_num}") from None
    return rows


def is_minimal(value: Mapping[str, Any]) -> bool:
    """Whether a JSON record is one of JSON_MIN: without ``data``, with columns about an annotation or a list of spans."""
    whole = isinstance(value.get("data"), dict) or isinstance(value.get("task"), dict)
    return not whole and (bool(MARKS & set(value)) or bool(_spans(value)))


def tasks_of_rows(rows: Iterable[Record]) -> list[Record]:
    """Tasks in the full shape; the rows of one task id become the annotations of one task."""
    tasks: list[Record] = []
    by_id: dict[Any, Record] = {}
    for row in rows:
        value = row.value
        spans = _spans(value)
        version = {
            "result": [{"type": _type(span), "value": span} for spans_of in spans.values() for span in spans_of],
            "completed_by": value.get("annotator"),
            "updated_at": value.get("updated_at"),
            "created_at": value.get("created_at"),
        }
        labelled = bool(spans) or value.get("annotation_id") not in (None, "")
        known = by_id.get(value["id"]) if isinstance(value.get("id"), str | int) else None
        if known is not None:
            known.value["annotations"].append(version)
            continue
        data = {k: v for k, v in value.items() if k not in _ABOUT and k not in spans and v not in (None, "")}
        made = {"id": value.get("id"), "data": data, "annotations": [version] if labelled else []}
        tasks.append(Record(row.where, made))
        if isinstance(value.get("id"), str | int):
            by_id[value["id"]] = tasks[-1]
    return tasks


def _spans(value: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {key: cell for key, cell in value.items() if isinstance(cell, list) and cell and all(map(_is_span, cell))}


def _is_span(item: Any) -> bool:
    return isinstance(item, dict) and "start" in item and "end" in item and _type(item) in item


def _type(span: Mapping[str, Any]) -> str:
    return "hypertextlabels" if "hypertextlabels" in span else "labels"


def _cell(name: str, cell: str) -> Any:
    """A cell's text, or what it holds as JSON: a list of objects in any column, an object in the column ``meta``."""
    if cell[:1] == "[" or (name == "meta" and cell[:1] == "{"):
        try:
            value = loads(cell)
        except (ValueError, RecursionError):
            return cell
        if isinstance(value, dict) or all(isinstance(item, dict) for item in value):
            return value
    return cell
