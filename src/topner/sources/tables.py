"""Texts in the rows of a table: CSV, TSV, Excel, parquet or jsonl."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from topner.errors import TopnerError
from topner.sources.bounds import check_office
from topner.sources.encoding import Decoded, codec_of, decode
from topner.sources.strict import transitional

TEXT_COLUMNS = ("text", "content", "正文", "内容", "全文", "文本", "内文", "body", "article")
ID_COLUMNS = ("id", "编号", "doc_id", "document", "文号")
_SAMPLE = 2**20  # bytes by which a table's encoding is told
_LONGEST_CELL = 64 * 2**20
_DELIMITERS = ",\t;|"
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON may hold half a character


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what; ``None`` takes the first usual name that the table has."""

    text: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row's text.

    Attributes:
        number: of the row, from 0; a header line is no row.
        id: what the id column holds, as text; ``None`` where it holds nothing.
        text: what the text column holds, empty for an empty cell; ``None`` where that is no text.
    """

    number: int
    id: str | None
    text: str | None


def csv_rows(handle: BinaryIO, columns: Columns, encoding: str | None) -> tuple[Decoded, Iterator[Row]]:
    """Rows of a CSV table with a header line; its delimiter (comma, tab, semicolon, bar) is the commonest in the header.

    Args:
        handle: the file, from its beginning, seekable.
        columns: which ones to take.
        encoding: its encoding if the user named it; else it is told by the first MiB.

    Returns:
        How the beginning was read, and the rows, lazily.

    Raises:
        TopnerError: it is no text, has no header or no such column; a later row cannot be read.
    """
    sample = handle.read(_SAMPLE)
    complete = len(sample) < _SAMPLE
    head = decode(sample if complete else sample[: sample.rfind(b"\n") + 1] or sample, declared=encoding)
    codec = {"UTF-8": "utf-8-sig", "UTF-16": "utf-16", "UTF-32": "utf-32"}.get(head.encoding) or codec_of(head.encoding)
    if head.encoding == "UTF-16" and sample[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        codec = "utf-16-le" if sample[1:2] == b"\0" or sample[3:4] == b"\0" else "utf-16-be"
    handle.seek(0)
    text = io.TextIOWrapper(handle, codec, "replace" if head.lost else "strict", newline="")
    return head, _csv_rows(text, max(_DELIMITERS, key=head.text.partition("\n")[0].count), columns)


def _csv_rows(text: io.TextIOWrapper, delimiter: str, columns: Columns) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)  # an article in a cell is longer than csv's 128 KiB
    reader = csv.reader(text, delimiter=delimiter)
    try:
        header = next(reader, None)
        if not header:
            raise TopnerError("is an empty table")
        place, id_place = _places([name.strip() for name in header], columns)
        for number, row in enumerate(row for row in reader if row):
            cell = row[place] if place < len(row) else ""
            name = row[id_place] if id_place is not None and id_place < len(row) else None
            yield Row(number, name or None, cell)
    except csv.Error as error:
        raise TopnerError(f"is no readable CSV: {error}", where=reader.line_num) from None
    except UnicodeDecodeError as error:
        raise TopnerError(
            f"changes its encoding after line {reader.line_num}: no {error.encoding}", hint="name it with --encoding"
        ) from None


def jsonl_rows(lines: Iterable[bytes], columns: Columns) -> Iterator[Row | TopnerError]:
    """Rows of a jsonl file, one object a line (UTF-8); an error in the place of a line that is none."""
    number = -1
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        number += 1
        try:
            value = json.loads(line.decode("utf-8-sig"))
        except UnicodeDecodeError:
            yield TopnerError("is not UTF-8", where=place)
            continue
        except (ValueError, RecursionError):
            yield TopnerError("is no JSON", where=place)
            continue
        if not isinstance(value, dict):
            yield TopnerError("is no JSON object", where=place)
            continue
        try:
            text, id = _names(list(value), columns)
        except TopnerError as error:
            yield TopnerError(error.message, where=place, hint=error.hint)
            continue
        yield Row(number, _id(value.get(id) if id is not None else None), _text(value[text]))


def parquet_rows(handle: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Rows of a parquet file; only the columns that are taken are read, a batch at a time.

    Raises:
        TopnerError: it is broken, has no such column, or pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise TopnerError("parquet needs pyarrow", hint="pip install 'topner[tables]'") from None
    try:
        with pq.ParquetFile(handle) as file:
            text, id = _names(file.schema_arrow.names, columns)
            wanted = [text] if id is None else [text, id]
            number = 0
            for batch in file.iter_batches(batch_size=256, columns=wanted):
                for value in batch.to_pylist():
                    yield Row(number, _id(value.get(id) if id is not None else None), _text(value[text]))
                    number += 1
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise TopnerError(f"is no parquet file that can be read: {str(error).splitlines()[0]}") from None


def xlsx_rows(data: bytes, columns: Columns) -> Iterator[Row]:
    """Rows of an Excel file's first sheet, below its header line; formulas give the value that was stored.

    Raises:
        TopnerError: it is broken, encrypted, a bomb, has no such column, or openpyxl is not installed.
    """
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise TopnerError("Excel files need openpyxl", hint="pip install 'topner[tables]'") from None
    archive = check_office(data)
    try:
        with archive:
            data = transitional(archive, data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = [str(cell).strip() if cell is not None else "" for cell in next(rows, ())]
        if not any(header):
            raise TopnerError("is an empty table")
        place, id_place = _places(header, columns)
        for number, row in enumerate(row for row in rows if any(cell is not None for cell in row)):
            name = row[id_place] if id_place is not None and id_place < len(row) else None
            yield Row(number, _id(name), _text(row[place]) if place < len(row) else "")
    except TopnerError:
        raise
    except Exception as error:  # openpyxl lets through what zip and XML raise on a broken file
        raise TopnerError(f"is broken: {str(error).splitlines()[0] if str(error) else type(error).__name__}") from None


def _places(header: Sequence[str], columns: Columns) -> tuple[int, int | None]:
    text, id = _names(header, columns)
    return header.index(text), None if id is None else header.index(id)


def _names(header: Sequence[str], columns: Columns) -> tuple[str, str | None]:
    """The names of the text column and of the id column."""
    lower = {name.strip().lower(): name for name in reversed(header)}
    usual = next((lower[name] for name in TEXT_COLUMNS if name in lower), header[0] if len(header) == 1 else None)
    text = usual if columns.text is None else columns.text
    if text is None or text not in header:
        wanted = "no column for the text" if text is None else f"no column {text!r}"
        raise TopnerError(f"has {wanted}, only {_listed(header)}", hint="name it with --column")
    if columns.id is not None and columns.id not in header:
        raise TopnerError(f"has no column {columns.id!r}, only {_listed(header)}", hint="name it with --id-column")
    id = next((lower[name] for name in ID_COLUMNS if name in lower), None) if columns.id is None else columns.id
    return text, id if id != text or columns.id is not None else None


def _listed(header: Sequence[str]) -> str:
    """Names of columns on one line, whatever stands in them."""
    return ", ".join(" ".join(name.split()) for name in header)[:200]


def _id(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # spreadsheets hold 17 as 17.0
    return str(value) if isinstance(value, str | int | float) and str(value) else None


def _text(value: Any) -> str | None:
    if value is None:
        return ""
    if not isinstance(value, str):
        return None
    return value if value.isascii() or not _SURROGATE.search(value) else None
