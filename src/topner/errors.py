"""Errors that speak to the person at the keyboard.

Every problem that bad input can cause is raised as :class:`TopnerError`; the command line prints its message, without a
traceback, and exits with status 1. Programming errors stay what they are.
"""

from __future__ import annotations

from pathlib import Path


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
        return f"{text} ({self.hint})" if self.hint else text
