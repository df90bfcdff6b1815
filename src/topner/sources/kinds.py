"""What kind of file it is: by its content where that is unmistakable, else by the ending of its name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import BinaryIO, Literal

from topner.errors import TopnerError
from topner.sources.bounds import BROKEN_ZIP
from topner.sources.page import looks_like_html

Kind = Literal["text", "html", "docx", "pdf", "csv", "xlsx", "jsonl", "parquet"]

_BY_SUFFIX: dict[str, Kind] = {
    ".txt": "text",
    ".md": "text",
    ".html": "html",
    ".htm": "html",
    ".docx": "docx",
    ".pdf": "pdf",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".jsonl": "jsonl",
    ".parquet": "parquet",
}
SUFFIXES: tuple[str, ...] = tuple(_BY_SUFFIX)
"""Endings of the files that are read when a folder is named."""

TABLE_SUFFIXES: tuple[str, ...] = (".csv", ".tsv", ".xlsx", ".jsonl", ".parquet")
"""Endings of the files that hold a document a row."""

_HEAD = 8192
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_READ = (
    (b"\x89PNG\r\n", "is an image", "run text recognition (OCR) on it first"),
    (b"\xff\xd8\xff", "is an image", "run text recognition (OCR) on it first"),
    (b"GIF8", "is an image", "run text recognition (OCR) on it first"),
    (b"II*\0", "is an image", "run text recognition (OCR) on it first"),
    (b"MM\0*", "is an image", "run text recognition (OCR) on it first"),
    (b"{\\rtf", "is RTF, which is not read", "save it as .docx"),
    (b"\x1f\x8b", "is packed", "unpack it"),
    (b"Rar!", "is an archive", "unpack it"),
    (b"7z\xbc\xaf", "is an archive", "unpack it"),
    (b"(\xb5/\xfd", "is packed", "unpack it"),
)


def kind_of(path: Path, handle: BinaryIO) -> Kind:
    """The kind of a file.

    Args:
        path: its name; an unknown ending counts as text unless it begins as a page does.
        handle: its content, seekable, at its beginning; is left there.

    Raises:
        TopnerError: it is of a kind that is not read.
    """
    head = handle.read(_HEAD)
    handle.seek(0)
    if b"%PDF-" in head[:1024] and head.lstrip()[:1] != b"<":
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(handle)
    if head.startswith(_OLE):
        raise TopnerError(*_ole(handle))
    if head.startswith(b"PAR1"):
        return "parquet"
    for mark, what, hint in _NOT_READ:
        if head.startswith(mark):
            raise TopnerError(what, hint=hint)
    kind = _BY_SUFFIX.get(path.suffix.lower())
    if kind is None:
        return "html" if looks_like_html(head) else "text"
    if kind in ("docx", "pdf", "xlsx", "parquet") and head.strip():
        raise TopnerError(f"is broken: it does not begin as {path.suffix} files do")
    return "text" if not head.strip() else kind


def _zip_kind(handle: BinaryIO) -> Kind:
    try:
        with zipfile.ZipFile(handle) as archive:
            names = archive.namelist()
    except BROKEN_ZIP as error:
        raise TopnerError(f"is broken: {error}") from None
    finally:
        handle.seek(0)
    if any(name.startswith("word/") for name in names):
        return "docx"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    raise TopnerError("is an archive", hint="unpack it")


def _ole(handle: BinaryIO) -> tuple[str]:
    """Office wraps an encrypted document into the container that its old formats used."""
    encrypted = "EncryptedPackage".encode("utf-16-le") in handle.read(io.DEFAULT_BUFFER_SIZE * 512)
    if encrypted:
        return ("is encrypted (save it without a password)",)
    return ("is an Office file of before 2007 (.doc, .xls, .wps), which is not read (save it as .docx or .xlsx)",)
