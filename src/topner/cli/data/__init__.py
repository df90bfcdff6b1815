"""``topner data``: commands about annotated data as a whole."""

from __future__ import annotations

import click

from topner.cli import LazyGroup

COMMANDS = {
    "check": "Look over an annotated set: counts, spread, diversity, suspect spans, splits.",
    "agreement": "Compare annotators of the same texts.",
    "audit": "Rank suspected label errors.",
}


@click.group("data", cls=LazyGroup, package=__name__, lazy=COMMANDS)
def data_command() -> None:
    """Look over annotated data."""
