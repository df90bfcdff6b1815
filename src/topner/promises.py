"""What the project promises, how each promise was tested, how often, and how often it failed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from topner.errors import TopnerError
from topner.files import read_text, write_jsonl


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of the table.

    Attributes:
        promise: what holds.
        how: what was done to break it.
        tries: how often it was tried.
        failures: how often it did not hold.
    """

    promise: str
    how: str
    tries: int
    failures: int


def write_promises(path: Path, promises: Iterable[Promise]) -> None:
    """Write one JSON object a promise and line."""
    write_jsonl(path, map(asdict, promises))


def read_promises(path: Path) -> list[Promise]:
    """Read what :func:`write_promises` wrote; further keys of a line are left aside.

    Raises:
        TopnerError: the file cannot be read, or a line is no promise.
    """
    found = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            row = json.loads(line)
            promise = Promise(row["promise"], row["how"], row["tries"], row["failures"])
        except (ValueError, KeyError, TypeError):
            wanted = 'a line was expected to be {"promise": ..., "how": ..., "tries": N, "failures": N}'
            raise TopnerError(wanted, path=path, where=number) from None
        counts = (promise.tries, promise.failures)
        if any(type(count) is not int for count in counts) or not 0 <= promise.failures <= promise.tries:
            raise TopnerError(f"{promise.failures} failures in {promise.tries} tries", path=path, where=number)
        found.append(promise)
    return found


def promise_table(promises: Sequence[Promise]) -> str:
    """The promises as a Markdown table."""
    rows = [f"| {_cell(p.promise)} | {_cell(p.how)} | {p.tries:,} | {p.failures:,} |" for p in promises]
    return "\n".join(["| promise | how it was tested | tries | failures |", "|---|---|---:|---:|", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
