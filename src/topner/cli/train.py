"""``topner train``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("train")
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[key=value]...")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint of the same run.")
def train_command(config: Path, overrides: tuple[str, ...], resume: bool) -> None:
    """Train a tagger from the CONFIG file, evaluate it on the dev and test splits, write the reports.

    Settings of the file can be changed on the command line, for example training.epochs=3.
    """
    from topner.training.config import load_config

    settings = load_config(config, overrides)
    from topner.training.train import train_and_evaluate

    train_and_evaluate(settings, resume)
