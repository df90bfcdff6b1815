"""The run folder: everything needed to know what was trained, on what, with which result."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from pathlib import Path
from typing import Any

from topner.configuration import Section, dump_config
from topner.errors import TopnerError
from topner.files import read_text, write_json, write_text

_PACKAGES = ("topner", "torch", "transformers", "tokenizers", "datasets", "accelerate", "numpy", "seqeval", "opencc")


class RunFolder:
    """Paths of a run: ``config.yaml``, ``run.json``, ``log.jsonl``, ``checkpoints/``, ``model/``, ``evaluation/``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.provenance = path / "run.json"
        self.log = path / "log.jsonl"
        self.losses = path / "losses.csv"
        self.checkpoints = path / "checkpoints"
        self.model = path / "model"
        self.evaluation = path / "evaluation"

    def start(self, config: Section, provenance: dict[str, Any], resume: bool) -> Path | None:
        """Prepare the folder and return the checkpoint to go on from, if any.

        A fresh start clears what an earlier run left; a resumed one demands the same configuration and data.

        Raises:
            TopnerError: the folder cannot be written, or what is to be resumed was another run.
        """
        last = self.last_checkpoint() if resume else None
        written = dump_config(config)
        if last is not None:
            old = read_text(self.config) if self.config.exists() else ""
            if old != written:
                raise TopnerError(
                    "the run to be resumed had another configuration",
                    path=self.config,
                    hint="start anew without --resume",
                )
            if f'"data": "{provenance["data"]}"' not in read_text(self.provenance):
                raise TopnerError(
                    "the data changed since the run began", path=self.path, hint="start anew without --resume"
                )
        else:
            for old_folder in (self.checkpoints, self.model, self.evaluation):
                shutil.rmtree(old_folder, ignore_errors=True)
            self.log.unlink(missing_ok=True)
        write_text(self.config, written)
        write_json(self.provenance, provenance)
        return last

    def last_checkpoint(self) -> Path | None:
        """The newest complete checkpoint; one without its trainer state was cut off while being written."""
        found = [p for p in self.checkpoints.glob("checkpoint-*") if (p / "trainer_state.json").is_file()]
        return max(found, key=lambda p: int(p.name.rpartition("-")[2]), default=None)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that shape a result."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
