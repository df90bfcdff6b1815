"""Where encoders and taggers lie: the shipped ones inside the package, what is built or computed in the user's cache."""

from __future__ import annotations

import os
from pathlib import Path

from topner.errors import TopnerError

EMBEDDED = "embedded"
STARTING = "starting"
_BUILD = 1  # raise when the way of building changes, so that an old cache is not used


def cache_folder() -> Path:
    """``$TOPNER_CACHE``, else ``topner`` in ``$XDG_CACHE_HOME`` or ``~/.cache``."""
    if folder := os.environ.get("TOPNER_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "topner"


def packaged(name: str) -> Path:
    """The folder of a model shipped inside the package; it may not exist."""
    return Path(__file__).parent.parent / "assets" / name


def cached_encoder() -> Path:
    """The folder in the cache into which the weights are built that the embedded encoder's pretraining began with."""
    return cache_folder() / f"encoder-{_BUILD}"


def find_encoder(name: str) -> str:
    """What to give to ``from_pretrained`` for the encoder that a configuration names.

    ``embedded`` is the encoder shipped in the package, or, while none ships, the same as ``starting``: the weights built into
    the cache from which pretraining begins; anything else is a folder or a hub id.

    Raises:
        TopnerError: the encoder is not there.
    """
    if name not in (EMBEDDED, STARTING):
        return name
    folders = [packaged("encoder"), cached_encoder()] if name == EMBEDDED else [cached_encoder()]
    for folder in folders:
        if (folder / "config.json").is_file():
            return str(folder)
    raise TopnerError(
        f"the {name} encoder is not there yet (looked in {cached_encoder()})",
        hint="build it once with: python scripts/build_encoder.py",
    )


def default_model_path() -> Path:
    """The folder of the default tagger.

    ``$TOPNER_MODEL`` when set, else the tagger shipped in the package.

    Raises:
        TopnerError: the package was installed without it.
    """
    if named := os.environ.get("TOPNER_MODEL"):
        return Path(named)
    folder = packaged("tagger")
    if (folder / "config.json").is_file():
        return folder
    raise TopnerError(
        f"the tagger is missing from {folder}", hint="install topner again, or name a model folder with --model"
    )
