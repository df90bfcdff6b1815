"""Which files to read: files as named, those of folders, and patterns."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from topner.errors import TopnerError
from topner.sources.kinds import SUFFIXES
from topner.sources.remarks import Remarks

STDIN = Path("-")


def find_files(paths: Sequence[Path], remarks: Remarks, leave_out: Collection[Path] = ()) -> list[Path]:
    """The files named, of each folder those of a kind that is read (by their ending), in it and below, and those of patterns.

    Hidden files are passed over. No link leads out of its folder: folders are walked, links to folders are not followed, and a
    link to a file counts only where the file lies in the folder named.

    Args:
        paths: files, folders, patterns with ``*``, ``**``, ``?`` or ``[...]`` where no file has that very name, and ``-``.
        remarks: takes a problem for a folder or a pattern without a file, and for a link that leads out; a note counts files of
            other kinds.
        leave_out: files and folders that are not to be read though they lie in a folder, such as the output.

    Returns:
        Each file once, in the order of the arguments, in a folder by name. A file that is named need not exist: reading tells.
    """
    out = {path.resolve() for path in leave_out}
    files: dict[Path, Path] = {}
    for path in paths:
        for file in _files(path, remarks):
            place = file if file == STDIN else _resolved(file)
            if place is None:
                remarks.problems.append(str(TopnerError("is a link that leads in a circle", path=file)))
            elif out.isdisjoint((place, *place.parents)):
                files.setdefault(place, file)
    return list(files.values())


def _files(path: Path, remarks: Remarks) -> Iterator[Path]:
    if path == STDIN:
        yield path
    elif path.is_dir():
        found = list(_walk(path, remarks))
        if not found:
            kinds = ", ".join(SUFFIXES)
            remarks.problems.append(str(TopnerError(f"the folder holds no file that is read ({kinds})", path=path)))
        yield from found
    elif os.path.lexists(path) or not glob.has_magic(str(path)):
        yield path
    else:
        matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207 (absolute)
        named = [match for match in matches if not match.is_dir()]
        if not matches:
            remarks.problems.append(str(TopnerError("no file matches the pattern", path=path)))
        # of a pattern such as ** the folders match beside their files
        yield from named or (file for match in matches for file in _walk(match, remarks))


def _walk(folder: Path, remarks: Remarks) -> Iterator[Path]:
    root, others = folder.resolve(), Counter[str]()

    def unreadable(error: OSError) -> None:
        remarks.problems.append(str(TopnerError(f"cannot be read: {error.strerror}", path=error.filename)))

    found: list[Path] = []
    for name, folders, names in os.walk(folder, onerror=unreadable):
        here = Path(name)
        links = [f for f in folders if (here / f).is_symlink() and not f.startswith(".")]
        folders[:] = [f for f in folders if not f.startswith(".")]
        for file in sorted(here / f for f in (*names, *links) if not f.startswith(".")):
            if file.is_symlink():
                place = _resolved(file)
                if place is None or not place.is_relative_to(root):
                    remarks.problems.append(
                        str(TopnerError("is a link out of its folder, it is not followed", path=file))
                    )
                    continue
            if not file.is_file():
                continue
            if file.suffix.lower() in SUFFIXES:
                found.append(file)
            else:
                others[file.suffix.lower() or "no ending"] += 1
    if others:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(others.items(), key=lambda o: (-o[1], o[0]))[:5])
        remarks.notes.append(f"{folder}: {others.total()} files of other kinds passed over ({kinds})")
    yield from sorted(found)


def _resolved(path: Path) -> Path | None:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle; a name that no file can have
        return None if path.is_symlink() else path
