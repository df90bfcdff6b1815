"""Speed and memory of tagging by the length of texts: many short ones, one long one, and one without any line end.

Each is measured in a process of its own, over the same characters; ``--without-network`` leaves the network out, so that what
is left, cleaning, tokens, windows and decoding, can be seen, and lengths that would take hours can be tried. With the network
ten million characters take hours too: ``--seconds`` breaks each measurement off, when speed and memory have long been steady,
and ``--journal`` keeps what was measured, so that one call after the other does a part:

    python scripts/compare_lengths.py MODEL TEXT --characters 100000 --characters 10000000 --seconds 500 --journal L.jsonl
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from topner.backends.network import BACKENDS, Backend, Network, Pass, Precision
from topner.cli import run
from topner.errors import TopnerError
from topner.inference.batches import Workload

KINDS = ("short", "long", "one line")
_SAMPLE = 50_000


class Nothing:
    """A network that takes no time and sees a mention nowhere but at random places, the same ones for the same tokens."""

    backend: Backend = "torch"
    precision: Precision = "fp32"

    def __init__(self, tags: int) -> None:
        self._scores = np.random.default_rng(0).normal(size=(4096, tags)).astype(np.float32)
        self._scores[:, 0] += 3  # most tokens are in no mention

    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """Scores by token id alone."""
        scores: NDArray[np.float32] = self._scores[ids % len(self._scores)]
        return scores

    def each(self, passes: Sequence[Pass]) -> list[NDArray[np.float32]]:
        """Scores of several passes."""
        return [self(*one) for one in passes]


class EnoughError(Exception):
    """The time is up."""


class Watched:
    """A network that stops at a time; counts the tokens it saw."""

    def __init__(self, network: Network, stop: float | None) -> None:
        self.backend, self.precision = network.backend, network.precision
        self._network, self._stop, self.tokens = network, stop, 0

    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """Scores of the network within."""
        if self._stop is not None and time.monotonic() > self._stop:
            raise EnoughError
        self.tokens += int(mask.sum())
        return self._network(ids, mask)

    def each(self, passes: Sequence[Pass]) -> list[NDArray[np.float32]]:
        """Scores of several passes, of the network within; the time is looked at before them."""
        if self._stop is not None and time.monotonic() > self._stop:
            raise EnoughError
        self.tokens += sum(int(mask.sum()) for _, mask in passes)
        return self._network.each(passes)


def measure(
    model: Path, kind: str, characters: int, text: str, backend: Backend | None, nothing: bool, seconds: float | None
) -> None:
    """Tag one kind of text, for so many seconds at most, and print what it took as JSON."""
    from topner.inference.tagger import Tagger

    tagger = Tagger.from_pretrained(model, backend=backend)
    silent = Nothing(len(tagger.schema.tags))
    if nothing:
        tagger = replace(tagger, network=silent)
    whole = (text * (characters // len(text) + 1))[:characters]
    if kind == "one line":
        whole = whole.replace("\n", "")
    tagger(text[:2000])
    watched = Watched(tagger.network, None if seconds is None else time.monotonic() + seconds)
    tagger = replace(tagger, network=watched, workload=Workload())
    wall, cpu = time.perf_counter(), time.process_time()
    mentions: int | None = None
    with suppress(EnoughError):
        mentions = sum(len(document.mentions) for document in tagger.pipe(_cut(whole, kind)))
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "mentions": mentions}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    done = len(whole)
    if mentions is None:  # a window shares tokens with its neighbours: how many is seen on a part of the text
        sample = Watched(silent, None)
        for _ in replace(tagger, network=sample).pipe(_cut(whole[:_SAMPLE], kind)):
            pass
        done = round(watched.tokens * len(whole[:_SAMPLE]) / sample.tokens)
    print(json.dumps({**took, "done": done, "peak": peak, "padding": tagger.padding_share}))


def _cut(whole: str, kind: str) -> Iterator[str]:
    step = 1000 if kind == "short" else len(whole)
    return (whole[i : i + step] for i in range(0, len(whole), step))


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("text", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--characters",
    "lengths",
    type=click.IntRange(1000),
    multiple=True,
    default=(100_000,),
    show_default=True,
    help="Of each kind, by repetition.",
)
@click.option("--backend", type=click.Choice(BACKENDS))
@click.option("--without-network", is_flag=True)
@click.option("--seconds", type=click.FloatRange(0), help="Break each measurement off after these [default: never].")
@click.option("--journal", type=click.Path(path_type=Path, dir_okay=False), help="Keep what is measured; go on there.")
@click.option("--kind", type=click.Choice(KINDS), help="Measure this alone, here; print JSON.")
def main(
    model: Path,
    text: Path,
    lengths: tuple[int, ...],
    backend: Backend | None,
    without_network: bool,
    seconds: float | None,
    journal: Path | None,
    kind: str | None,
) -> None:
    """Tag TEXT, repeated, with MODEL as many short texts, as one long one and as one long line."""
    if kind is not None:
        words = text.read_text(encoding="utf-8")
        measure(model, kind, lengths[0], words, backend, without_network, seconds)
        return
    click.echo(
        f"{'':<10}{'characters':>12}{'done':>12}{'mentions':>10}{'ch/s':>10}{'ch/CPU-s':>10}{'peak':>10}{'padding':>9}"
    )
    options = ["--backend", backend] if backend else []
    options += ["--without-network"] if without_network else []
    options += ["--seconds", str(seconds)] if seconds is not None else []
    for length, name in product(lengths, KINDS):
        asked = [str(model), str(text), "--characters", str(length), "--kind", name, *options]
        if (found := known(journal, asked)) is None:
            call = [sys.executable, __file__, *asked]
            done = subprocess.run(call, check=True, capture_output=True, text=True)  # noqa: S603 (this script itself)
            found = json.loads(done.stdout)
            if journal is not None:
                with journal.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps({"asked": asked, "found": found}) + "\n")
        rates = [found["done"] / found[clock] for clock in ("wall", "cpu")]
        mentions = "" if found["mentions"] is None else f"{found['mentions']:,}"
        click.echo(
            f"{name:<10}{length:>12,}{found['done']:>12,}{mentions:>10}{rates[0]:>10,.0f}{rates[1]:>10,.0f}"
            f"{found['peak']:>7,.0f} MB{found['padding']:>9.3f}"
        )


def known(journal: Path | None, asked: list[str]) -> dict[str, Any] | None:
    """What an earlier call measured of this."""
    if journal is None or not journal.exists():
        return None
    try:
        lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
        return next((line["found"] for line in lines if line["asked"] == asked), None)
    except (ValueError, KeyError, TypeError):
        raise TopnerError("is no journal of this script", path=journal, hint="name another file") from None


if __name__ == "__main__":
    run(main)
