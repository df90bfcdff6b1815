"""JSON objects from a file that holds a list of them, one alone, or one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from topner.errors import TopnerError
from topner.files import read_text


class Record(NamedTuple):
    """A JSON object and where in the file it stands (``line 3`` or ``record 3``)."""

    where: str
    value: dict[str, Any]


def read_records(path: Path) -> Iterator[Record]:
    """Yield the objects of a JSON list, a lone object or JSON lines, in order; blank lines are skipped.

    Raises:
        TopnerError: the file is not JSON, or something in it is not an object.
    """
    text = read_text(path)
    if is_lines(text):
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield Record(f"line {number}", _object(_parse(line, path, number), path, f"line {number}"))
        return
    if not text.strip():
        return
    value = _parse(text, path, None)
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        yield Record(f"record {number}", _object(item, path, f"record {number}"))


def record_id(value: dict[str, Any], path: Path, number: int) -> str:
    """The id that a record gives (``id`` or ``doc_id``), else one made of the file's name and the record's number."""
    for key in ("id", "doc_id"):
        if isinstance(value.get(key), str | int) and value[key] != "":
            return str(value[key])
    return f"{path.stem}-{number}"


def loads(text: str, spare: int = 60) -> Any:
    """Read a JSON text, refusing one nested so deeply that it could not be written again from a deeper call.

    Args:
        text: JSON.
        spare: how many calls deeper than here it must still be possible to walk the value.

    Raises:
        ValueError: it is not JSON, or holds a number of thousands of digits.
        RecursionError: its brackets are nested too deeply.
    """
    return json.loads(text) if spare == 0 else loads(text, spare - 1)


def is_lines(text: str) -> bool:
    """Whether the text is JSON lines: its first line with anything on it is a whole object."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    try:
        return isinstance(loads(first), dict)
    except (ValueError, RecursionError):
        # A broken first line of many whole ones is still JSON lines; a list or a spread-out object is not.
        return first.startswith('{"') and "\n{" in text


def _parse(text: str, path: Path, line: int | None) -> Any:
    try:
        return loads(text)
    except json.JSONDecodeError as error:
        where = f"line {line or error.lineno}, column {error.colno}"
        raise TopnerError(f"is not JSON: {error.msg}", path=path, where=where) from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, endless nesting
        raise TopnerError(f"is not JSON that can be read: {error}", path=path, where=line) from None


def _object(value: Any, path: Path, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TopnerError(f"a JSON object was expected, found {type(value).__name__}", path=path, where=where)
    return value
