"""Any file a person has, as documents with raw text."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from topner.document import Document
from topner.errors import TopnerError
from topner.sources.bounds import MOST_BYTES, read_bounded, read_stream
from topner.sources.encoding import Decoded, decode
from topner.sources.find import STDIN
from topner.sources.ids import RowIds
from topner.sources.kinds import Kind, kind_of
from topner.sources.page import MOST_BYTES as MOST_OF_A_PAGE
from topner.sources.page import decode_page, page_text
from topner.sources.pdf_process import bounded_pdf_text
from topner.sources.remarks import Remarks
from topner.sources.tables import Columns, Row, csv_rows, jsonl_rows, parquet_rows, xlsx_rows
from topner.sources.word import word_text

_NAMED_ROWS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read where a person knows better.

    Attributes:
        columns: which columns of a table hold the text and the id.
        encoding: of text files, pages and CSV; ``None`` finds it.
    """

    columns: Columns = field(default_factory=Columns)
    encoding: str | None = None

    @classmethod
    def of(cls, column: str | None, id_column: str | None, encoding: str | None) -> Reading:
        """From the options of a command.

        Raises:
            TopnerError: there is no such encoding.
        """
        if encoding is not None:
            decode(b"", named=encoding)  # raises before the work, not at each file
        return cls(Columns(column, id_column), encoding)


AS_FOUND = Reading()


def read_file(
    path: Path,
    remarks: Remarks,
    reading: Reading = AS_FOUND,
    *,
    id: str | None = None,
    blank: bool = False,
    at: Path | None = None,
) -> Iterator[Document]:
    """The documents of a file: one of a text, page, Word document or PDF, one for each row of a table.

    The raw text of a document, into which all offsets point, is the text as it was taken out of the file.

    Args:
        path: the file; ``-`` is standard input.
        remarks: takes one problem for a file that cannot be read (the documents before the fault have been given), and notes.
        reading: how to read it.
        id: by default the path as given, ``stdin`` for standard input.
        at: where the file lies, if that is not ``path``, by which it is called.
        blank: give a text file without text as a document too; else that is a problem.

    Yields:
        Documents without mentions. A row's id is what its id column holds, else ``id:row``, rows counted from 0; where an
        earlier row has the same, its row's number is added, and a note says so.
    """
    name = "stdin" if path == STDIN else os.fsencode(path).decode("utf-8", "backslashreplace")
    shown, name = "standard input" if path == STDIN else name, name if id is None else id
    try:
        with _opened(path if at is None else at) as handle:
            yield from _documents(path, name, shown, handle, remarks, reading, blank)
    except TopnerError as error:
        bare = TopnerError(error.message, where=error.where, hint=error.hint)
        remarks.problems.append(f"{shown}, {bare}" if error.where else f"{shown}: {bare}")


def _documents(
    path: Path, name: str, shown: str, handle: BinaryIO, remarks: Remarks, reading: Reading, blank: bool
) -> Iterator[Document]:
    kind = kind_of(path, handle)
    if kind in ("csv", "xlsx", "jsonl", "parquet"):
        yield from _rows(kind, name, shown, handle, remarks, reading)
        return
    data = read_stream(handle, most=MOST_OF_A_PAGE if kind == "html" else MOST_BYTES)
    blank = blank and kind == "text"
    if not data.strip() and not blank:
        raise TopnerError("is empty")
    if kind == "docx":
        text = word_text(data)
    elif kind == "pdf":
        text, without, pages = bounded_pdf_text(data)
        if without:
            remarks.notes.append(f"{shown}: {without} of {pages} pages hold no text, only images perhaps")
    elif kind == "html":
        page = decode(data, named=reading.encoding) if reading.encoding else decode_page(data)
        _say(page, shown, remarks)
        text, remark = page_text(page.text)
        if remark:
            remarks.notes.append(f"{shown}: {remark}")
    else:
        decoded = decode(data, named=reading.encoding)
        _say(decoded, shown, remarks)
        text = decoded.text
    if not text.strip() and not blank:
        raise TopnerError("holds no text")
    yield Document(name, text)


def _rows(
    kind: Kind, name: str, shown: str, handle: BinaryIO, remarks: Remarks, reading: Reading
) -> Iterator[Document]:
    columns = reading.columns
    rows: Iterator[Row | TopnerError]
    if kind == "csv":
        head, rows = csv_rows(handle, columns, reading.encoding)
        _say(head, shown, remarks)
    elif kind == "xlsx":
        rows = xlsx_rows(read_stream(handle), columns)
    elif kind == "parquet":
        rows = parquet_rows(handle, columns)
    else:
        rows = jsonl_rows(handle, columns)
    empty, seen, ids = list[int](), False, RowIds()
    for row in rows:
        seen = True
        if isinstance(row, TopnerError):
            remarks.problems.append(f"{shown}, {row}")
        elif row.text is None:
            remarks.problems.append(f"{shown}, row {row.number}: its text is no text")
        else:
            if not row.text.strip():
                empty.append(row.number)
            yield Document(ids.take(row.id or f"{name}:{row.number}", row.number), row.text)
    if not seen:
        raise TopnerError("holds no row")
    if ids.note:
        remarks.notes.append(f"{shown}: {ids.note}")
    if empty:
        more = f" and {len(empty) - _NAMED_ROWS} more" if len(empty) > _NAMED_ROWS else ""
        remarks.notes.append(f"{shown}: no text in row {', '.join(map(str, empty[:_NAMED_ROWS]))}{more}")


def _say(decoded: Decoded, shown: str, remarks: Remarks) -> None:
    if decoded.doubt:
        remarks.notes.append(f"{shown}: read as {decoded.encoding}, but {decoded.doubt} (name it with --encoding)")
    elif decoded.encoding != "UTF-8":
        remarks.encodings.setdefault(decoded.encoding, []).append(shown)
    if decoded.lost:
        remarks.notes.append(
            f"{shown}: {decoded.lost} characters cannot be read as {decoded.encoding}; they stand as �"
        )


def _opened(path: Path) -> BinaryIO:
    """The file, seekable: a pipe or a device is read as a whole, up to a limit."""
    if path == STDIN:
        return io.BytesIO(read_stream(sys.stdin.buffer))
    if not path.is_file():
        return io.BytesIO(read_bounded(path))
    try:
        return path.open("rb")
    except OSError as error:
        raise TopnerError(f"cannot be read: {error.strerror}", path=path) from None
