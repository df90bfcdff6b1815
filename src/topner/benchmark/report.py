"""The results as a table and a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from topner.benchmark.results import Results, Row, Spread
from topner.errors import TopnerError
from topner.files import atomic_path

_OTHERS = "LAC and spaCy run small networks of their own that know no targets and no projects: for speed alone."


def markdown(results: Results, order: Sequence[str]) -> str:
    """The table with the machine, the versions and what is left out."""
    rows = results.rows(order)
    unit = results.unit
    columns: list[tuple[str, Callable[[Row], str]]] = [
        ("", lambda row: row.name),
        (f"{unit}/s", lambda row: f"{_short(row.speed.median)} ({_short(row.speed.low)} to {_short(row.speed.high)})"),
        ("by the reference", lambda row: _ratio(row.ratio)),
        ("p50", lambda row: "" if row.p50 is None else f"{row.p50 * 1000:.0f} ms"),
        ("p95", lambda row: "" if row.p95 is None else f"{row.p95 * 1000:.0f} ms"),
        ("memory", lambda row: f"{row.memory / 1e6:,.0f} MB"),
        ("model", lambda row: "" if row.size is None else f"{row.size / 1e6:,.0f} MB"),
        ("padding", lambda row: "" if row.padding is None else f"{row.padding:.1%}"),
        ("FLOP use", lambda row: "" if row.utilisation is None else f"{row.utilisation:.1%}"),
        ("strict F1", lambda row: "" if row.f1 is None else f"{row.f1:.4f}"),
    ]
    shown = [(head, cell) for head, cell in columns if head in ("", f"{unit}/s") or any(map(cell, rows))]
    lines = [
        "| " + " | ".join(head for head, _ in shown) + " |",
        "|---|" + "---:|" * (len(shown) - 1),
        *("| " + " | ".join(cell(row) for _, cell in shown) + " |" for row in rows),
        "",
        *(line for line in _notes(results, rows) if line),
        *(f"Left out: {name} ({reason})." for name, reason in results.left_out.items()),
    ]
    return f"# topner benchmark: {results.kind}\n\n" + "\n".join(lines) + "\n"


def draw(results: Results, order: Sequence[str], output: Path) -> None:
    """Speed, latency and memory as dots with their spread, a contender a line; PNG.

    Raises:
        TopnerError: no matplotlib, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise TopnerError("the picture needs matplotlib", hint="pip install 'topner[benchmark]'") from None
    rows = results.rows(order)
    timed = [row for row in rows if row.p50 is not None]
    figure = Figure(figsize=(4.2 * (3 if timed else 2) + 1.5, 1.3 + 0.34 * len(rows)), dpi=150, layout="constrained")
    panels = figure.subplots(1, 3 if timed else 2, sharey=True)
    for place, row in enumerate(rows):
        colour = "#b3541e" if row.name.startswith("topner") else "#5b6573"
        panels[0].plot([row.speed.low, row.speed.high], [place, place], color=colour, linewidth=2)
        panels[0].plot([row.speed.median], [place], "o", color=colour, markersize=5)
        panels[1].barh(place, row.memory / 1e6, color=colour, height=0.5)
        if row.p50 is not None and row.p95 is not None:
            panels[2].plot([row.p50 * 1000, row.p95 * 1000], [place, place], color=colour, linewidth=2)
            panels[2].plot([row.p50 * 1000], [place], "o", color=colour, markersize=5)
    length = results.settings.get("call_length", 0)
    titles = (f"{results.unit}/s, median and range", "peak memory, MB", f"{length} characters, ms, p50 to p95")
    for panel, title in zip(panels, titles, strict=False):
        panel.set_title(title, loc="left", fontsize=9)
        if panel is panels[1]:
            panel.set_xlim(left=0)
        else:
            panel.set_xscale("log")  # a small network is a hundred times as fast
        panel.set_axisbelow(True)
        panel.grid(axis="x", color="#e3e6ea", linewidth=0.6)
        for edge in ("top", "right"):
            panel.spines[edge].set_visible(False)
    panels[0].set_yticks(range(len(rows)), [row.name for row in rows], fontsize=8)
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    with atomic_path(output) as temporary:
        figure.savefig(temporary, format="png")


def _notes(results: Results, rows: Sequence[Row]) -> list[str]:
    facts, settings = results.machine, results.settings
    versions = ", ".join(f"{name} {version}" for name, version in facts.get("versions", {}).items())
    peaks = ", ".join(f"{name} {value / 1e9:,.0f} GFLOP/s" for name, value in results.peaks.items())
    physical = f" ({facts['physical_cores']} physical)" if facts.get("physical_cores") else ""
    amx = "with AMX" if facts.get("amx") else "without AMX"
    load = f", load {facts['load']} before" if facts.get("load") is not None else ""
    device = facts.get("gpu") if facts.get("device", "cpu") != "cpu" else f"{facts.get('threads')} threads"
    ours = [row for row in rows if row.name.startswith("topner")]
    peers = [row for row in rows if row.name.startswith("transformers")]
    lead = ""
    if ours and peers:
        best, peer = (max(group, key=lambda row: row.speed.median) for group in (ours, peers))
        if (ratio := results.ratio(best.name, peer.name)) is not None:
            lead = f"{best.name}: {_ratio(ratio)} the speed of {peer.name}, the faster of the plain ones."
    rounds = min((row.rounds for row in rows), default=0)
    size = f"{settings.get('characters', 0):,} characters a round; "
    calls = f"p50 and p95 of {settings.get('call_length')}-character texts, one a call."
    return [
        lead,
        f"Median of {rounds} rounds or more, least and greatest in brackets; ratios within a round, by {results.reference}.",
        size + calls if "call_length" in settings else "",
        "Memory: the most that the contender's own process held, Python and weights included.",
        _OTHERS if any(row.name.startswith(("LAC", "spaCy")) for row in rows) else "",
        "FLOP use: arithmetic that the text needs by the best matrix product measured in that precision."
        if results.flops
        else "",
        "The weights of the head are random: the figures are good for speed alone."
        if settings.get("fresh_head")
        else "",
        f"Machine: {facts.get('cpu')}, {facts.get('cores')} cores{physical}, {amx}, {device}{load}; matrix products {peaks}.",
        f"Python {facts.get('python')}, {versions}.",
    ]


def _ratio(ratio: Spread | None) -> str:
    return "" if ratio is None else f"{ratio.median:.2f}× ({ratio.low:.2f} to {ratio.high:.2f})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
