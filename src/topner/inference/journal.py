"""What a run has tagged so far, on disk beside its output, so that a run that was broken off can go on."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import topner
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.files import atomic_path

_VERSION = 2


def journal_path(output: Path) -> Path:
    """Where the journal of an output lies: beside it, hidden, ending in ``.part``."""
    return output.with_name(f".{output.name}.part")


class Journal:
    """Tagged documents in order, one a line after a line about the run.

    Groups are kept whole or not at all: the scores of a document depend, in their last digits, on what was tagged with it, and
    a run that goes on is to give the bytes of one that was never broken off.

    Args:
        handle: the journal, open for reading and writing.
        start: bytes of its first line.
        size: documents of a group; the last one of a run may have fewer.
    """

    def __init__(self, handle: BinaryIO, start: int, size: int) -> None:
        self._handle, self._start, self._size = handle, start, size
        self._end = start  # of what was kept or added
        self._old = handle.seek(0, os.SEEK_END) > start  # whether documents of an earlier run lie beyond

    def kept(self, group: Sequence[Document]) -> bool | None:
        """Whether the next group of the earlier run is this one.

        Args:
            group: documents just read.

        Returns:
            ``True`` when it is; ``None`` when the earlier run ended here; ``False`` when it had other documents here. After
            the first answer that is not ``True`` the rest of the earlier run is forgotten.
        """
        if not self._old:
            return None
        self._handle.seek(self._end)
        lines = [self._handle.readline() for _ in range(self._size)]
        found = [document for line in lines if (document := _parse(line)) is not None]
        same = [_identity(document) for document in found] == [_identity(document) for document in group]
        if same:
            self._end += sum(map(len, lines[: len(group)]))
            return True
        broken_off = len(found) < len(group) and all(map(_like, found, group))
        self._forget()
        return None if broken_off else False

    def add(self, group: Iterable[Document]) -> None:
        """Add a group of tagged documents."""
        if self._old:
            self._forget()
        lines = "".join(json.dumps(document.to_json(), ensure_ascii=False) + "\n" for document in group)
        self._handle.seek(self._end)
        self._end += self._handle.write(lines.encode())
        self._handle.flush()

    def documents(self) -> Iterator[Document]:
        """Everything that was kept and added, in order."""
        if self._old:
            self._forget()
        self._handle.seek(self._start)
        for line in self._handle:
            document = _parse(line)
            if document is None:
                raise TopnerError("the journal of the run was damaged", hint="start anew without --resume")
            yield document

    def _forget(self) -> None:
        self._handle.truncate(self._end)
        self._old = False


@contextmanager
def open_journal(output: Path, settings: Mapping[str, object], size: int, resume: bool) -> Iterator[Journal]:
    """Open the journal of an output; it is removed when the block ends well, and stays when it does not.

    Args:
        output: the file that the run is to write.
        settings: what its answers depend on: a run with other settings cannot go on.
        size: documents of a group.
        resume: go on where the journal ends; else start anew.

    Raises:
        TopnerError: it cannot be written, another run is writing it, or the earlier run had other settings.
    """
    path = journal_path(output)
    header = _header(settings, size)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
    except OSError as error:
        raise TopnerError(f"cannot be written: {error.strerror}", path=output) from None
    with handle:
        _lock(handle, output)
        first = handle.readline()
        if resume and first.endswith(b"\n") and first != header:
            raise TopnerError(
                "was begun with another model, version, threshold or --batch-size",
                path=output,
                hint="give the same ones, or start anew without --resume",
            )
        if not resume or first != header:
            handle.truncate(0)
            handle.seek(0)
            handle.write(header)
            handle.flush()
        try:
            yield Journal(handle, len(header), size)
        except OSError as error:
            raise TopnerError(f"cannot be written: {error.strerror}", path=output) from None
        path.unlink(missing_ok=True)


def reopen(output: Path, settings: Mapping[str, object], size: int) -> None:
    """Make a finished jsonl output, whose lines are those of a journal, the journal of a run that is to go on.

    Args:
        output: written under the same settings.
        settings: what its answers depend on.
        size: documents of a group.

    Raises:
        TopnerError: it cannot be read, or the journal cannot be written.
    """
    with atomic_path(journal_path(output)) as temporary, temporary.open("wb") as journal, output.open("rb") as lines:
        journal.write(_header(settings, size))
        shutil.copyfileobj(lines, journal)


def _header(settings: Mapping[str, object], size: int) -> bytes:
    record = {"journal": _VERSION, "group": size, **settings}
    return json.dumps(record, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def run_settings(model: Path, device: str | None, thresholds: Mapping[str, float] | None = None) -> dict[str, object]:
    """What the answers of a tagger depend on: topner's version, the bytes of the model folder, where it runs, thresholds."""
    digest = hashlib.sha256()
    for path in sorted(path for path in model.iterdir() if path.is_file()):
        with path.open("rb") as handle:
            digest.update(f"{path.name}:{hashlib.file_digest(handle, 'sha256').hexdigest()}\n".encode())
    return {
        "topner": topner.__version__,
        "model": digest.hexdigest(),
        "device": device,
        "thresholds": dict(thresholds or {}),
    }


def _parse(line: bytes) -> Document | None:
    """The document of a line; ``None`` where the line was cut off."""
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
        mentions = tuple(
            Mention(m["start"], m["end"], m["label"], m["text"], m.get("score")) for m in record["entities"]
        )
        return Document(record["id"], record["text"], mentions, record.get("meta", {}))
    except (ValueError, KeyError, TypeError):
        return None


def _identity(document: Document) -> tuple[object, ...]:
    return document.id, document.text, dict(document.meta)


def _like(a: Document, b: Document) -> bool:
    return _identity(a) == _identity(b)


def _lock(handle: BinaryIO, output: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise TopnerError(
            "another run is writing this file", path=output, hint="wait for it, or write another"
        ) from None
    except OSError:  # a file system without locks
        return
