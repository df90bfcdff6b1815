"""Which annotation format a file is in, told by its content."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from topner.annotation import brat, inline, label_studio_tables, records, tags
from topner.errors import TopnerError
from topner.files import read_text

Format = Literal["inline", "label-studio", "doccano", "brat", "conll", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)
_SAMPLE = 200


def detect(path: Path) -> Format:
    """The format of a file.

    Only for brat's pairs the names count too: a ``.txt`` that has a brat ``.ann`` beside it is half of one.

    Raises:
        TopnerError: the file is empty, not readable, JSON that is broken, or in none of the formats.
    """
    text = read_text(path)
    if brat.is_annotations(path) or (path.suffix == ".txt" and brat.is_annotations(path.with_suffix(".ann"))):
        return "brat"
    if not text.strip():
        raise TopnerError("is empty", path=path)
    start = text.lstrip()[:1]
    broken: TopnerError | None = None
    if start in "{[":
        try:
            kind = _of_records(record.value for record in records.read_records(path))
        except TopnerError as error:
            broken = error  # inline markup, too, may begin with a bracket
            kind = _of_lines(text) if start == "{" else None
        if kind is not None:
            return kind
    if label_studio_tables.read_table(path) is not None:
        return "label-studio"
    if inline.FRONT.match(text):
        return "inline"
    if _is_conll(text):
        return "conll"
    if inline.MARK.search(text):
        return "inline"
    if broken is not None:
        raise broken
    raise TopnerError(
        "is in none of the annotation formats " + ", ".join(FORMATS),
        path=path,
        hint="name the format with --from, or keep the file elsewhere",
    )


def _of_records(values: Iterable[Mapping[str, Any]]) -> Format | None:
    """The format of JSON objects; the first that leaves no doubt decides, ``None`` when none fits."""
    guess: Format | None = None
    for value in values:
        kind, sure = _of_record(value)
        if sure:
            return kind
        guess = guess or kind
    return guess


def _of_record(value: Mapping[str, Any]) -> tuple[Format | None, bool]:
    """The format of a JSON object and whether there is no doubt."""
    if isinstance(value.get("data"), dict) or isinstance(value.get("task"), dict):
        return "label-studio", True
    if label_studio_tables.is_minimal(value):
        return "label-studio", True
    entities = value.get("entities", value.get("spans"))
    if isinstance(entities, list):
        first = entities[0] if entities else None
        if isinstance(first, dict) and "start" in first:
            return "jsonl", True
        if first is not None or {"relations", "username"} & value.keys():
            return "doccano", True
        return "jsonl", False
    if isinstance(value.get("label"), dict):
        return "jsonl", True
    if any(isinstance(value.get(key), list) for key in ("label", "labels", "annotations")):
        return "doccano", True
    return None, False


def _of_lines(text: str) -> Format | None:
    """The format of JSON lines of which some are broken: reading them will say which."""
    values = []
    for line in text.split("\n"):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            values.append(value)
    return _of_records(values) if records.is_lines(text) else None


def _is_conll(text: str) -> bool:
    """Whether each line with anything on it, among the first ones, ends with a tag or is a heading."""
    rows = 0
    for line in text.split("\n")[:_SAMPLE]:
        line = line.strip("\r")
        if not line.strip(" \t") or re.match(r"# \w+ = |-DOCSTART-", line):
            continue
        columns = re.split(r"[ \t]+", line.rstrip(" \t"))
        if len(columns) < 2 or tags.parse(columns[-1]) is None:
            # One slip in a long file is for the reader to name; a text with the letter O at a line's end is no CoNLL.
            return rows >= 3
        rows += 1
    return rows > 0 or text.startswith("# id = ")


__all__ = ["FORMATS", "Format", "detect"]
