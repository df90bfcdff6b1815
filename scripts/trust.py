"""Write docs/TRUST.md from the results that scripts/soak.py and other scripts leave with --results."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli import run
from topner.files import write_text
from topner.promises import promise_table, read_promises

_HEAD = """# What was tried to break it

Each row is printed by a script of this repository, which exits with status 1 when a failure is found. Written by
`python scripts/trust.py`; not by hand.
"""


@click.command()
@click.argument("results", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Markdown file; printed when left out.")
def main(results: tuple[Path, ...], output: Path | None) -> None:
    """Make one table of the RESULTS files: JSON lines with promise, how, tries, failures."""
    table = promise_table([promise for path in results for promise in read_promises(path)])
    if output is None:
        click.echo(table)
        return
    write_text(output, f"{_HEAD}\n{table}\n")
    click.echo(f"written: {output}")


if __name__ == "__main__":
    run(main)
