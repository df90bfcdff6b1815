"""The text of an HTML page: its main part where that can be told, else all of it."""

from __future__ import annotations

import logging
import re

from topner.errors import TopnerError
from topner.sources.encoding import Decoded, decode
from topner.text.alignment import AlignedText
from topner.text.markup import strip_markup

MOST_BYTES = 32 * 2**20
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>", re.IGNORECASE)
_BEGINNING = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*")
_LEAST_SHARE = 0.25  # of the page's text that the main part has on most pages of news and reports


def looks_like_html(data: bytes) -> bool:
    """Whether a file without a telling name begins as a page does."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") and bool(_BEGINNING.search(head))


def decode_page(data: bytes, declared: str | None = None) -> Decoded:
    """A page's source; the encoding it names in its head is taken where the bytes fit it.

    Raises:
        TopnerError: it is no text.
    """
    named = _CHARSET.search(data[:4096])
    return decode(data, declared=declared or (named[1].decode("ascii") if named else None))


def page_text(html: str) -> tuple[str, str]:
    """The main text of a page, by trafilatura (Barbaresi 2021), with its lists and tables, without menus, scripts and readings.

    Nothing is run or fetched. A page in which no main part is found, or one nested too deeply to be parsed, gives all its text.

    Args:
        html: the page's source.

    Returns:
        The text, and a remark when it may be less or more than the main part; else the empty string.

    Raises:
        TopnerError: the page holds no text, or trafilatura is not installed.
    """
    try:
        from trafilatura import extract
    except ImportError:
        raise TopnerError("HTML pages need trafilatura", hint="pip install 'topner[files]'") from None
    for name in ("trafilatura", "htmldate", "justext"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    source = _DECLARATION.sub("", html, count=1)
    try:
        main = extract(source, favor_recall=True, include_comments=False, include_tables=True, deduplicate=False) or ""
    except Exception:  # parsers of broken pages raise anything; all of the text is there still
        logging.getLogger(__name__).debug("trafilatura failed", exc_info=True)
        main = ""
    whole = _BLANK_LINES.sub("\n", AlignedText.of(source).apply(strip_markup(source)).text).strip()
    if not whole and not main:
        raise TopnerError(
            "holds no text", hint="a page that scripts fill must be saved from the browser once it is shown"
        )
    if not main:
        return whole + "\n", "no main text was found; all the text of the page is taken"
    seen, all_of_it = len("".join(main.split())), len("".join(whole.split()))
    if seen < _LEAST_SHARE * all_of_it:
        return main + "\n", f"the main text is {seen} of the page's {all_of_it} characters"
    return main + "\n", ""
