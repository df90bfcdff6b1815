"""Reading and writing annotated documents in any of the formats, from and to files and folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from topner.annotation import brat, conll, doccano, inline, jsonl, label_studio
from topner.annotation.detect import FORMATS, Format, detect
from topner.annotation.found import Found, Notices, scrub
from topner.annotation.names import file_name
from topner.annotation.settle import settle
from topner.document import Document, check_unique_ids
from topner.errors import TopnerError
from topner.files import atomic_folder, write_json, write_text
from topner.labels import LabelSchema
from topner.ledger import Ledger

__all__ = ["FORMATS", "Format", "as_format", "detect", "is_folder", "read_documents", "write_documents"]

LOSSES = ".losses.csv"
"""What a loss ledger's name ends with; such files in a folder are not read."""

_READERS: dict[Format, Callable[[Path, Ledger, Notices], list[Found]]] = {
    "inline": inline.read,
    "doccano": doccano.read,
    "brat": brat.read,
    "conll": conll.read,
    "jsonl": jsonl.read,
}
_TEXTS: dict[Format, Callable[[Sequence[Document]], str]] = {
    "doccano": doccano.write,
    "conll": conll.write,
    "jsonl": jsonl.write,
}


def as_format(name: str) -> Format:
    """The format of that name.

    Raises:
        TopnerError: there is none.
    """
    for format in FORMATS:
        if name == format:
            return format
    raise TopnerError(f"there is no annotation format {name!r}", hint="one of " + ", ".join(FORMATS))


def read_documents(
    source: str | Path,
    format: str | None,
    schema: LabelSchema,
    ledger: Ledger,
    notices: Notices | None = None,
    layer: label_studio.Layer = "any",
) -> list[Document]:
    """Read the annotated documents of a file, or of every file in a folder and the folders in it.

    Args:
        source: file or folder. In a folder hidden files, loss ledgers, doccano's label file and brat's settings are passed
            over, and files of different formats may stand side by side.
        format: of all files; ``None``: told for each by its content.
        schema: the labels that are known, in order of precedence.
        ledger: takes what is dropped, moved or repaired; counts every annotation.
        notices: takes the shapes of the exports met and other remarks.
        layer: of Label Studio's tasks, whether annotations or predictions are read.

    Returns:
        The documents in the order of the file names; mentions are verified, trimmed and do not overlap. Numbered
        documents (``1``, ``2``, ...) of several files whose numbers clash are renamed ``file-1``; their metadata keeps
        the number as ``source_id``.

    Raises:
        TopnerError: no such file, a file in no known format, a file that does not keep to its format, no document at
            all, or two documents with the same id.
    """
    notices = Notices() if notices is None else notices
    source = Path(source)
    known = None if format is None else as_format(format)
    files = _files(source, known)
    read: list[tuple[Path, Document]] = []
    for path in files:
        kind = known or detect(path)
        if kind == "label-studio":
            found = label_studio.read(path, ledger, notices, layer)
        else:
            found = _READERS[kind](path, ledger, notices)
        read += [(path, document) for document in settle(found, schema, ledger, notices)]
    if not read:
        raise TopnerError("holds no labelled documents", path=source, hint=notices.summary() or None)
    return _distinct(read, notices)


