"""Contenders in turns: each in a process of its own, one at work at a time, round after round."""

from __future__ import annotations

import importlib.util
import multiprocessing
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tqdm import tqdm

from topner.benchmark import measure
from topner.benchmark.machine import machine_facts, matrix_peaks
from topner.benchmark.measure import Contender
from topner.benchmark.results import Results
from topner.document import Document
from topner.evaluation.scores import strict_scores
from topner.labels import LabelSchema


def run_rounds(
    contenders: Sequence[Contender],
    setup: Any,
    results: Results,
    folder: Path,
    rounds: int,
    say: Callable[[str], None],
    gold: Sequence[Document] = (),
    schema: LabelSchema | None = None,
) -> None:
    """Measure until each contender has had its turns; ``benchmark.json`` is written after every one.

    In every round each contender that still lacks turns has one, and the reference has one beside them, so that ratios are
    of one moment; every other round goes the other way round. What cannot be measured is named in ``results.left_out``.

    Args:
        contenders: whom to measure.
        setup: given to each contender's ``open``; has ``device`` and ``threads``.
        results: takes the turns; may hold some already.
        folder: of the results.
        rounds: turns for each.
        say: takes a line for the user.
        gold: documents for the F1 of the contenders with the same weights.
        schema: their labels.
    """
    order = [contender.name for contender in contenders]
    lacking = [c for c in contenders if results.rounds_of(c.name) < rounds or (gold and _wants_f1(c, results))]
    beside = [c for c in contenders if lacking and c.name == results.reference and c not in lacking]
    with ExitStack() as stack:
        machine = stack.enter_context(_process(folder, "machine", setup.threads))
        results.machine = machine.submit(machine_facts, setup.device, setup.threads).result()
        bar = stack.enter_context(tqdm(total=0, unit="turn", disable=not sys.stderr.isatty()))
        ready: list[tuple[Contender, Executor]] = []
        for contender in [*beside, *lacking]:
            bar.set_description(f"loading {contender.name}")
            if (process := _loaded(contender, setup, results, folder, stack)) is not None:
                ready.append((contender, process))
        bar.reset(sum(max(rounds - results.rounds_of(c.name), 0) for c, _ in ready if c not in beside))
        number = max((number for number, _, _ in results.turns), default=-1)
        while pending := [c for c, _ in ready if results.rounds_of(c.name) < rounds]:
            number += 1
            _raise_peaks(results, machine.submit(matrix_peaks, setup.device).result())
            for contender, process in ready if number % 2 == 0 else ready[::-1]:
                if contender not in pending and contender.name != results.reference:
                    continue
                bar.set_description(contender.name)
                try:
                    results.turns.append((number, contender.name, process.submit(measure.take_turn).result()))
                except Exception as error:  # a peer may fail in any way; the others go on
                    results.left_out[contender.name] = _reason(error, folder, contender.name)
                results.write(folder, order)
                bar.update(contender in pending)
            ready = [(c, p) for c, p in ready if c.name not in results.left_out]
        for contender, process in ready if gold else ():
            if schema is not None and _wants_f1(contender, results):
                bar.set_description(f"F1 of {contender.name}")
                try:
                    found = process.submit(measure.tag_documents, gold).result()
                    results.f1[contender.name] = strict_scores(gold, found, schema).micro.f1
                except Exception as error:
                    say(f"{contender.name}: no F1, {_reason(error, folder, contender.name)}")
    results.write(folder, order)


def _wants_f1(contender: Contender, results: Results) -> bool:
    return contender.same_weights and contender.name not in results.f1


def _process(folder: Path, name: str, threads: int) -> ProcessPoolExecutor:
    """A process that starts from nothing, so that its peak of memory is its own; its output goes to ``logs/NAME.log``."""
    log = _log(folder, name)
    log.parent.mkdir(parents=True, exist_ok=True)
    fresh = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=fresh, initializer=measure.begin, initargs=(str(log), threads))


def _log(folder: Path, name: str) -> Path:
    return folder / "logs" / f"{name.replace(',', '').replace(' ', '-')}.log"


def _loaded(contender: Contender, setup: Any, results: Results, folder: Path, stack: ExitStack) -> Executor | None:
    """The contender's process with the contender loaded; ``None``, and the reason noted, where that cannot be."""
    if contender.needs is not None and importlib.util.find_spec(contender.needs[0]) is None:
        results.left_out[contender.name] = f"not installed: pip install {contender.needs[1]}"
        return None
    process = stack.enter_context(_process(folder, contender.name, setup.threads))
    try:
        if contender.prepare is not None:
            with _process(folder, f"{contender.name} export", setup.threads) as apart:
                apart.submit(contender.prepare, setup).result()
        results.loaded[contender.name] = process.submit(measure.load, contender, setup).result()
    except Exception as error:
        results.left_out[contender.name] = _reason(error, folder, contender.name)
        return None
    return process


def _raise_peaks(results: Results, found: dict[str, float]) -> None:
    results.peaks = {name: max(value, results.peaks.get(name, 0.0)) for name, value in found.items()}


def _reason(error: BaseException, folder: Path, name: str) -> str:
    """Why a contender failed, in one line."""
    if isinstance(error, BrokenProcessPool):
        return f"its process died, see {_log(folder, name)}"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
