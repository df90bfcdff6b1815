"""How well records agree with hand-made ones, field by field."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from topner.errors import TopnerError
from topner.evaluation.scores import Score
from topner.files import read_text
from topner.targets.record import TargetRecord
from topner.targets.table import Commitment

FIELDS = (
    *("indicator", "inherited", "direction", "comparator", "value", "value_max", "unit", "unit_implied"),
    *("base", "period", "scope"),
)  # fmt: skip
RECORD = ("indicator", "direction", "comparator", "value", "value_max", "unit", "period")
"""The fields that must all be right for the record to be right."""

Gold = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldScores:
    """Agreement of records with the gold.

    Attributes:
        gold: number of gold records.
        found: number of them whose span was read at all.
        right: by field, number that are exactly right.
        whole: number with every field of :data:`RECORD` right.
        wrong: gold records with their answers, where a field of :data:`RECORD` is wrong.
    """

    gold: int
    found: int
    right: Mapping[str, int]
    whole: int
    wrong: tuple[tuple[Gold, TargetRecord | None], ...]

    def table(self) -> str:
        """Exact match by field and of the whole record, for the terminal."""
        lines = [f"{self.gold} gold records, {self.found} spans found"]
        lines += [f"{name:13} {self.right[name] / max(self.gold, 1):.3f}" for name in FIELDS]
        lines.append(f"{'whole record':13} {self.whole / max(self.gold, 1):.3f}  ({', '.join(RECORD)})")
        return "\n".join(lines)


def read_gold(path: str | Path, names: Sequence[str] = FIELDS) -> list[dict[str, Any]]:
    """Hand-made records, one JSON object a line, with ``document``, ``start``, ``end``, ``text`` and the fields named.

    Raises:
        TopnerError: a line is no such object.
    """
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            missing = {"document", "start", "end", "text", *names} - row.keys()
        except (ValueError, AttributeError):
            raise TopnerError(f"line {number} is no JSON object", path=path) from None
        if missing:
            raise TopnerError(f"line {number} lacks {', '.join(sorted(missing))}", path=path)
        rows.append(row)
    return rows


def score_records(gold: Sequence[Gold], records: Iterable[TargetRecord]) -> FieldScores:
    """Compare records with gold ones that stand at the same span of the same document.

    The indicator is compared as written. A gold record whose span was not read has every field wrong.

    Args:
        gold: see :func:`read_gold`.
        records: what was read.
    """
    held = {(r.document, r.start, r.end): r for r in records}
    right = dict.fromkeys(FIELDS, 0)
    whole = found = 0
    wrong: list[tuple[Gold, TargetRecord | None]] = []
    for row in gold:
        record = held.get((row["document"], row["start"], row["end"]))
        if record is None:
            wrong.append((row, None))
            continue
        found += 1
        agree = {name: _same(name, row[name], record) for name in FIELDS}
        for name, same in agree.items():
            right[name] += same
        if all(agree[name] for name in RECORD):
            whole += 1
        else:
            wrong.append((row, record))
    return FieldScores(len(gold), found, right, whole, tuple(wrong))


def _same(name: str, gold: Any, record: TargetRecord) -> bool:
    if name in ("value", "value_max"):
        value: Fraction | None = getattr(record, name)
        return value == (None if gold in (None, "") else Fraction(gold))
    return bool(gold == (record.written if name == "indicator" else getattr(record, name)))


@dataclass(frozen=True, slots=True)
class PartyScores:
    """Agreement on who answers for targets and in which projects; an organisation counts by its name, not its place.

    Attributes:
        parties: precision, recall and F1 of the responsible organisations.
        unanswered: share of the targets without one in the gold for which none was given.
        ways: right and all answers by the way they were read.
        projects: precision, recall and F1 of the projects.
    """

    parties: Score
    unanswered: float
    ways: Mapping[str, tuple[int, int]]
    projects: Score

    def table(self) -> str:
        """The scores for the terminal."""
        lines = [f"{'':12} precision  recall      f1   gold  found"]
        for name, s in (("responsible", self.parties), ("projects", self.projects)):
            lines.append(f"{name:12} {s.precision:9.3f}  {s.recall:6.3f}  {s.f1:6.3f}  {s.support:5}  {s.predicted:5}")
        lines.append("none where the gold has none: " + f"{self.unanswered:.3f}")
        lines += [f"  by {way}: {right} of {given} right" for way, (right, given) in sorted(self.ways.items())]
        return "\n".join(lines)


def score_parties(gold: Sequence[Gold], rows: Iterable[Commitment]) -> PartyScores:
    """Compare commitments with gold objects that hold ``document``, ``start``, ``end``, ``responsible`` and ``projects``.

    Args:
        gold: as in ``data/targets/parties.jsonl``; a mention that was not read counts as answered with none.
        rows: what was read.
    """
    held = {(row.record.document, row.record.start, row.record.end): row for row in rows}
    right = given = wanted = silent = empty = found = projects = shared = 0
    ways: defaultdict[str, list[bool]] = defaultdict(list)
    for target in gold:
        row = held.get((target["document"], target["start"], target["end"]))
        party = None if row is None else row.party
        answer = target["responsible"]
        wanted += answer is not None
        empty += answer is None
        silent += answer is None and party is None
        if party is not None:
            given += 1
            same = answer is not None and answer["text"] == party.mention.text
            right += same
            ways[party.via].append(same)
        named = {project["text"] for project in target["projects"]}
        read = set() if row is None else {text for _, _, text in row.projects}
        projects, found, shared = projects + len(named), found + len(read), shared + len(named & read)
    return PartyScores(
        Score.of(right, given, wanted),
        silent / empty if empty else 1.0,
        {way: (sum(answers), len(answers)) for way, answers in ways.items()},
        Score.of(shared, found, projects),
    )
