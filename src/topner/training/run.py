"""The run folder: everything needed to know what was trained, on what, with which result."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from topner.configuration import Section, dump_config
from topner.errors import TopnerError
from topner.files import read_text, write_json, write_text
from topner.training.checkpoint import clear_leftovers, disk_errors, last_whole

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

    @contextmanager
    def locked(self, held: bool = True) -> Iterator[None]:
        """Keep other trainings out of the folder inside the block; a process that is killed lets go of it.

        Args:
            held: lock at all: of several processes that share the run only the first does.

        Raises:
            TopnerError: another training is at work there, or the folder cannot be written.
        """
        if not held:
            yield
            return
        with disk_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / ".lock", is_singleton=True)  # one a path, so that blocks may be nested
            try:
                lock.acquire(blocking=False)
            except Timeout:
                raise TopnerError(
                    "another training is writing into this run folder",
                    path=self.path,
                    hint="wait for it, or name another folder with run=FOLDER",
                ) from None
        try:
            yield
        finally:
            lock.release()

    def start(
        self,
        config: Section,
        provenance: dict[str, Any],
        resume: bool,
        may_change: Callable[[Path], bool] | None = None,
    ) -> Path | None:
        """Prepare the folder and return the checkpoint to go on from, if any.

        A fresh start clears what an earlier run left; a resumed one demands the same configuration, data and processes.

        Args:
            config: the run.
            provenance: what goes into ``run.json``.
            resume: go on from the last checkpoint.
            may_change: asked with the checkpoint, where the configuration is not that of before, whether it may be so.

        Raises:
            TopnerError: the folder cannot be written, what is to be resumed was another run, or no checkpoint is whole.
        """
        clear_leftovers(self.path)
        clear_leftovers(self.checkpoints)
        last = self.last_checkpoint() if resume else None
        written = dump_config(config)
        if last is not None:
            before = self._provenance()
            for key, what in (("data", "the data"), ("processes", "the number of processes")):
                if before.get(key) != provenance.get(key):
                    raise TopnerError(
                        f"{what} changed since the run began", path=self.path, hint="start anew without --resume"
                    )
            same = self.config.is_file() and read_text(self.config) == written
            if not same and not (self.config.is_file() and may_change is not None and may_change(last)):
                raise TopnerError(
                    "the run to be resumed had another configuration",
                    path=self.config,
                    hint="start anew without --resume",
                )
        else:
            for old_folder in (self.checkpoints, self.model, self.evaluation):
                shutil.rmtree(old_folder, ignore_errors=True)
            with disk_errors(self.log):
                self.log.unlink(missing_ok=True)
        write_text(self.config, written)
        write_json(self.provenance, provenance)
        return last

    def last_checkpoint(self, quiet: bool = False) -> Path | None:
        """The newest whole checkpoint; see :func:`topner.training.checkpoint.last_whole`."""
        return last_whole(self.checkpoints, quiet)

    def _provenance(self) -> dict[str, Any]:
        try:
            found = json.loads(read_text(self.provenance))
        except ValueError as error:
            hint = "start anew without --resume"
            raise TopnerError(f"is not JSON: {error}", path=self.provenance, hint=hint) from None
        return found if isinstance(found, dict) else {}


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that shape a result."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
