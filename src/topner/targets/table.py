"""Commitments as a table: one row each, for a spreadsheet or a program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

from topner.document import Document
from topner.errors import TopnerError
from topner.files import atomic_path, write_jsonl
from topner.labels import TARGET
from topner.ledger import inert, write_table
from topner.targets.party import Party, projects, responsible
from topner.targets.read import records_of
from topner.targets.record import TargetRecord, exact
from topner.targets.scene import Scene
from topner.targets.voice import Voices
from topner.text.clean import clean
from topner.workbook import save_book

TableFormat = Literal["xlsx", "csv", "jsonl", "parquet"]
TABLE_FORMATS: tuple[str, ...] = get_args(TableFormat)

COLUMNS = (
    *("document", "indicator", "indicator_written", "inherited", "direction", "comparator", "value", "value_max", "unit"),
    *("unit_implied", "amount", "base", "period", "scope", "responsible", "responsible_via", "responsible_confidence"),
    *("projects", "text", "sentence", "start", "end", "score"),
)  # fmt: skip
_SIGNS = {"=": "", ">=": "≥", ">": ">", "<=": "≤", "<": "<", "about": "≈", "between": "", "": ""}
_SAFE_INTEGER = 2**53


@dataclass(frozen=True, slots=True)
class Commitment:
    """A target with who is to deliver it and where.

    Attributes:
        record: the target.
        party: who answers for it; ``None`` where the text does not say.
        projects: raw ``(start, end, text)`` of the projects in the same commitment.
        sentence: the sentence it stands in.
    """

    record: TargetRecord
    party: Party | None
    projects: tuple[tuple[int, int, str], ...]
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """The object of a jsonl line: the record's fields, then ``responsible`` and ``projects`` with their offsets."""
        party = None
        if self.party is not None:
            m = self.party.mention
            party = {"start": m.start, "end": m.end, "text": m.text, "via": self.party.via}
            party["confidence"] = self.party.confidence
        record = self.record.to_json()
        record["amount"] = amount(self.record)
        record["responsible"] = party
        record["projects"] = [{"start": start, "end": end, "text": text} for start, end, text in self.projects]
        record["sentence_text"] = self.sentence
        return record

    def row(self) -> tuple[object, ...]:
        """The cells under :data:`COLUMNS`."""
        r, party = self.record, self.party
        return (
            *(r.document, r.indicator, r.written, r.inherited, r.direction, r.comparator),
            *(_number(r.value), _number(r.value_max), r.unit, r.unit_implied, amount(r), r.base, r.period, r.scope),
            *((party.mention.text, party.via, party.confidence) if party else ("", "", None)),
            *("；".join(text for _, _, text in self.projects), r.text, self.sentence, r.start, r.end),
            None if r.score is None else round(r.score, 4),
        )  # fmt: skip


def commitments(document: Document, label: str = TARGET) -> tuple[Commitment, ...]:
    """The commitments of a document with mentions, by position.

    Args:
        document: with TARGET mentions, and ORG and PROJECT mentions for who and where.
        label: of targets.
    """
    aligned = clean(document.text)
    scene = Scene.of(document, aligned, label)
    voices = Voices(scene)
    return tuple(
        Commitment(
            record,
            responsible(scene, voices, target),
            tuple((m.start, m.end, m.text) for m in projects(scene, target)),
            document.text[slice(*record.sentence)].strip(),
        )
        for record, target in zip(records_of(document, aligned, label), scene.targets, strict=True)
    )


def amount(record: TargetRecord) -> str:
    """The quantity as people write it: ``≥115亿元``, ``5%–6%``; empty without a value."""
    if record.value is None:
        return ""
    low = _written(record.value, record.unit)
    if record.value_max is None:
        return f"{_SIGNS[record.comparator]}{low}"
    return f"{low}–{_written(record.value_max, record.unit)}"


def write_commitments(path: str | Path, rows: Iterable[Commitment], format: TableFormat | None = None) -> int:
    """Write commitments, whole or not at all.

    Args:
        path: the file.
        rows: the commitments; may be lazy.
        format: by default the file's ending.

    Returns:
        The number of rows.

    Raises:
        TopnerError: no such format, a package is missing, or the file cannot be written.
    """
    path = Path(path)
    chosen = format or path.suffix.lstrip(".").lower()
    found = list(rows)
    if chosen == "jsonl":
        write_jsonl(path, (row.to_json() for row in found))
    elif chosen == "csv":
        write_table(path, COLUMNS, (row.row() for row in found))
    elif chosen == "xlsx":
        _write_xlsx(path, found)
    elif chosen == "parquet":
        _write_parquet(path, found)
    else:
        raise TopnerError(f"is no table format: {chosen!r}", path=path, hint="one of " + ", ".join(TABLE_FORMATS))
    return len(found)


def _write_xlsx(path: Path, rows: Sequence[Commitment]) -> None:
    try:
        from openpyxl import Workbook
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter
    except ImportError:
        raise TopnerError("xlsx needs openpyxl", path=path, hint="pip install 'topner[tables]'") from None
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "targets"
    sheet.append(COLUMNS)
    for row in rows:
        cells = [inert(cell) if isinstance(cell, str) else cell for cell in row.row()]
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("\ufffd", cell) if isinstance(cell, str) else cell for cell in cells])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for i, name in enumerate(COLUMNS, start=1):
        wide = name in ("indicator", "indicator_written", "text", "responsible", "projects")
        sheet.column_dimensions[get_column_letter(i)].width = 60 if name == "sentence" else 28 if wide else 13
    for line in sheet.iter_rows(
        min_row=2, min_col=COLUMNS.index("sentence") + 1, max_col=COLUMNS.index("sentence") + 1
    ):
        line[0].alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions
    with atomic_path(path) as temporary:
        save_book(book, temporary)


def _write_parquet(path: Path, rows: Sequence[Commitment]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"inherited": pa.bool_(), "unit_implied": pa.bool_(), "start": pa.int64(), "end": pa.int64()}
    kinds |= {"score": pa.float64(), "responsible_confidence": pa.float64()}
    kinds |= {"value": pa.float64(), "value_max": pa.float64()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS] + [("record", pa.string())])
    columns: list[list[object]] = [list(column) for column in zip(*(row.row() for row in rows), strict=True)]
    columns = columns or [[] for _ in COLUMNS]
    for name in ("value", "value_max"):
        place = COLUMNS.index(name)
        columns[place] = [None if cell is None else float(Fraction(str(cell))) for cell in columns[place]]
    columns.append([json.dumps(row.to_json(), ensure_ascii=False) for row in rows])
    table = pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary)


def _number(value: Fraction | None) -> object:
    """A cell that a spreadsheet can add up: a number where it holds it exactly enough, else the exact text."""
    if value is None:
        return None
    if value.denominator == 1 and abs(value.numerator) < _SAFE_INTEGER:
        return value.numerator
    text = exact(value) or ""
    return text if "/" in text or len(text.lstrip("-0.")) > 15 else float(text)


def _written(value: Fraction, unit: str) -> str:
    for size, name in ((10**8, "亿"), (10**4, "万")):
        if abs(value) >= size and unit not in ("%", "个百分点"):
            return f"{exact(value / size)}{name}{unit}"
    return f"{exact(value)}{unit}"
