"""Raw texts to choose from: files and folders, whole or cut into passages that lead back to their file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from topner.annotation.verify import trim
from topner.document import Document, MetaValue
from topner.sources.read import AS_FOUND, Reading, read_file
from topner.sources.remarks import Remarks

_SENTENCE_ENDS = "。！？!?；;"


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


def read_source(
    path: Path, id: str, passages: int | None, remarks: Remarks, reading: Reading = AS_FOUND
) -> Iterator[Document]:
    """The documents of a file, see :func:`topner.sources.read.read_file`, or their passages.

    Args:
        path: the file, of any kind that is read; a blank text is a document too.
        id: of its document; of a table's rows see there.
        passages: most code points of a passage; ``None`` keeps documents whole, as they are when they are no longer than that.
        remarks: takes a problem when the file cannot be read.
        reading: how to read it.

    Yields:
        Documents without mentions; the metadata ``source`` is the path. A passage has the id ``id#start-end`` and the
        metadata ``source_start``: a mention at ``[a, b)`` of the passage stands at ``[source_start + a, source_start + b)``
        of the document's text, which of a text file is the file without its byte order mark.
    """
    meta: dict[str, MetaValue] = {"source": str(path)}
    for document in read_file(path, remarks, reading, id=id, blank=True):
        text = document.text
        if passages is None or len(text) <= passages:
            yield Document(document.id, text, (), meta)
            continue
        for start, end in cut(text, passages):
            yield Document(f"{document.id}#{start}-{end}", text[start:end], (), {**meta, "source_start": start})


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
