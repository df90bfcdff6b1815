"""Ids of a table's rows, each given once."""

from __future__ import annotations

from dataclasses import dataclass, field

_NAMED = 5


@dataclass
class RowIds:
    """Takes the ids of a table row by row; an id that an earlier row has is told apart by the number of its row.

    Outputs are joined, evaluated and resumed by id, so that two rows of one id would be one to whoever reads them.
    """

    _rows: dict[str, int] = field(default_factory=dict)
    _repeated: list[str] = field(default_factory=list)
    _count: int = 0

    def take(self, id: str, row: int) -> str:
        """The id that a row is to have: its own, or ``id:row`` where an earlier row has it."""
        found = id
        while found in self._rows:
            found = f"{found}:{row}"
        if found != id:
            self._count += 1
            if len(self._repeated) < _NAMED:
                self._repeated.append(f"row {row} has {id!r}, as has row {self._rows[id]}")
        self._rows[found] = row
        return found

    @property
    def note(self) -> str:
        """What is to be said of ids that stand in several rows; empty when there is none."""
        more = f" and {self._count - _NAMED} more" if self._count > _NAMED else ""
        return f"ids repeat, the row number was added: {'; '.join(self._repeated)}{more}" if self._count else ""
