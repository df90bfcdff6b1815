"""The text layer of a PDF, with the lines that its pages broke put together again."""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from topner.errors import TopnerError

_MOST_PAGES = 20_000
_PAGE_NUMBER = re.compile(
    r"\s*(?:[-—–－·]*\s*\d{1,4}\s*[-—–－·]*|第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?)\s*"
)
_ENDS = "。！？；!?;：:"
_NARROWEST = 40  # columns; below that lines may be of one length by chance
_SHORTER = 6  # columns that a full line may lack: characters that were not to begin the next one, narrow digits


def pdf_text(data: bytes, at_page: Callable[[int], object] = int) -> tuple[str, int, int]:
    """The text of a PDF in the order of its text layer.

    A line that fills its page's width and ends within a sentence is joined with the next, over page ends too, because a mention
    never runs over a line end; page numbers alone at the head or foot of a page are left out.

    Args:
        data: the file.
        at_page: is called before each page with its number, from 1, and with 0 before the file is opened.

    Returns:
        The text, the number of pages without text, and the number of pages.

    Raises:
        TopnerError: the file is broken, needs a password, holds no text layer (scanned pages), or pypdf is not installed.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, PyPdfError
    except ImportError:
        raise TopnerError("PDF needs pypdf", hint="pip install 'topner[files]'") from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every flaw that it mends
    at_page(0)
    try:
        reader = PdfReader(io.BytesIO(data))
        # many files are locked against copying only: these open with an empty password
        if reader.is_encrypted and not reader.decrypt(""):
            raise TopnerError("is encrypted", hint="save it without a password")
        count = len(reader.pages)
        if count > _MOST_PAGES:
            raise TopnerError(f"has {count} pages, more than the {_MOST_PAGES} that are read", hint="split it")
        pages = []
        for number, page in enumerate(reader.pages, start=1):
            at_page(number)
            pages.append(page.extract_text() or "")
    except TopnerError:
        raise
    except DependencyError as error:
        raise TopnerError(f"is encrypted: {error}", hint="pip install 'topner[files]'") from None
    except (PyPdfError, Exception) as error:  # a broken file may raise anything from the depths of the reader
        logging.getLogger(__name__).debug("broken pdf", exc_info=True)
        raise TopnerError(f"is broken: {str(error).splitlines()[0] if str(error) else type(error).__name__}") from None
    blank = sum(not page.strip() for page in pages)
    if blank == count:
        raise TopnerError("holds no text layer, only images", hint="run text recognition (OCR) on it first")
    return join_lines([page.splitlines() for page in pages]), blank, count


def join_lines(pages: Sequence[Sequence[str]]) -> str:
    """Put the lines of pages together to paragraphs.

    Args:
        pages: lines of each page as they are set.

    Returns:
        Text with a line end after each paragraph; page numbers are gone.
    """
    text: list[str] = []
    going_on = False  # the line before goes on in this one
    bodies = [[line.rstrip() for line in _body(page) if line.strip()] for page in pages]
    full = _full_width([line for body in bodies for line in body])
    for body in bodies:
        for line in body:
            if going_on and not line.startswith(("\u3000", "  ")):
                glue = " " if _latin(text[-1][-1]) and _latin(line.lstrip()[0]) else ""
                text[-1] += glue + line.lstrip()
            else:
                text.append(line)
            going_on = _width(line) >= full - _SHORTER and line[-1] not in _ENDS
    return "\n".join(text) + "\n" if text else ""


def _body(lines: Sequence[str]) -> Iterator[str]:
    filled = [i for i, line in enumerate(lines) if line.strip()]
    edges = {filled[0], filled[-1]} if filled else set()
    for i, line in enumerate(lines):
        if not (i in edges and _PAGE_NUMBER.fullmatch(line)):
            yield line


def _full_width(lines: Sequence[str]) -> float:
    """Columns of a full line: the widest that another line comes near to; out of reach where lines are short or all differ."""
    widths = sorted(map(_width, lines), reverse=True)
    return next((a for a, b in pairwise(widths) if a - b <= _SHORTER and a >= _NARROWEST), float("inf"))


def _width(line: str) -> int:
    """Columns in print, where quotes and dashes too are as wide as a character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line)


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
