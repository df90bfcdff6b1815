"""Tagged documents as jsonl, csv, a table, a page, or Label Studio tasks; which format a file is to have."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, cast, get_args

import topner
from topner.annotation.label_studio import task
from topner.document import Document
from topner.errors import TopnerError
from topner.inference.sheets import COLUMNS, mention_rows

OutputFormat = Literal["jsonl", "csv", "xlsx", "parquet", "table", "html", "label-studio"]
OUTPUT_FORMATS: tuple[str, ...] = get_args(OutputFormat)
MODEL_VERSION = f"topner {topner.__version__}"
TABLE_FILES = ("xlsx", "parquet")
"""Formats that are no text, see :mod:`topner.inference.sheets`."""
_BY_SUFFIX: dict[str, OutputFormat] = {
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
    ".txt": "table",
    ".html": "html",
    ".htm": "html",
    ".json": "label-studio",
}

_PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>topner</title><style>
body{max-width:46em;margin:2em auto;padding:0 1em;font:17px/1.9 "Noto Serif CJK SC","Songti SC",SimSun,serif;color:#222}
h2{font-size:1em;color:#666;border-bottom:1px solid #ddd} .text{white-space:pre-wrap;overflow-wrap:anywhere}
mark{background:none;border-bottom:3px solid #888;color:inherit} mark small{font:11px sans-serif;color:#555;margin-left:.2em}
mark.c0{border-color:#b3541e;background:#fdf0e6} mark.c1{border-color:#1f6f54;border-bottom-style:double;background:#e8f5ef}
mark.c2{border-color:#2c5aa0;border-bottom-style:dashed;background:#eaf1fb}
</style></head><body>
"""


def output_format(named: str | None, output: Path | None) -> OutputFormat:
    """The format to write: the one named, else that of the file's ending, for standard output jsonl.

    Raises:
        TopnerError: there is no such format, the ending says nothing, what the format needs is not installed, or it is no text
            for standard output.
    """
    suffix = "" if output is None else output.suffix.lower()
    format = named or ("jsonl" if output is None else _BY_SUFFIX.get(suffix))
    if format not in OUTPUT_FORMATS:
        what = f"there is no format {named!r}" if named else f"{suffix or 'no ending'!r} says no format"
        raise TopnerError(what, path=output, hint=f"--format {', '.join(OUTPUT_FORMATS)}")
    if output is None and format in TABLE_FILES:
        raise TopnerError(f"{format} is written to files only", hint=f"name one with -o FILE.{format}")
    needed = {"xlsx": "openpyxl", "parquet": "pyarrow"}.get(format)
    if needed is not None and find_spec(needed) is None:
        raise TopnerError(f"{format} needs {needed}", path=output, hint="pip install 'topner[tables]'")
    return cast("OutputFormat", format)


def render(documents: Iterable[Document], format: OutputFormat, labels: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the output piece by piece, a document at a time, so that nothing waits for the last one.

    Args:
        documents: tagged documents.
        format: what to write.
        labels: label names in order, for the colours of the page.

    Raises:
        ValueError: the format is no text.
    """
    if format in TABLE_FILES:
        raise ValueError(f"{format} is no text")
    if format == "jsonl":
        for document in documents:
            yield json.dumps(document.to_json(), ensure_ascii=False) + "\n"
    elif format == "csv":
        yield _row(COLUMNS)
        for document in documents:
            for row in mention_rows(document):
                yield _row((*row[:-1], _score(row[-1])))
    elif format == "table":
        for document in documents:
            yield _table(document)
    elif format == "html":
        yield _PAGE
        for document in documents:
            yield _section(document, labels)
        yield "</body></html>\n"
    else:
        lead = "["
        for document in documents:
            yield f"{lead}\n{json.dumps(task(document, predicted=True, model_version=MODEL_VERSION), ensure_ascii=False)}"
            lead = ","
        yield "[]\n" if lead == "[" else "\n]\n"


def _row(values: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(values)  # quotes a cell with a carriage return only where that ends its own lines
    return out.getvalue().removesuffix("\r\n") + "\n"


def _score(score: object) -> str:
    return f"{score:.4f}" if isinstance(score, float) else ""


def _table(document: Document) -> str:
    lines = [f"# {document.id}: {len(document.mentions)} mentions"]
    for m in document.mentions:
        score = "" if m.score is None else f"{m.score:5.2f}"
        shown = "".join(c if unicodedata.category(c)[0] != "C" else "⏎" if c == "\n" else "·" for c in m.text)
        lines.append(f"{m.start:>7} {m.end:>7}  {m.label:<8} {score}  {shown}")
    return "\n".join(lines) + "\n"


def _section(document: Document, labels: tuple[str, ...]) -> str:
    pieces, position = [f'<h2>{escape(document.id)}</h2>\n<div class="text">'], 0
    for m in document.mentions:
        colour = labels.index(m.label) % 3 if m.label in labels else 0
        title = m.label if m.score is None else f"{m.label} {m.score:.2f}"
        pieces.append(escape(document.text[position : m.start]))
        pieces.append(
            f'<mark class="c{colour}" title="{escape(title)}">{escape(m.text)}<small>{escape(m.label)}</small></mark>'
        )
        position = m.end
    pieces.append(escape(document.text[position:]))
    return "".join(pieces) + "</div>\n"
