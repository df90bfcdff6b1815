"""What one turn of a contender measures, and the process that it has to itself."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topner.document import Document

Span = tuple[int, int, str]


@dataclass(frozen=True)
class Turn:
    """One measurement.

    Attributes:
        units: characters tagged, or tokens trained on.
        seconds: it took.
        latencies: seconds of calls with one short text each.
        memory: most bytes the process ever held, its program and weights included.
        padding: padding among the positions that the network computed, 0 to 1; ``None`` where nobody counts.
    """

    units: int
    seconds: float
    memory: int
    latencies: list[float] = field(default_factory=list)
    padding: float | None = None

    @property
    def speed(self) -> float:
        """Units a second."""
        return self.units / self.seconds

    def to_json(self) -> dict[str, Any]:
        """As a record."""
        return asdict(self)


@dataclass(frozen=True)
class Loaded:
    """What a contender runs.

    Attributes:
        size: bytes of the model folder; ``None`` where there is none.
        precision: of its matrix products, such as ``int8``; ``None`` where nobody knows.
    """

    size: int | None = None
    precision: str | None = None


@dataclass(frozen=True)
class Contender:
    """Somebody to measure.

    Attributes:
        name: in the table.
        open: loads it, given the set-up of the benchmark, and gives what is called for each turn. Runs in its own process.
        needs: module it cannot do without, and the name of its package.
        prepare: makes what ``open`` needs, given the same; runs in a process of its own, whose memory is nobody's.
        same_weights: whether it runs the model that is benchmarked, so that its F1 and its arithmetic can be told.
    """

    name: str
    open: Callable[[Any], Runner]
    needs: tuple[str, str] | None = None
    prepare: Callable[[Any], None] | None = None
    same_weights: bool = True


@dataclass
class Runner:
    """A contender, loaded.

    Attributes:
        turn: measures once.
        tag: spans of each text in order, half-open code points of the raw text; ``None`` for trainings.
        loaded: what it runs.
    """

    turn: Callable[[], Turn]
    tag: Callable[[Sequence[str]], Iterator[list[Span]]] | None = None
    loaded: Loaded = field(default_factory=Loaded)


_open: list[Runner] = []  # the one contender of this process


def begin(log: str, threads: int) -> None:
    """Start a contender's process: output into a log file, as many cores as the others get.

    Args:
        log: the file.
        threads: cores to use.
    """
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(handle, stream)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # some libraries start as many threads as there are cores and cannot be told otherwise
    if sys.platform == "linux" and threads < len(os.sched_getaffinity(0)):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def load(contender: Contender, setup: Any) -> Loaded:
    """Load the contender of this process; what it runs."""
    _open[:] = [contender.open(setup)]
    return _open[0].loaded


def take_turn() -> Turn:
    """Let it take its turn."""
    return _open[0].turn()


def tag_documents(documents: Sequence[Document]) -> list[Document]:
    """The documents with the mentions that the contender finds in their texts."""
    from topner.document import Document

    tag = _open[0].tag
    assert tag is not None
    found = tag([document.text for document in documents])
    return [Document.from_spans(d.id, d.text, spans) for d, spans in zip(documents, found, strict=True)]


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_memory() -> int:
    """Most bytes of memory this process has held; with a GPU, the most allocated there is added."""
    return _peak_resident() + _peak_gpu()


def _peak_resident() -> int:
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def _peak_gpu() -> int:
    torch = sys.modules.get("torch")
    return int(torch.cuda.max_memory_allocated()) if torch is not None and torch.cuda.is_available() else 0
