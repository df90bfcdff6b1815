"""What has been measured so far, and what it comes to: medians, and ratios within a round."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from topner.benchmark.measure import Loaded, Turn
from topner.errors import TopnerError
from topner.files import read_text, write_json

VERSION = 2
FILE = "benchmark.json"


@dataclass(frozen=True)
class Spread:
    """Median, least and greatest of several rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Row:
    """A contender in the table.

    Attributes:
        name: of the contender.
        rounds: measured.
        speed: units a second.
        ratio: speed by that of the reference in the same round; ``None`` without such a round.
        p50, p95: seconds for one short text, over all calls of all rounds.
        memory: most bytes of its process.
        size: bytes of the model folder it runs; ``None`` where there is none.
        padding: share (0..1) of padding; ``None`` where nobody counts.
        utilisation: arithmetic that the text needs by what the machine could do in the time in that precision, 0..1.
        f1: strict micro F1; ``None`` where it was not asked for.
    """

    name: str
    rounds: int
    speed: Spread
    ratio: Spread | None
    p50: float | None
    p95: float | None
    memory: int
    size: int | None
    padding: float | None
    utilisation: float | None
    f1: float | None


@dataclass
class Results:
    """A benchmark, finished or not.

    Attributes:
        kind: ``tagging`` or ``training``.
        settings: what must be equal for turns to be comparable.
        reference: contender that ratios refer to.
        unit: what speed counts.
        machine: facts about it.
        peaks: best matrix products seen, operations a second by precision.
        flops: operations that a unit needs of the model that is benchmarked.
        same_weights: names of the contenders that run it.
        turns: by round number and contender name.
        f1: by contender.
        loaded: what each contender runs.
        left_out: why a contender is not in the table.
    """

    kind: str
    settings: dict[str, Any]
    reference: str
    unit: str
    machine: dict[str, Any] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    flops: float | None = None
    same_weights: frozenset[str] = frozenset()
    turns: list[tuple[int, str, Turn]] = field(default_factory=list)
    f1: dict[str, float] = field(default_factory=dict)
    loaded: dict[str, Loaded] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @classmethod
    def resumed(cls, fresh: Results, folder: Path) -> Results:
        """``fresh`` with what an earlier call of the same benchmark left in the folder.

        Raises:
            TopnerError: the folder holds something else.
        """
        path = folder / FILE
        if not path.is_file():
            return fresh
        try:
            known = json.loads(read_text(path))
            same = known["schema_version"] == VERSION and known["kind"] == fresh.kind
            differing = sorted(k for k in fresh.settings if known["settings"].get(k) != fresh.settings[k])
            turns = [(t.pop("round"), t.pop("contender"), Turn(**t)) for t in known["turns"]]
            peaks, f1 = dict(known["peaks"]), dict(known["f1"])
            loaded = {name: Loaded(**value) for name, value in known["loaded"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise TopnerError("is no benchmark of topner", path=path, hint="name another folder") from None
        if not same or differing:
            what = ", ".join(differing) or "kind"
            message = f"holds a benchmark with other settings ({what})"
            raise TopnerError(message, path=path, hint="name another folder, or add --anew to measure all again")
        fresh.turns, fresh.peaks, fresh.f1, fresh.loaded = turns, peaks, f1, loaded
        return fresh

    def rounds_of(self, name: str) -> int:
        """Turns that a contender has had."""
        return sum(contender == name for _, contender, _ in self.turns)

    def rows(self, order: Sequence[str]) -> list[Row]:
        """The table, those of ``order`` that have been measured."""
        by_name: dict[str, list[tuple[int, Turn]]] = defaultdict(list)
        for number, name, turn in self.turns:
            by_name[name].append((number, turn))
        return [self._row(name, by_name) for name in order if name in by_name]

    def ratio(self, name: str, other: str) -> Spread | None:
        """Speeds of two contenders, one by the other, in the rounds that both were in."""
        ours, theirs = ({n: t.speed for n, c, t in self.turns if c == who} for who in (name, other))
        shared = [ours[number] / theirs[number] for number in ours.keys() & theirs.keys()]
        return Spread.of(shared) if shared else None

    def write(self, folder: Path, order: Sequence[str]) -> None:
        """Write ``benchmark.json`` whole."""
        head = {name: getattr(self, name) for name in ("kind", "settings", "reference", "unit", "machine", "peaks")}
        record = {
            "schema_version": VERSION,
            **head,
            "flops_per_unit": self.flops,
            "contenders": [asdict(row) for row in self.rows(order)],
            "left_out": [{"name": name, "reason": reason} for name, reason in self.left_out.items()],
            "f1": self.f1,
            "loaded": {name: asdict(value) for name, value in self.loaded.items()},
            "turns": [{"round": number, "contender": name, **turn.to_json()} for number, name, turn in self.turns],
        }
        write_json(folder / FILE, record)

    def _row(self, name: str, by_name: dict[str, list[tuple[int, Turn]]]) -> Row:
        turns = [turn for _, turn in by_name[name]]
        calls = [seconds for turn in turns for seconds in turn.latencies]
        speed = Spread.of([turn.speed for turn in turns])
        arithmetic = self.flops if name in self.same_weights else None
        loaded = self.loaded.get(name, Loaded())
        peak = self.peaks.get(loaded.precision or "", max(self.peaks.values(), default=0.0))
        return Row(
            name=name,
            rounds=len(turns),
            speed=speed,
            ratio=self.ratio(name, self.reference),
            p50=float(np.percentile(calls, 50)) if calls else None,
            p95=float(np.percentile(calls, 95)) if calls else None,
            memory=max(turn.memory for turn in turns),
            size=loaded.size,
            padding=turns[-1].padding,
            utilisation=speed.median * arithmetic / peak if arithmetic and peak else None,
            f1=self.f1.get(name),
        )
