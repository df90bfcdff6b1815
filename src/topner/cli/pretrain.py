"""``topner pretrain``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("pretrain")
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[key=value]...")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint of the same run.")
def pretrain_command(config: Path, overrides: tuple[str, ...], resume: bool) -> None:
    """Pretrain a BERT encoder on plain text with the masked-language-model task, as the CONFIG file says.

    Settings of the file can be changed on the command line, for example training.tokens=50000000. The model in the run
    folder can be the model.encoder of a training configuration.
    """
    from topner.pretraining.config import load_pretrain_config

    settings = load_pretrain_config(config, overrides)
    from topner.pretraining.pretrain import pretrain

    pretrain(settings, resume)
