"""What there is to say about files that were read, and about those that could not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_NAMED = 3  # files of one encoding that are named; the others are counted


@dataclass
class Remarks:
    """Collects remarks while files are read; a person reads them at the end.

    Attributes:
        problems: one line for each file, or row of a table, that could not be read; any of them means exit status 1.
        notes: one line for each thing that was read but that a person should know of.
        encodings: files that were surely in another encoding than UTF-8, by encoding.
    """

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    encodings: dict[str, list[str]] = field(default_factory=dict)

    def extend(self, other: Remarks) -> None:
        """Take the remarks of another reading behind one's own."""
        self.problems += other.problems
        self.notes += other.notes
        for encoding, names in other.encodings.items():
            self.encodings.setdefault(encoding, []).extend(names)

    def lines(self) -> Iterator[str]:
        """Every remark as a line: notes first, problems last."""
        for encoding, names in self.encodings.items():
            more = len(names) - _NAMED
            yield f"read as {encoding}: {', '.join(names[:_NAMED])}" + (f" and {more} more" if more > 0 else "")
        yield from self.notes
        yield from self.problems
