"""The ``topner`` command: one file a command, each a thin wrapper over importable functions."""

from __future__ import annotations

import importlib
import io
import sys
from typing import Any

import click

import topner
from topner.errors import TopnerError

COMMANDS = {
    "convert": "Convert annotations between formats.",
    "pretrain": "Pretrain an encoder on plain text.",
    "train": "Train a tagger from a configuration file.",
    "evaluate": "Score a tagger on annotated documents and write the report.",
    "compare": "Compare two evaluations of the same documents.",
    "predict": "Tag files or standard input.",
    "targets": "Turn targets into records: indicator, value, unit, period, who.",
    "suggest": "Choose what to annotate next, and read the reviewed file back.",
    "data": "Look over annotated data.",
    "export": "Write a tagger for a faster backend, checked on dev data.",
    "doctor": "Look over this installation.",
    "benchmark": "Measure speed, memory and F1 beside other taggers, or of training.",
}


class LazyGroup(click.Group):
    """Imports a command's module only when that command runs, so that ``topner --help`` stays quick.

    Args:
        package: where the modules are; the module ``x`` holds ``x_command``.
        lazy: what each command does, by name, in the order of the work.
    """

    def __init__(self, *args: Any, package: str, lazy: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package, self._lazy = package, lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name from its own module."""
        if cmd_name not in self._lazy:
            return None
        module = importlib.import_module(f"{self._package}.{cmd_name}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lazy.items()))


@click.group(cls=LazyGroup, package=__name__, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(topner.__version__, prog_name="topner")
def group() -> None:
    """Tag quantified targets, organisations and projects in Chinese policy text."""


def run(command: click.Command) -> None:
    """Run a command; a :class:`TopnerError` becomes one line on standard error and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Chinese output must not depend on the locale, nor end in half a character of a file's name.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        command()
    except TopnerError as error:
        click.echo(f"topner: {error}", err=True)
        sys.exit(1)


def main() -> None:
    """Entry point of the console script."""
    run(group)
