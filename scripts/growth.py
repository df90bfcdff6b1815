"""Read, clean and parse texts made to be slow, of n and 4n code points, and see that time grows with their length.

A regular expression that goes back again and again takes four times as long for twice the text, or worse.
"""

from __future__ import annotations

import importlib
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from topner.cli import run
from topner.promises import Promise, promise_table, write_promises

CASES = Path(__file__).resolve().parents[1] / "tests" / "fuzz"
LEAST = 0.002  # seconds; below that the clock and the interpreter are measured
ROUNDS = 3


@click.command()
@click.option("--length", default=8000, show_default=True, help="n, in code points.")
@click.option("--results", type=click.Path(path_type=Path), help="JSON lines for scripts/trust.py.")
def main(length: int, results: Path | None) -> None:
    """Print for each kind of work its worst growth; exit with status 1 when time grows faster than the length to the 1.5."""
    sys.path.insert(0, str(CASES))
    cases: Any = importlib.import_module("growth_cases")
    tries, worst_of_all, slow = 0, 0.0, []
    click.echo(f"{'work':<22}{'texts':>6}{'exponent':>10}{'4n':>9}  slowest growth with")
    for name, (work, texts) in cases.WORK.items():
        worst, seconds, which = 0.0, 0.0, ""
        for text in texts:
            power, longest = _power(work, [cases.build(text, length * factor) for factor in (1, 4)])
            if power > worst:
                worst, seconds, which = power, longest, repr(text)
            if power > 1.5:
                slow.append(f"{name}: {text!r} {power:.2f}")
        tries, worst_of_all = tries + len(texts), max(worst_of_all, worst)
        click.echo(f"{name:<22}{len(texts):>6}{worst:>10.2f}{seconds:>8.2f}s  {which[:60]}")
    for line in slow:
        click.echo(f"FAILED {line}")
    how = f"texts made against each regular expression, of {length:,} and {4 * length:,} code points"
    promise = "time grows with the length of a text to a power below 1.5, of a square it would be 2: " + ", ".join(
        cases.WORK
    )
    rows = [Promise(promise, how, tries, len(slow))]
    click.echo(f"\nworst exponent {worst_of_all:.2f}\n{promise_table(rows)}")
    if results is not None:
        write_promises(results, rows, Path(__file__).name)
    sys.exit(bool(slow))


def _power(work: Callable[[str], Any], texts: list[str]) -> tuple[float, float]:
    """The least power of the length that explains the times of the first and the last text, in a few rounds; and the last."""
    best = math.inf
    longest = 0.0
    for _ in range(ROUNDS):
        first, last = (_seconds(work, text) for text in texts)
        longest = last
        best = min(best, math.log(max(last, LEAST) / max(first, LEAST)) / math.log(len(texts[-1]) / len(texts[0])))
        if best < 1.2:
            break
    return best, longest


def _seconds(work: Callable[[str], Any], text: str) -> float:
    begun = time.process_time()
    work(text)
    return time.process_time() - begun


if __name__ == "__main__":
    run(main)
