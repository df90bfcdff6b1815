"""Errors that speak to the person at the keyboard.

Every problem that bad input can cause is raised as :class:`TopnerError`; the command line prints its message, without a
traceback, and exits with status 1. Programming errors stay what they are.
"""

from __future__ import annotations

import re
from pathlib import Path

# What a file may hold to move the cursor, break a line or turn the writing round: a terminal is to show it, not to obey it.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class TopnerError(Exception):
    """A problem the user can mend: says where it is, what was expected and what to do.

    Args:
        message: what is wrong and what was expected.
        path: the file concerned, if any.
        where: the place inside the file (``line 12``, ``task 7``).
        hint: what to do about it.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | Path | None = None,
        where: str | int | None = None,
        hint: str | None = None,
    ) -> None:
        self.message = message
        self.path = None if path is None else Path(path)
        self.where = f"line {where}" if isinstance(where, int) else where
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        place = ", ".join(str(part) for part in (self.path, self.where) if part is not None)
        text = f"{place}: {self.message}" if place else self.message
        text = f"{text} ({self.hint})" if self.hint else text
        return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
