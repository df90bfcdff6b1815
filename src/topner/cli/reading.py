"""What the commands that read files share: their options, and what they say in the end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from topner.sources.remarks import Remarks


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how files are read."""
    for option in (
        click.option("--encoding", help="Encoding of text files, pages and CSV [default: found]."),
        click.option("--id-column", help="Column of a table with the ids [default: id, 编号, ..., else file:row]."),
        click.option("--column", help="Column of a table with the texts [default: text, content, 正文, 内容, ...]."),
    ):
        command = option(command)
    return command


def finish(remarks: Remarks) -> None:
    """Write the remarks to standard error; end with status 1 when there was a problem."""
    for line in remarks.lines():
        click.echo(f"topner: {line}", err=True)
    if remarks.problems:
        sys.exit(1)
