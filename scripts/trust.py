"""Write docs/TRUST.md: take in what scripts left with --results and what coverage measured, and print all there is as tables.

docs/trust.jsonl and docs/coverage.jsonl hold every row ever taken in; a row tried again replaces the one before it.
"""

from __future__ import annotations

import datetime
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import click

from topner.cli import run
from topner.errors import TopnerError
from topner.files import read_text, write_jsonl, write_text
from topner.model.folder import read_object
from topner.promises import merge_promises, promise_table, read_promises, write_promises

DOCS = Path(__file__).resolve().parents[1] / "docs"
_PARTS = ("num_statements", "covered_lines", "num_branches", "covered_branches")
_HEAD = """# What was tried to break it

Each row is printed by the script it names, which exits with status 1 when a failure is found. Written by
`python scripts/trust.py` from `docs/trust.jsonl`; not by hand. To try a part again and take its rows in:

    python scripts/fuzz.py --minutes 60 --results rows.jsonl      # or another script of the last column
    python scripts/trust.py rows.jsonl
"""
_COVERAGE = """## Branches that the tests take

Of the modules that every offset goes through, measured by `make coverage` (coverage.py with `--branch`).
Which of the tests would notice a wrong one: [mutation.md](mutation.md).
"""


@click.command()
@click.argument("results", type=click.Path(path_type=Path), nargs=-1)
@click.option("--coverage", type=click.Path(path_type=Path), help="What `coverage json` wrote.")
@click.option("--docs", type=click.Path(path_type=Path), default=DOCS, help="Folder of the tables [default: docs].")
def main(results: tuple[Path, ...], coverage: Path | None, docs: Path) -> None:
    """Take in the RESULTS files (JSON lines with promise, how, tries, failures), then write the tables."""
    rows = docs / "trust.jsonl"
    held = read_promises(rows) if rows.exists() else []
    merged = merge_promises(held, [promise for path in results for promise in read_promises(path)])
    if results:
        write_promises(rows, merged)
    if coverage is not None:
        write_jsonl(docs / "coverage.jsonl", measured(coverage))
    text = f"{_HEAD}\n{promise_table(merged)}\n"
    if (docs / "coverage.jsonl").exists():
        text += f"\n{_COVERAGE}\n{coverage_table(docs / 'coverage.jsonl')}\n"
    write_text(docs / "TRUST.md", text)
    click.echo(f"written: {docs / 'TRUST.md'}, {len(merged)} promises")


def measured(path: Path) -> list[dict[str, Any]]:
    """Counts by package, or by module where it is the only one of its package, of a coverage report in JSON."""
    try:
        files = {Path(name): found["summary"] for name, found in read_object(path)["files"].items()}
        found: dict[Path, list[dict[str, int]]] = defaultdict(list)
        for name, summary in files.items():
            alone = sum(other.parent == name.parent for other in files) == 1
            found[name if alone else name.parent].append({key: summary[key] for key in _PARTS})
    except (KeyError, TypeError, AttributeError):
        raise TopnerError("is no report of `coverage json` with branches", path=path) from None
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return [
        {"part": part.as_posix(), **{key: sum(row[key] for row in rows) for key in _PARTS}, "date": today}
        for part, rows in sorted(found.items())
    ]


def coverage_table(path: Path) -> str:
    """The coverage held in a file as a Markdown table."""
    lines = ["| part | lines | branches | taken | day |", "|---|---:|---:|---:|---|"]
    for row in map(json.loads, read_text(path).splitlines()):
        statements, lines_run, branches, taken = (row[key] for key in _PARTS)
        share = taken / branches if branches else 1.0
        shares = f"{lines_run / max(1, statements):.1%} | {branches} | {share:.1%}"
        lines.append(f"| {row['part'].removeprefix('src/')} | {shares} | {row['date']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    run(main)
