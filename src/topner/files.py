"""Reading and writing files so that nothing is left half-written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from topner.errors import TopnerError


def read_text(path: str | Path) -> str:
    """The file as UTF-8 text, line ends kept as they are; a leading byte order mark is dropped.

    Raises:
        TopnerError: the file is missing, a folder, unreadable or not UTF-8.
    """
    path = Path(path)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise TopnerError("no such file", path=path) from None
    except IsADirectoryError:
        raise TopnerError("is a folder, a file was expected", path=path) from None
    except UnicodeDecodeError as error:
        raise TopnerError(
            f"is not UTF-8 text (byte {error.start})", path=path, hint="convert it to UTF-8 first"
        ) from None
    except OSError as error:
        raise TopnerError(f"cannot be read: {error.strerror}", path=path) from None


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it there when the block ends well, remove it when it does not.

    Raises:
        TopnerError: the folder cannot be made or written to, or the disk is full.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise TopnerError(f"cannot be written: {error.strerror}", path=path) from None
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise TopnerError(f"cannot be written: {error.strerror}", path=path) from None
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """Like :func:`atomic_path` for a folder: ``path`` is replaced as a whole when the block ends well.

    Raises:
        TopnerError: the parent folder cannot be made or written to.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
        temporary.chmod(0o777 & ~_umask())
    except OSError as error:
        raise TopnerError(f"cannot be written: {error.strerror}", path=path) from None
    try:
        yield temporary
        old = path.with_name(f".{path.name}.old-{os.getpid()}")
        if path.exists():
            path.replace(old)
        temporary.replace(path)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise TopnerError(f"cannot be written: {error.strerror}", path=path) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text whole or not at all, line ends as they are."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


def write_json(path: str | Path, value: Any) -> None:
    """Write readable JSON whole or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_jsonl(path: str | Path, records: Iterable[Any]) -> None:
    """Write one JSON object a line, whole or not at all; ``records`` may be lazy."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def sha256(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with Path(path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
