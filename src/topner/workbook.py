"""Excel files that are the same bytes whenever they are written."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive knows
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def save_book(book: Workbook, path: Path) -> None:
    """Save a workbook without the time of day, which openpyxl writes into its properties and its archive.

    Args:
        book: of openpyxl; in write-only mode the sheets stay on disk all the while.
        path: the file to write; whole-or-nothing is the caller's care.
    """
    with tempfile.TemporaryFile() as draft:
        book.save(draft)
        draft.seek(0)
        with zipfile.ZipFile(draft) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                entry = zipfile.ZipInfo(name, _WHEN)
                entry.compress_type = zipfile.ZIP_DEFLATED
                if name == "docProps/core.xml":
                    new.writestr(entry, _DATES.sub(rb"\g<1>1980-01-01T00:00:00Z", old.read(name)))
                    continue
                with old.open(name) as source, new.open(entry, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target)
