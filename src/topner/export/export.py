"""Export a tagger, measured before and after, and refuse when it got worse."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topner.annotation.formats import read_documents
from topner.backends.choice import remember
from topner.backends.exported import folder_size, installed
from topner.backends.network import BACKENDS, Backend, Precision
from topner.document import Document
from topner.errors import TopnerError
from topner.evaluation.scores import strict_scores
from topner.export.network import export_network, usual_precision
from topner.inference.tagger import Tagger
from topner.ledger import Ledger

_CALIBRATION = 64  # windows that show the range of activations
_SPEED = 10_000  # characters that are timed
_INVENTED = "市政府力争全年地区生产总值增长5.5%以上，推进云湖新城等120个重点项目建设，新增规上企业60家。\n"


@dataclass(frozen=True)
class Measured:
    """What a model folder is like on this machine.

    Attributes:
        name: backend and precision.
        size: bytes of the folder.
        load: seconds until it can tag.
        speed: characters a second, the best of three turns.
        f1: strict micro F1 (0..1) on the data; ``None`` without data.
    """

    name: str
    size: int
    load: float
    speed: float
    f1: float | None


def export_model(
    folder: Path,
    target: Path,
    backend: Backend,
    precision: Precision | None = None,
    data: Path | None = None,
    max_drop: float = 0.3,
) -> tuple[Measured, Measured]:
    """Write a model folder for another backend and tell what it is like, beside the one it was made of.

    Args:
        folder: model folder with weights.
        target: folder to write, replaced as a whole.
        backend: ``onnx`` or ``openvino``.
        precision: ``None`` takes what is fast without changing answers.
        data: annotated file or folder; needed for int8.
        max_drop: most points (0..100) of strict micro F1 on the data that may be lost.

    Returns:
        The torch model in single precision, and the exported one.

    Raises:
        TopnerError: model or data cannot be read, the backend cannot do it, or too much F1 is lost; nothing is written then.
    """
    chosen = precision or usual_precision(backend)
    if chosen == "int8" and data is None:
        raise TopnerError("int8 must be checked on annotated data", hint="name a dev set with --data")

    def reference() -> Tagger:
        return Tagger.from_pretrained(folder, device="cpu", backend="torch", precision="fp32")

    tagger = reference()
    gold = [] if data is None else read_documents(data, None, tagger.schema, Ledger())
    if data is not None and not any(document.mentions for document in gold):
        raise TopnerError("no annotated document was found", path=data)
    before = measure(reference, folder, gold)
    after: list[Measured] = []

    def check(made: Path) -> None:
        after.append(measure(lambda: Tagger.from_pretrained(made), made, gold))
        if before.f1 is not None and after[0].f1 is not None and 100 * (before.f1 - after[0].f1) > max_drop:
            scores = f"from {100 * before.f1:.2f} to {100 * after[0].f1:.2f}"
            message = f"strict F1 falls {scores}, by more than {max_drop:g} points; nothing was written"
            raise TopnerError(message, path=data, hint="take another precision, or allow it with --max-drop")

    export_network(folder, target, backend, chosen, calibration_windows(tagger, gold), check)
    return before, after[0]


def measure_backends(folder: Path, data: Path | None = None, max_drop: float = 0.3) -> list[Measured]:
    """Measure every backend that is installed, the fastest first, and remember it for this machine.

    :meth:`topner.inference.tagger.Tagger.from_pretrained` takes it from then on. Single precision and bfloat16 compete; int8
    is only ever taken by naming the folder it was exported to.

    Args:
        folder: model folder with weights.
        data: annotated file or folder; a backend that loses more than ``max_drop`` points of strict F1 is not chosen.
        max_drop: points (0..100).

    Raises:
        TopnerError: model or data cannot be read.
    """
    plain = Tagger.from_pretrained(folder, device="cpu", backend="torch", precision="fp32")
    gold = [] if data is None else read_documents(data, None, plain.schema, Ledger())
    candidates: list[tuple[Backend, Precision]] = [("torch", "fp32")]
    candidates += [(name, usual_precision(name)) for name in BACKENDS if installed(name)]
    found: list[tuple[Measured, Backend, Precision]] = []
    for backend, precision in dict.fromkeys(candidates):

        def load(backend: Backend = backend, precision: Precision = precision) -> Tagger:
            return Tagger.from_pretrained(folder, device="cpu", backend=backend, precision=precision)

        load()  # what is exported on first use lies in the cache then
        found.append((measure(load, folder, gold), backend, precision))
    floor = (found[0][0].f1 or 0.0) - max_drop / 100
    found.sort(key=lambda entry: -entry[0].speed)
    best = next(entry for entry in found if entry[0].f1 is None or entry[0].f1 >= floor)
    remember(folder, best[1], best[2])
    return [best[0], *(entry[0] for entry in found if entry is not best)]


def measure(load: Callable[[], Tagger], folder: Path, gold: Sequence[Document]) -> Measured:
    """Measure a tagger; speed is taken on the gold texts, or on an invented page."""
    start = time.perf_counter()
    tagger = load()
    loaded = time.perf_counter() - start
    texts = _enough([document.text for document in gold] or [_INVENTED * 40] * 4)
    f1: float | None = None
    if gold:
        found = list(tagger.pipe(document.with_mentions(()) for document in gold))
        f1 = strict_scores(gold, found, tagger.schema).micro.f1
    seconds = min(_timed(tagger, texts) for _ in range(3))
    name = f"{tagger.network.backend} {tagger.network.precision}"
    return Measured(name, folder_size(folder), loaded, sum(map(len, texts)) / seconds, f1)


def calibration_windows(tagger: Tagger, documents: Sequence[Document]) -> list[NDArray[np.int64]]:
    """Token ids of windows spread over the documents, special tokens included."""
    step = max(1, len(documents) // _CALIBRATION)
    windows = (tagger.first_window(document.text) for document in documents[::step][:_CALIBRATION])
    return [window for window in windows if len(window)]


def table(rows: Sequence[Measured]) -> str:
    """The measurements as lines of text."""
    lines = [f"{'':<16}{'size':>10}{'load':>9}{'speed':>15}{'strict F1':>11}"]
    for row in rows:
        f1 = "" if row.f1 is None else f"{100 * row.f1:.2f}"
        lines.append(f"{row.name:<16}{row.size / 1e6:>7.1f} MB{row.load:>7.2f} s{row.speed:>11,.0f} ch/s{f1:>11}")
    return "\n".join(lines)


def _enough(texts: Sequence[str]) -> list[str]:
    """The first texts, as many as it takes to tell the speed."""
    taken, length = list[str](), 0
    for text in texts:
        if length >= _SPEED:
            break
        taken.append(text)
        length += len(text)
    return taken


def _timed(tagger: Tagger, texts: Sequence[str]) -> float:
    start = time.perf_counter()
    for _ in tagger.pipe(texts):
        pass
    return time.perf_counter() - start
