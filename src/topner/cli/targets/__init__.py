"""``topner targets``: commitments as a table, and the same indicators of several documents side by side."""

from __future__ import annotations

import click

from topner.cli import LazyGroup

COMMANDS = {
    "list": "Write one row a commitment (the default).",
    "compare": "Line up the same indicators of several documents.",
}


class _DefaultList(LazyGroup):
    """``topner targets FILES`` is ``topner targets list FILES``; a file called like a command is written ``./compare``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options before the files are those of ``list``."""
        if args and args[0] not in (*COMMANDS, "-h", "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group("targets", cls=_DefaultList, package=__name__, lazy=COMMANDS)
def targets_command() -> None:
    """Turn the targets of documents into records: topner targets FILES -o targets.xlsx."""
