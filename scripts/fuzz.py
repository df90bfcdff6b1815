"""Feed readers, converters and parsers hostile input for as long as you like; print a table; keep what broke them.

With atheris (pip install 'topner[fuzz]') inputs follow the code's branches; without it hypothesis puts them together. Finds go to
tests/fuzz/finds as TARGET-HASH, which the test suite tries from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from topner.promises import Promise, write_promises

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "fuzz"
HANG = 20.0
MEMORY = 12 * 2**30  # of address space: far more is mapped than used


class Hang(BaseException):
    """An input took longer than :data:`HANG` seconds."""


def main() -> None:
    """Read the arguments, fuzz each target in a process of its own, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="in all [default: 10]")
    parser.add_argument("--target", action="append", help="one target; may be given again [default: all]")
    parser.add_argument("--engine", choices=("atheris", "hypothesis"), help="[default: atheris where it is installed]")
    parser.add_argument("--finds", type=Path, default=FOLDER / "finds", help="where inputs that fail are kept")
    parser.add_argument("--results", type=Path, help="JSON lines for scripts/trust.py")
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)  # set in the processes this one starts
    arguments = parser.parse_args()
    sys.path.insert(0, str(FOLDER))
    known: dict[str, Callable[[bytes], None]] = {}
    if arguments.result is None or arguments.engine == "hypothesis":
        known = importlib.import_module("fuzz_targets").TARGETS
    names = arguments.target or list(known)
    if arguments.result is not None:
        _fuzz(names[0], arguments.minutes * 60, arguments.engine, arguments.finds, arguments.result)
        return
    targets = importlib.import_module("fuzz_targets")
    if unknown := sorted(set(names) - set(known)):
        parser.error(f"no target {unknown[0]!r}; there are {', '.join(known)}")
    engine = arguments.engine or ("atheris" if importlib.util.find_spec("atheris") else "hypothesis")
    print(f"engine {engine}\n{'target':<16}{'tries':>10}{'failures':>10}{'slowest':>9}")
    tallies: dict[str, tuple[int, int]] = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "result.json"
            command = [sys.executable, __file__, "--target", name, "--engine", engine, "--finds", str(arguments.finds)]
            command += ["--minutes", str(arguments.minutes / len(names)), "--result", str(result)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (this very script)
            if not result.exists():
                last = result.with_suffix(".input")
                kept = _kept(arguments.finds, name, last.read_bytes()) if last.exists() else None
                died = f"{done.stderr.strip()[-300:]}{f' ({kept.name})' if kept else ''}"
                print(f"{name:<16}  the process died: {died}", flush=True)
                tallies[name] = (1, 1)
                continue
            tally = json.loads(result.read_text(encoding="utf-8"))
        print(f"{name:<16}{tally['tries']:>10}{len(tally['failures']):>10}{tally['slowest']:>8.2f}s", flush=True)
        for failure in tally["failures"]:
            print(f"    {failure}")
        tallies[name] = (tally["tries"], len(tally["failures"]))
    if arguments.results:
        write_promises(arguments.results, _rows(tallies, engine, targets.promise_of), Path(__file__).name)
    sys.exit(any(failures for _, failures in tallies.values()))


def _rows(tallies: dict[str, tuple[int, int]], engine: str, promise_of: Callable[[str], str]) -> list[Promise]:
    """One row for each promise, over the targets that make it."""
    rows: dict[str, list[str]] = {}
    for name in tallies:
        rows.setdefault(promise_of(name).rstrip("."), []).append(name)
    return [
        Promise(
            promise,
            f"fuzzing by {engine}: {', '.join(names)}",
            sum(tallies[name][0] for name in names),
            sum(tallies[name][1] for name in names),
        )
        for promise, names in rows.items()
    ]


def _kept(finds: Path, name: str, data: bytes) -> Path:
    finds.mkdir(parents=True, exist_ok=True)
    path = finds / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


class Tally:
    """Tries inputs and remembers, for each place that failed, the shortest input that did it."""

    def __init__(self, name: str, run: Callable[[bytes], None], finds: Path, result: Path) -> None:
        self.name, self.run, self.finds, self.result = name, run, finds, result
        self.tries, self.slowest = 0, 0.0
        self.shortest: dict[str, bytes] = {}
        self.counts: Counter[str] = Counter()
        signal.signal(signal.SIGALRM, _alarm)

    def __call__(self, data: bytes) -> None:
        """Try one input."""
        self.tries += 1
        self.result.with_suffix(".input").write_bytes(data)  # for the process that finds this one dead
        begun = time.perf_counter()
        signal.setitimer(signal.ITIMER_REAL, HANG)
        try:
            self.run(data)
        except (Exception, Hang) as error:
            self._failed(error, data)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self.slowest = max(self.slowest, time.perf_counter() - begun)

    def _failed(self, error: BaseException, data: bytes) -> None:
        frames = [
            f for f in traceback.extract_tb(error.__traceback__) if "topner" in f.filename or "fuzz_" in f.filename
        ]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        kind = f"{type(error).__name__} in {place}: {error}".splitlines()[0][:160]
        key = f"{type(error).__name__} {place}"
        self.counts[key] += 1
        if key in self.shortest and len(self.shortest[key]) <= len(data):
            return
        if key in self.shortest:
            self._path(self.shortest[key]).unlink(missing_ok=True)
        self.shortest[key] = data
        _kept(self.finds, self.name, data)
        print(kind, file=sys.stderr)

    def _path(self, data: bytes) -> Path:
        return self.finds / f"{self.name}-{hashlib.sha256(data).hexdigest()[:12]}"

    def write(self) -> None:
        """Write the tally for the process that prints the table."""
        failures = [f"{n} x {key} ({self._path(self.shortest[key]).name})" for key, n in self.counts.most_common()]
        tally = {"tries": self.tries, "slowest": self.slowest, "failures": failures}
        self.result.write_text(json.dumps(tally), encoding="utf-8")


def _alarm(number: int, frame: FrameType | None) -> None:
    raise Hang(f"longer than {HANG:.0f} s")


def _fuzz(name: str, seconds: float, engine: str, finds: Path, result: Path) -> None:
    """Fuzz one target in this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if engine == "hypothesis":
        tally = Tally(name, importlib.import_module("fuzz_targets").TARGETS[name], finds, result)
        _by_hypothesis(tally, time.monotonic() + seconds)
        tally.write()
        return
    import atheris

    untyped: Any = atheris
    with untyped.instrument_imports(include=["topner"], enable_loader_override=False):
        targets = importlib.import_module("fuzz_targets").TARGETS
    tally = Tally(name, targets[name], finds, result)
    corpus = tempfile.mkdtemp(prefix="fuzz-corpus-")
    inputs = importlib.import_module("fuzz_inputs")
    for i, seed in enumerate(inputs.seeds(name)):
        (Path(corpus) / f"seed-{i}").write_bytes(seed)
    words = Path(corpus) / "words.dict"
    parts = [part.encode("utf-8", "surrogateescape") for part in inputs.PIECES[name]]
    words.write_text("".join(f'"{_quoted(part)}"\n' for part in parts if 0 < len(part) < 60), encoding="ascii")

    end = time.monotonic() + seconds  # imports that are instrumented take long

    def one(data: bytes) -> None:
        tally(data)
        if time.monotonic() > end:
            tally.write()  # atheris ends the process without returning

    options = [
        f"-max_total_time={int(seconds) + 1}",
        f"-max_len={max(4096, 2 * max(map(len, inputs.seeds(name))))}",
        "-timeout=0",
        "-rss_limit_mb=0",
        "-verbosity=0",
        f"-dict={words}",
    ]
    untyped.Setup([sys.argv[0], *options, corpus], one)
    untyped.Fuzz()


def _quoted(part: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in part)


def _by_hypothesis(tally: Tally, end: float) -> None:
    from hypothesis import HealthCheck, Phase, given, seed, settings

    strategy: Any = importlib.import_module("fuzz_inputs").inputs(tally.name)
    quiet: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
    batch = 0
    while time.monotonic() < end:
        batch += 1

        def go(data: bytes) -> None:
            if time.monotonic() < end:
                tally(data)

        given_once: Any = given(strategy)
        limited: Any = settings(max_examples=200, phases=[Phase.generate], **quiet)
        repeatable: Any = seed(batch)
        repeatable(limited(given_once(go)))()


if __name__ == "__main__":
    main()