def write_documents(documents: Sequence[Document], target: str | Path, format: str, schema: LabelSchema) -> None:
    """Write documents in a format, whole or not at all.

    ``brat`` makes a folder of pairs, ``inline`` a folder with one file a document, or, where ``target`` ends in ``.txt``,
    the file of a single document; the others make one file. Files of the same names are replaced. Label Studio gets
    predictions where mentions have scores.

    Args:
        documents: with distinct ids; their mentions do not overlap.
        target: file or folder.
        format: one of :data:`FORMATS`.
        schema: the labels that may occur.

    Raises:
        TopnerError: a label that the schema has not, two documents with one id, a target that is a folder where a file
            was expected or the other way about, or that cannot be written.
    """
    target, known = Path(target), as_format(format)
    check_unique_ids(documents)
    for document in documents:
        for mention in document.mentions:
            if mention.label not in schema.names:
                raise TopnerError(f"document {document.id} has the label {mention.label!r}, not one of {schema.names}")
    folder = is_folder(known, target)
    if folder and target.is_file():
        raise TopnerError("is a file, a folder was expected", path=target)
    if not folder and target.is_dir():
        raise TopnerError(f"is a folder; {known} makes one file", path=target, hint="name the file")
    if known == "brat":
        _write_folder(target, brat.write(documents))
    elif known == "inline" and folder:
        _write_folder(target, {f"{file_name(document.id)}.txt": inline.write(document) for document in documents})
    elif known == "inline":
        if len(documents) != 1:
            hint = "inline markup holds one document a file: name a folder, without .txt"
            raise TopnerError(f"{len(documents)} documents for one file", path=target, hint=hint)
        write_text(target, inline.write(documents[0]))
    elif known == "label-studio":
        # beside predictions a document without mentions is one too, not a reviewed document without mentions
        scored = any(m.score is not None for document in documents for m in document.mentions)
        tasks = [label_studio.task(d, predicted=True if scored and not d.mentions else None) for d in documents]
        write_json(target, tasks)
    else:
        write_text(target, _TEXTS[known](documents))


def is_folder(format: Format, target: Path) -> bool:
    """Whether documents written in the format to ``target`` make a folder."""
    return format == "brat" or (format == "inline" and target.suffix != ".txt")


def _files(source: Path, format: Format | None) -> list[Path]:
    """The files to read; of a brat pair the ``.ann``."""
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise TopnerError("no such file or folder", path=source)
    files = sorted(
        path
        for path in source.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
        and not path.name.endswith(LOSSES)
        and path.name != doccano.LABEL_FILE
        and not (path.suffix == ".txt" and brat.is_annotations(path.with_suffix(".ann")))
    )
    if format == "brat":
        files = [path for path in files if brat.is_annotations(path)]
    elif format is None and any(brat.is_annotations(path) for path in files if path.suffix == ".ann"):
        files = [path for path in files if path.suffix != ".conf"]  # brat's own settings
    elif format is not None and (pair := next((path for path in files if brat.is_annotations(path)), None)):
        raise TopnerError(
            f"is one of a brat pair, not {format}", path=pair, hint="name no format to read a mixed folder"
        )
    if not files:
        raise TopnerError(f"has no {format or 'annotation'} files", path=source)
    return files


def _distinct(read: Sequence[tuple[Path, Document]], notices: Notices) -> list[Document]:
    """The documents under ids of their own."""
    first: dict[str, tuple[Path, Document]] = {}
    clashing: set[str] = set()
    for path, document in read:
        other = first.setdefault(document.id, (path, document))
        if other[1] is document:
            continue
        if not document.id.isdecimal() or path == other[0] or document.text == other[1].text:
            where = f"{other[0]} and {path}" if path != other[0] else f"{path}, twice"
            raise TopnerError(
                f"two documents have the id {document.id!r}: {where}",
                hint="ids must be unique; rename one, or read one annotator's file at a time",
            )
        clashing.add(document.id)
    documents: list[Document] = []
    for path, document in read:
        if document.id in clashing:
            notices.notes["numbered document renamed, several files have its number"] += 1
            meta = {**document.meta, "source_id": document.id}
            document = Document(scrub(f"{path.stem}-{document.id}"), document.text, document.mentions, meta)
        documents.append(document)
    check_unique_ids(documents)
    return documents


def _write_folder(target: Path, files: dict[str, str]) -> None:
    if not target.exists():
        with atomic_folder(target) as folder:
            for name, content in files.items():
                (folder / name).write_bytes(content.encode("utf-8"))
        return
    for name, content in files.items():
        write_text(target / name, content)
