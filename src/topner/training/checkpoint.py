"""Checkpoint folders: there as a whole or not at all, checked by sums, nothing pickled."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from topner.errors import TopnerError
from topner.files import atomic_folder, read_text, sha256, write_json
from topner.model.folder import PICKLES

MANIFEST = "manifest.json"
_ZIPPED, _PICKLED = b"PK\x03\x04", b"\x80"  # how files begin that torch.save and pickle write
_KEPT = 2


@contextmanager
def disk_errors(path: Path, hint: str | None = None) -> Iterator[None]:
    """Say what the disk or the safetensors library complains about in words.

    Raises:
        TopnerError: in place of an ``OSError`` or ``SafetensorError`` inside the block.
    """
    try:
        yield
    except OSError as error:
        raise TopnerError(f"cannot be written: {error.strerror or error}", path=path, hint=hint) from None
    except SafetensorError as error:
        raise TopnerError(f"cannot be written: {error}", path=path, hint=hint) from None


@contextmanager
def new_checkpoint(path: Path) -> Iterator[Path]:
    """Yield a folder to write a checkpoint into; it becomes ``path``, with its sums, when the block ends well.

    Everything is on the disk before the folder gets its name, so that not even a power failure leaves a broken one.

    Raises:
        TopnerError: it cannot be written; earlier checkpoints are untouched.
    """
    older = [step_of(folder) for folder in checkpoint_folders(path.parent) if folder != path]
    hint = f"make room, then go on with --resume{f'; checkpoint-{max(older)} is untouched' if older else ''}"
    try:
        with disk_errors(path, hint), atomic_folder(path) as folder:
            yield folder
            files = sorted(file for file in folder.iterdir() if file.is_file())
            listed = {file.name: {"bytes": file.stat().st_size, "sha256": sha256(file)} for file in files}
            write_json(folder / MANIFEST, {"files": listed})
            for name in (*listed, MANIFEST, "."):
                _flush(folder / name)
        _flush(path.parent)
    except TopnerError as error:
        raise TopnerError(error.message, path=path, hint=error.hint or hint) from None


def what_is_broken(folder: Path) -> str | None:
    """What is wrong with a checkpoint, in a few words; ``None`` when every file is as it was written."""
    if not (folder / MANIFEST).is_file():
        return f"{MANIFEST} is missing"
    try:
        listed = json.loads(read_text(folder / MANIFEST))["files"]
        for name, facts in listed.items():
            file = folder / name
            if not file.is_file():
                return f"{name} is missing"
            if file.stat().st_size != facts["bytes"]:
                return f"{name} has {file.stat().st_size} bytes, not {facts['bytes']}"
            if sha256(file) != facts["sha256"]:
                return f"{name} is not what was written"
    except (TopnerError, OSError) as error:
        return f"a file cannot be read: {error}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{MANIFEST} is broken"
    return None


def refuse_pickles(folder: Path) -> None:
    """Refuse a folder that holds a pickle, by name or by how the file begins.

    Raises:
        TopnerError: it does.
    """
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        begins = b""
        if file.suffix != ".safetensors":  # these begin with a length, which may look like anything
            with file.open("rb") as opened:
                begins = opened.read(4)
        if file.suffix.lower() in PICKLES or begins.startswith((_ZIPPED, _PICKLED)):
            raise TopnerError(
                "is a pickle: reading such a file can run any program, so the checkpoint is refused",
                path=file,
                hint="start anew without --resume; checkpoints of topner hold safetensors and JSON alone",
            )


def checkpoint_folders(checkpoints: Path) -> list[Path]:
    """The checkpoints of a run, newest first."""
    found = [p for p in checkpoints.glob("checkpoint-*") if p.name.rpartition("-")[2].isdigit() and p.is_dir()]
    return sorted(found, key=step_of, reverse=True)


def step_of(checkpoint: Path) -> int:
    """The step after which a checkpoint was written."""
    return int(checkpoint.name.rpartition("-")[2])


def last_whole(checkpoints: Path, quiet: bool = False) -> Path | None:
    """The newest checkpoint that is whole, the one it calls best being whole too; each broken one is named in a line.

    Args:
        checkpoints: folder of the checkpoints.
        quiet: name none, because another process does.

    Returns:
        ``None`` when there are no checkpoints.

    Raises:
        TopnerError: one that would be taken holds a pickle, or there are some and all are broken.
    """
    broken: dict[str, str] = {}
    for folder in checkpoint_folders(checkpoints):
        refuse_pickles(folder)
        wrong = what_is_broken(folder)
        if wrong is None:
            best = best_step(folder)
            if best and (its_wrong := what_is_broken(checkpoints / f"checkpoint-{best}")):
                wrong = f"the best one so far, checkpoint-{best}, is broken: {its_wrong}"
        if wrong is None:
            if not quiet and broken:
                print(f"going on from {folder.name}; {'; '.join(f'{n} is broken: {w}' for n, w in broken.items())}")
            return folder
        broken[folder.name] = wrong
    if broken:
        said = "; ".join(f"{name}: {wrong}" for name, wrong in broken.items())
        raise TopnerError(f"no checkpoint is whole: {said}", path=checkpoints, hint="start anew without --resume")
    return None


def drop_old(checkpoints: Path, step: int) -> None:
    """After a checkpoint at ``step`` keep it and the one before, each with the one it calls best.

    Later ones are of a life that the run went back from.
    """
    kept = [folder for folder in checkpoint_folders(checkpoints) if step_of(folder) <= step][:_KEPT]
    steps = {step_of(folder) for folder in kept} | {best_step(folder) for folder in kept}
    for folder in checkpoint_folders(checkpoints):
        if step_of(folder) not in steps:
            gone = folder.rename(folder.with_name(f".{folder.name}.part"))  # a name that clear_leftovers knows
            shutil.rmtree(gone, ignore_errors=True)


def best_step(checkpoint: Path) -> int | None:
    """The step of the best checkpoint that this one knows of; ``None`` when it knows none, or is broken."""
    try:
        best = json.loads(read_text(checkpoint / "trainer_state.json")).get("best_global_step")
    except (TopnerError, ValueError, AttributeError):
        return None
    return best if isinstance(best, int) else None


def clear_leftovers(folder: Path) -> None:
    """Remove what a process that was killed while writing left behind."""
    for pattern in (".*.part", ".*.old-*"):
        for path in folder.glob(pattern):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until a file or the names in a folder are on the disk."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
