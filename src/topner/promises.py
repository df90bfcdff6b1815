"""What the project promises, how each promise was tested, how often, and how often it failed."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NoReturn

import click

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
        script: that tried it, by file name; empty when not known.
        date: the day it was tried, as ``2026-11-30``; empty when not known.
    """

    promise: str
    how: str
    tries: int
    failures: int
    script: str = ""
    date: str = ""


class Count:
    """Counts the tries and failures of one promise, and prints each."""

    def __init__(self, promise: str, how: str) -> None:
        self.promise, self.how, self.tries, self.failures = promise, how, 0, 0
        click.echo(f"{promise}: {how}")

    def __call__(self, good: bool, what: str, said: str = "") -> None:
        """Count one try.

        Args:
            good: whether the promise held.
            what: was tried, for the person who watches.
            said: by what was tried; its end is printed when the promise did not hold.
        """
        self.tries += 1
        self.failures += not good
        click.echo(f"  {what}: {'good' if good else 'FAILED'}")
        if not good:
            click.echo(f"    {said.strip()[-500:]}")

    def row(self) -> Promise:
        """As a row of the table."""
        return Promise(self.promise, self.how, self.tries, self.failures)


def write_promises(path: Path, promises: Iterable[Promise], script: str = "") -> None:
    """Write one JSON object a promise and line.

    Args:
        path: the file.
        promises: the rows.
        script: file name of the script that has just tried them; rows without a date then get this day's.
    """
    if script:
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        promises = [replace(row, script=row.script or script, date=row.date or today) for row in promises]
    write_jsonl(path, map(asdict, promises))


def merge_promises(held: Iterable[Promise], new: Iterable[Promise]) -> list[Promise]:
    """The rows held, each replaced by the new one of the same promise tested the same way, then the new ones of their own.

    Nothing that was measured is dropped: a script that tries a part of the promises leaves the rows of the others.
    """
    rows = {(row.promise, row.how): row for row in held}
    for row in new:
        rows[row.promise, row.how] = row
    return list(rows.values())


def read_promises(path: Path) -> list[Promise]:
    """Read what :func:`write_promises` wrote; further keys of a line are left aside.

    Raises:
        TopnerError: the file cannot be read, or a line is no promise.
    """
    found = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            row = json.loads(line)
            known = (str(row.get(key, "")) for key in ("script", "date"))
            promise = Promise(row["promise"], row["how"], row["tries"], row["failures"], *known)
        except (ValueError, KeyError, TypeError, AttributeError):
            wanted = 'a line was expected to be {"promise": ..., "how": ..., "tries": N, "failures": N}'
            raise TopnerError(wanted, path=path, where=number) from None
        counts = (promise.tries, promise.failures)
        if any(type(count) is not int for count in counts) or not 0 <= promise.failures <= promise.tries:
            raise TopnerError(f"{promise.failures} failures in {promise.tries} tries", path=path, where=number)
        found.append(promise)
    return found


def promise_table(promises: Sequence[Promise]) -> str:
    """The promises as a Markdown table; the last column says by which script and when, where any row knows."""
    dated = any(row.script or row.date for row in promises)
    heads, rules = ["promise", "how it was tested", "tries", "failures"], ["---", "---", "---:", "---:"]
    rows = [[_cell(p.promise), _cell(p.how), f"{p.tries:,}", f"{p.failures:,}"] for p in promises]
    if dated:
        heads, rules = [*heads, "script, day"], [*rules, "---"]
        rows = [[*row, ", ".join(filter(None, (p.script, p.date)))] for row, p in zip(rows, promises, strict=True)]
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, *rows)]
    return "\n".join([lines[0], f"|{'|'.join(rules)}|", *lines[1:]])


def conclude(promises: Sequence[Promise], results: Path | None, script: str) -> NoReturn:
    """End a script that tried promises: print the table, keep the rows for scripts/trust.py, exit with 1 on a failure.

    Args:
        promises: the rows.
        results: JSON lines to write, if any.
        script: its file name.
    """
    click.echo(f"\n{promise_table(promises)}")
    if results is not None:
        write_promises(results, promises, script)
    sys.exit(any(promise.failures for promise in promises))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
