"""Tagged documents as an Excel or a parquet file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from topner.document import Document
from topner.ledger import inert
from topner.workbook import save_book

COLUMNS = ("id", "start", "end", "label", "text", "score")
"""Of a table with a row a mention: offsets are half-open code points of the raw text."""
_WIDTHS = (28, 9, 9, 12, 60, 9)
_MOST_ROWS = 2**20 - 1  # of a sheet, below its header
_LONGEST_CELL = 32_767
_GROUP = 256  # documents of a parquet row group


def mention_rows(document: Document) -> Iterator[tuple[object, ...]]:
    """The cells under :data:`COLUMNS`, a row a mention; texts are made inert for spreadsheets."""
    for m in document.mentions:
        score = None if m.score is None else round(m.score, 4)
        yield inert(document.id), m.start, m.end, m.label, inert(m.text), score


def write_xlsx(documents: Iterable[Document], path: Path) -> None:
    """Write a row a mention; a further sheet begins where one is full.

    The same documents give the same bytes. A text longer than a cell may be ends in ``…``; characters that Excel refuses are
    U+FFFD.

    Args:
        documents: tagged documents; may be lazy.
        path: file to write.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    def fit(cell: object) -> object:
        if not isinstance(cell, str):
            return cell
        text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", cell)
        return text if len(text.encode("utf-16-le")) <= 2 * _LONGEST_CELL else text[: _LONGEST_CELL // 2 - 1] + "…"

    rows = (row for document in documents for row in mention_rows(document))
    book = Workbook(write_only=True)
    number = 0
    while (some := list(islice(rows, 1))) or not number:
        number += 1
        sheet = book.create_sheet("mentions" if number == 1 else f"mentions {number}")
        for i, width in enumerate(_WIDTHS, start=1):
            sheet.column_dimensions[get_column_letter(i)].width = width
        sheet.freeze_panes = "A2"
        header = [WriteOnlyCell(sheet, name) for name in COLUMNS]
        for cell in header:
            cell.font = Font(bold=True)
        sheet.append(header)
        for row in chain(some, islice(rows, _MOST_ROWS - 1)):
            sheet.append([fit(cell) for cell in row])
    save_book(book, path)


def write_parquet(documents: Iterable[Document], path: Path) -> None:
    """Write a row a document: ``id``, ``text`` and ``entities``, typed as :data:`topner.inference.ray_engine.SCHEMA` has them.

    The same documents give the same bytes.

    Args:
        documents: tagged documents; may be lazy.
        path: file to write.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from topner.inference.ray_engine import SCHEMA

    schema = pa.schema([SCHEMA.field(name) for name in ("id", "text", "entities")])
    documents = iter(documents)
    with pq.ParquetWriter(path, schema) as writer:
        while rows := [document.to_json() for document in islice(documents, _GROUP)]:
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
