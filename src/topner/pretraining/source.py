"""Read plain text paragraph by paragraph, never a whole file at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TextIO

from topner.corpus.standoff import standoff_lines
from topner.errors import TopnerError
from topner.pretraining.config import SourceConfig

_SUFFIXES = (".txt", ".zst")


def text_files(source: SourceConfig) -> list[Path]:
    """The files of a source, sorted by name; those of a folder are its ``.txt`` and ``.zst`` files at any depth.

    Raises:
        TopnerError: there is none, or ``lines`` or ``without`` is given for a folder.
    """
    if source.path.is_file():
        return [source.path]
    if not source.path.is_dir():
        raise TopnerError("no such file or folder", path=source.path)
    if source.lines is not None or source.without is not None:
        raise TopnerError("lines and without need one file, this is a folder", path=source.path)
    found = sorted(path for path in source.path.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    if not found:
        raise TopnerError(f"holds no {' or '.join(_SUFFIXES)} file", path=source.path)
    return found


def read_documents(source: SourceConfig, longest: int) -> Iterator[list[str]]:
    """Documents of a source as lists of paragraphs without line ends, in order.

    Lines that are left out count for where documents end, so that all others stand in the documents that they stand in anyway;
    a document of which nothing is left is an empty list.

    Args:
        source: where.
        longest: paragraphs after which a document ends though no empty line or end of file has come.

    Raises:
        TopnerError: a file is not readable, not UTF-8 or not Zstandard, or not the one that was annotated.
    """
    offset = source.lines[0] if source.lines else 0
    for path in text_files(source):
        left_out = standoff_lines(source.without, _raw_lines(path)) if source.without is not None else set()
        document: list[str] = []
        read = 0
        for number, paragraph in enumerate(read_lines(path, source.lines), offset):
            if paragraph:
                read += 1
                document += [paragraph] if number not in left_out else []
            if read and (not paragraph or read == longest):
                yield document
                document, read = [], 0
        if read:
            yield document


def read_lines(path: Path, lines: tuple[int, int] | None = None) -> Iterator[str]:
    """Stripped lines ``[first, last)`` of a text file, ``.zst`` unpacked on the way.

    Raises:
        TopnerError: the file is not readable, not UTF-8 or not Zstandard.
    """
    for line in _raw_lines(path, lines):
        yield line.strip()


def _raw_lines(path: Path, lines: tuple[int, int] | None = None) -> Iterator[str]:
    first, last = lines or (0, None)
    try:
        with _open(path) as text:
            for line in islice(text, first, last):
                yield line.removesuffix("\n")
    except UnicodeDecodeError:
        raise TopnerError("is not UTF-8 text", path=path, hint="convert it to UTF-8 first") from None
    except OSError as error:
        raise TopnerError(f"cannot be read: {error.strerror or error}", path=path) from None


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    if path.suffix != ".zst":
        with path.open(encoding="utf-8-sig") as text:
            yield text
        return
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise TopnerError(
            "reading .zst needs backports.zstd", path=path, hint="pip install 'topner[pretrain]', or unpack the file"
        ) from None
    try:
        with zstd.open(path, "rt", encoding="utf-8-sig") as text:
            yield text
    except (zstd.ZstdError, EOFError) as error:
        raise TopnerError(f"is not Zstandard, or broken: {error}", path=path) from None
