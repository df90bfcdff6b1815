"""Limits that a hostile or broken file runs into before it fills the memory."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import BinaryIO

from topner.errors import TopnerError

MOST_BYTES = 512 * 2**20  # of a file that is read as a whole
_MOST_UNPACKED = 512 * 2**20
_MOST_ENTRIES = 20_000
_MOST_RATIO = 200  # Word's XML packs to a tenth or a thirtieth
_FREE = 2**20  # what unpacks to less is never a bomb
BROKEN_ZIP = (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError)
"""What ``zipfile`` raises for archives that are damaged, or packed in a way it does not know (``NotImplementedError``)."""


def read_bounded(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file, a pipe or a device.

    Raises:
        TopnerError: it is missing, a folder, unreadable, or longer than ``most`` bytes.
    """
    try:
        with path.open("rb") as handle:
            return read_stream(handle, path, most)
    except FileNotFoundError:
        raise TopnerError("no such file", path=path) from None
    except IsADirectoryError:
        raise TopnerError("is a folder, a file was expected", path=path) from None
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError
        raise TopnerError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=path) from None


def read_stream(handle: BinaryIO, path: Path | None = None, most: int = MOST_BYTES) -> bytes:
    """What is left of a stream; :class:`TopnerError` when it is longer than ``most`` bytes."""
    pieces, left = [], most + 1
    while left and (piece := handle.read(min(left, 2**20))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise TopnerError(f"is longer than the {most / 2**20:.0f} MiB that are read", path=path, hint="split it")
    return b"".join(pieces)


def check_zip(data: bytes) -> zipfile.ZipFile:
    """Open a zip archive whose directory promises to stay within the limits.

    ``zipfile`` never unpacks more of an entry than its directory says, so that a directory that lies gains nothing. Nothing is
    ever written to disk, so that no entry's name can lead anywhere.

    Raises:
        TopnerError: it is broken, encrypted, or would unpack to too much.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except BROKEN_ZIP as error:
        raise TopnerError(f"is broken: {error}") from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise TopnerError("is encrypted", hint="save it without a password")
    unpacked = sum(entry.file_size for entry in entries)
    dense = any(e.file_size > _FREE and e.file_size > _MOST_RATIO * max(1, e.compress_size) for e in entries)
    if len(entries) > _MOST_ENTRIES or unpacked > _MOST_UNPACKED or dense:
        raise TopnerError(
            f"would unpack to {unpacked / 2**20:.0f} MiB from {len(data) / 2**20:.1f}; such a file is not opened"
        )
    return archive


def check_office(data: bytes) -> zipfile.ZipFile:
    """Like :func:`check_zip` for a Word or Excel file, whose XML must not declare entities."""
    archive = check_zip(data)
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            try:
                with archive.open(name) as part:
                    head = part.read(4096)
            except Exception as error:  # zlib and zipfile raise many kinds on broken data
                raise TopnerError(f"is broken: {name}: {error}") from None
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head or "<!DOCTYPE".encode("utf-16-le") in head:
                raise TopnerError(f"declares a document type ({name}), which no office program does; it is not opened")
    return archive
