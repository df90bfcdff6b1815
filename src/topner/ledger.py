"""The loss ledger: one row for every annotation that was dropped, moved or repaired on its way."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from topner.errors import TopnerError
from topner.files import atomic_path

Action = Literal["dropped", "moved", "repaired"]


@dataclass(frozen=True, slots=True)
class Loss:
    """One annotation that did not survive as it was.

    Attributes:
        document: id of the document.
        stage: the step that did it (``convert``, ``overlap``, ``align``, ``window`` ...).
        action: ``dropped`` (gone), ``moved`` (its boundary changed), ``repaired`` (its source offsets were wrong and
            the right ones were found).
        label: label of the annotation.
        start: raw-text offset in code points as the source gave it; -1 when it gave none.
        end: one past its end, likewise.
        text: the annotation's text.
        reason: why, in words.
    """

    document: str
    stage: str
    action: Action
    label: str
    start: int
    end: int
    text: str
    reason: str


@dataclass
class Ledger:
    """Collects losses; counts what was seen so that a share can be judged.

    Attributes:
        losses: the rows, in order.
        seen: how many annotations were looked at.
    """

    losses: list[Loss] = field(default_factory=list)
    seen: int = 0

    def add(
        self, document: str, stage: str, action: Action, label: str, start: int, end: int, text: str, reason: str
    ) -> None:
        """Enter one row."""
        self.losses.append(Loss(document, stage, action, label, start, end, text, reason))

    def extend(self, other: Ledger) -> None:
        """Take over the rows and the count of another ledger."""
        self.losses.extend(other.losses)
        self.seen += other.seen

    def __iter__(self) -> Iterator[Loss]:
        return iter(self.losses)

    def __len__(self) -> int:
        return len(self.losses)

    @property
    def dropped(self) -> int:
        """Number of annotations that are gone."""
        return sum(loss.action == "dropped" for loss in self.losses)

    def summary(self) -> str:
        """One line a person can read, with the counts by action and the commonest reasons."""
        if not self.losses:
            return f"{self.seen} annotations, nothing lost"
        actions = Counter(loss.action for loss in self.losses)
        counts = ", ".join(f"{actions[action]} {action}" for action in ("dropped", "moved", "repaired"))
        reasons = "; ".join(
            f"{n} x {reason}"
            for reason, n in Counter(loss.reason.partition(":")[0] for loss in self.losses).most_common(5)
        )
        return f"{self.seen} annotations, {counts} ({reasons})"

    def write(self, path: str | Path) -> None:
        """Write the rows as CSV with a header line (UTF-8 with byte order mark, so that spreadsheets show Chinese)."""
        write_losses(path, self.losses)

    def check(self, threshold: float) -> None:
        """Raise :class:`TopnerError` when the dropped share of the annotations seen is above ``threshold`` (0..1)."""
        share = self.dropped / self.seen if self.seen else 0.0
        if share > threshold:
            raise TopnerError(
                f"{self.dropped} of {self.seen} annotations were dropped ({share:.2%}), more than the {threshold:.2%} allowed",
                hint="read the loss ledger; raise the threshold if the losses are right",
            )


def write_losses(path: str | Path, losses: Iterable[Loss]) -> None:
    """Write loss rows as CSV; see :meth:`Ledger.write`."""
    names = [f.name for f in fields(Loss)]
    write_table(path, names, ([getattr(loss, name) for name in names] for loss in losses))


def write_table(path: str | Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV table with a header line, whole or not at all; cells of source text are made :func:`inert`."""
    # backslashreplace: half a surrogate pair, from the name of a file, must not end the writing
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as out,
    ):
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([inert(cell) for cell in row] for row in rows)


def inert(value: object) -> object:
    """Keep a spreadsheet from taking a cell of source text for a formula: such a text gets an apostrophe in front.

    Full-width signs count too, some spreadsheets read them like the plain ones. Other values pass unchanged.
    """
    return "'" + value if isinstance(value, str) and value[:1] in tuple("=+-@\t\r\n＝＋－＠") else value
