"""Which backend is fastest on this machine: measured once, then remembered in the user's cache."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from topner.backends.exported import PACKAGES
from topner.backends.machine import cores, cpu
from topner.backends.network import BACKENDS, PRECISIONS, Backend, Precision
from topner.encoder.locate import cache_folder
from topner.files import sha256, write_json
from topner.model.folder import WEIGHTS


def remember(folder: Path, backend: Backend, precision: Precision) -> None:
    """Keep what was found fastest for a model folder with weights."""
    known = _read()
    known[_key(folder)] = {"backend": backend, "precision": precision}
    write_json(_file(), known)


def remembered(folder: Path, precision: Precision | None = None) -> tuple[Backend, Precision] | None:
    """What was found fastest for a model folder on this machine with these versions; ``None`` where nothing was measured.

    Args:
        folder: with weights.
        precision: a choice with another one does not count.
    """
    if not _file().is_file() or not (folder / WEIGHTS).is_file():
        return None
    choice = _read().get(_key(folder), {})
    backend, chosen = choice.get("backend"), choice.get("precision")
    if backend not in BACKENDS or chosen not in PRECISIONS or (precision or chosen) != chosen:
        return None
    return backend, chosen


def _file() -> Path:
    return cache_folder() / "backends.json"


def _read() -> dict[str, dict[str, str]]:
    """What is known; nothing where the file is damaged, for it can be measured again."""
    try:
        known = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: value for key, value in known.items() if isinstance(value, dict)} if isinstance(known, dict) else {}


def _key(folder: Path) -> str:
    facts = [sha256(folder / WEIGHTS), cpu(), cores()]
    for package in ("torch", *PACKAGES.values()):
        try:
            facts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            facts.append(f"no {package}")
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
