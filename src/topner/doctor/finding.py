"""One line of the doctor's report, and the running of checks that must never break the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from topner.columns import display_width

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        name: what was looked at.
        state: ``warning`` for what still works, if less well; ``problem`` for what does not.
        said: what was found.
        todo: what to do about it; empty when nothing.
    """

    name: str
    state: State
    said: str
    todo: str = ""

    def to_json(self) -> dict[str, str]:
        """The object of ``topner doctor --json``."""
        return asdict(self)


Check = Callable[[], Iterable[Finding]]


def examine(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Run checks, lazily; one that fails is itself a finding.

    Args:
        checks: each with the name that its failure goes by.
    """
    for name, check in checks:
        try:
            yield from check()
        except Exception as error:  # a broken installation fails in any way, and this is where it must be told
            said = f"{type(error).__name__}: {error}".splitlines()[0]
            yield Finding(name, "problem", said, "install again: make setup, or pip install --force-reinstall topner")


def line(finding: Finding) -> str:
    """A finding for the terminal."""
    name = finding.name + " " * max(0, 22 - display_width(finding.name))
    todo = f"\n{'':33}-> {finding.todo}" if finding.todo else ""
    return f"{finding.state:<9}{name}  {finding.said}{todo}"
