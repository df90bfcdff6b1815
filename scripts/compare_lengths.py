"""Speed and memory of tagging by the length of texts: many short ones, one long one, and one without any line end.

Each is measured in a process of its own, over the same characters; ``--without-network`` leaves the network out, so that what
is left, cleaning, tokens, windows and decoding, can be seen, and lengths that would take hours can be tried.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from topner.backends.network import BACKENDS, Backend, Precision
from topner.cli import run

KINDS = ("short", "long", "one line")


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


def measure(model: Path, kind: str, characters: int, text: str, backend: Backend | None, nothing: bool) -> None:
    """Tag one kind of text and print what it took as JSON."""
    from topner.inference.tagger import Tagger

    tagger = Tagger.from_pretrained(model, backend=backend)
    if nothing:
        tagger = replace(tagger, network=Nothing(len(tagger.schema.tags)))
    whole = (text * (characters // len(text) + 1))[:characters]
    if kind == "one line":
        whole = whole.replace("\n", "")
    step = 1000 if kind == "short" else len(whole)
    tagger(text[:2000])
    wall, cpu, mentions = time.perf_counter(), time.process_time(), 0
    for document in tagger.pipe(whole[i : i + step] for i in range(0, len(whole), step)):
        mentions += len(document.mentions)
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "mentions": mentions}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**took, "characters": len(whole), "peak": peak, "padding": tagger.padding_share}))


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("text", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--characters", type=click.IntRange(1000), default=100_000, show_default=True, help="Of each kind, by repetition."
)
@click.option("--backend", type=click.Choice(BACKENDS))
@click.option("--without-network", is_flag=True)
@click.option("--kind", type=click.Choice(KINDS), help="Measure this alone, here; print JSON.")
def main(
    model: Path, text: Path, characters: int, backend: Backend | None, without_network: bool, kind: str | None
) -> None:
    """Tag TEXT, repeated, with MODEL as many short texts, as one long one and as one long line."""
    if kind is not None:
        measure(model, kind, characters, text.read_text(encoding="utf-8"), backend, without_network)
        return
    click.echo(f"{'':<10}{'characters':>12}{'mentions':>10}{'ch/s':>10}{'ch/CPU-s':>10}{'peak':>10}{'padding':>9}")
    for name in KINDS:
        call = [sys.executable, __file__, str(model), str(text), "--characters", str(characters), "--kind", name]
        call += ["--backend", backend] if backend else []
        call += ["--without-network"] if without_network else []
        done = subprocess.run(call, check=True, capture_output=True, text=True)  # noqa: S603 (this script itself)
        found = json.loads(done.stdout)
        rates = [found["characters"] / found[clock] for clock in ("wall", "cpu")]
        click.echo(
            f"{name:<10}{found['characters']:>12,}{found['mentions']:>10,}{rates[0]:>10,.0f}{rates[1]:>10,.0f}"
            f"{found['peak']:>7,.0f} MB{found['padding']:>9.3f}"
        )


if __name__ == "__main__":
    run(main)
