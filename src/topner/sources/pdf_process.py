"""PDF files read in a process of their own, which ends when a page takes too long.

A page of a few kilobytes can ask for hours of work, and nothing within Python can break that off safely.
"""

from __future__ import annotations

import faulthandler
import json
import os
import subprocess
import sys

from topner.errors import TopnerError
from topner.sources.pdf import pdf_text

PAGE_SECONDS, FILE_SECONDS = 60, 3600
_SPLIT = "print it to a new PDF, or take out the pages that matter"


def bounded_pdf_text(
    data: bytes, page_seconds: float = PAGE_SECONDS, file_seconds: float = FILE_SECONDS
) -> tuple[str, int, int]:
    """What :func:`topner.sources.pdf.pdf_text` gives, in bounded time.

    Args:
        data: the file.
        page_seconds: most seconds for opening the file, and for each page.
        file_seconds: most seconds for the file.

    Raises:
        TopnerError: as there, or it takes longer.
    """
    if not sys.executable:  # embedded in another program
        return pdf_text(data)
    # as this process would import it, and nothing from the folder where the user happens to be
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-m", __spec__.name, str(page_seconds)]
    try:
        done = subprocess.run(  # noqa: S603 (this very module)
            command, input=data, capture_output=True, check=False, timeout=file_seconds, env=environment
        )
    except subprocess.TimeoutExpired:
        raise TopnerError(f"takes longer than {file_seconds:.0f} seconds to read", hint="split it") from None
    if done.returncode:
        page = done.stderr.rpartition(b"page ")[2].split(b"\n")[0].decode("ascii", "replace")
        if done.returncode == 1 and page.isdigit():
            where = f"page {page}" if page != "0" else "its table of pages"
            raise TopnerError(f"{where} takes longer than {page_seconds:g} seconds to read", hint=_SPLIT)
        raise TopnerError("is broken: the program that reads it broke down")
    found = json.loads(done.stdout)
    if "message" in found:
        raise TopnerError(found["message"], hint=found["hint"])
    return found["text"], found["blank"], found["pages"]


def main() -> None:
    """Read a PDF from standard input; write a JSON object to standard output, the pages begun to standard error."""
    seconds = float(sys.argv[1])
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 (no file)

        def at_page(number: int) -> None:
            print(f"page {number}", file=sys.stderr, flush=True)
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)  # ends the process with status 1

        try:
            text, blank, pages = pdf_text(sys.stdin.buffer.read(), at_page)
            found = {"text": text, "blank": blank, "pages": pages}
        except TopnerError as error:
            found = {"message": error.message, "hint": error.hint}
        faulthandler.cancel_dump_traceback_later()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
