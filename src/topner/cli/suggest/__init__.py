"""``topner suggest``: what to annotate next, and the reviewed file read back."""

from __future__ import annotations

import click

from topner.cli import LazyGroup

COMMANDS = {
    "choose": "Choose raw texts and write suggestions for the annotator's tool.",
    "review": "Say what a reviewer made of the suggestions; merge the result into a corpus.",
}


@click.group("suggest", cls=LazyGroup, package=__name__, lazy=COMMANDS)
def suggest_command() -> None:
    """Choose what to annotate next, and read the reviewed file back."""
