"""Raw texts to choose from: files and folders, whole or cut into passages that lead back to their file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from topner.annotation.verify import trim
from topner.document import Document, MetaValue
from topner.errors import TopnerError
from topner.files import read_text

SUFFIX = ".txt"
_SENTENCE_ENDS = "。！？!?；;"


def text_files(paths: Sequence[Path], problems: list[str]) -> list[Path]:
    """The files named, and of each folder named the ``.txt`` files in it and below, by name; hidden ones are passed over.

    Args:
        paths: files and folders; a file that is named twice, in a folder and by itself, is taken once.
        problems: takes one line for a folder without a text file.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        found = [path]
        if path.is_dir():
            found = sorted(file for file in path.rglob(f"*{SUFFIX}") if file.is_file() and not _hidden(file, path))
            if not found:
                problems.append(str(TopnerError(f"the folder holds no {SUFFIX} file", path=path)))
        for file in found:
            files.setdefault(file.resolve(), file)
    return list(files.values())


def file_ids(paths: Sequence[Path]) -> list[str]:
    """A document id for each file: its name without suffix; where two files share it, the path as given."""
    stems = Counter(path.stem for path in paths)
    whole = Counter(str(path.with_suffix("")) for path in paths)
    return [
        path.stem
        if stems[path.stem] == 1
        else str(path.with_suffix("") if whole[str(path.with_suffix(""))] == 1 else path)
        for path in paths
    ]


def read_source(path: Path, id: str, passages: int | None = None) -> list[Document]:
    """The document of a file, or its passages.

    Args:
        path: UTF-8 text file.
        id: of the document.
        passages: most code points of a passage; ``None`` keeps the file whole, as it is when it is no longer than that.

    Returns:
        Documents without mentions; the metadata ``source`` is the path. A passage has the id ``id#start-end`` and the
        metadata ``source_start``: a mention at ``[a, b)`` of the passage stands at ``[source_start + a, source_start + b)``
        of the file's text (without its byte order mark, if it has one).

    Raises:
        TopnerError: the file cannot be read.
    """
    text = read_text(path)
    meta: dict[str, MetaValue] = {"source": str(path)}
    if passages is None or len(text) <= passages:
        return [Document(id, text, (), meta)]
    return [
        Document(f"{id}#{start}-{end}", text[start:end], (), {**meta, "source_start": start})
        for start, end in cut(text, passages)
    ]


def cut(text: str, longest: int) -> Iterator[tuple[int, int]]:
    """Yield half-open passages of a text, in code points.

    A passage ends at the last line end that it has room for, or, where that would leave it shorter than a quarter of the
    room, at the last end of a sentence, or where its room ends. White space at the ends of passages belongs to none; all else
    belongs to exactly one.

    Args:
        text: raw text.
        longest: most code points of a passage, at least 1.

    Raises:
        ValueError: ``longest`` is not positive.
    """
    if longest < 1:
        raise ValueError("longest must be positive")
    position = 0
    while position < len(text):
        end = len(text) if len(text) - position <= longest else position + _room(text[position : position + longest])
        start, last = trim(text, position, end)
        if start < last:
            yield start, last
        position = end


def _room(window: str) -> int:
    least = max(1, len(window) // 4)
    for ends in ("\n", _SENTENCE_ENDS):
        last = max(window.rfind(char) for char in ends) + 1
        if last >= least:
            return last
    return len(window)


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
