"""Whose annotations are whose: the annotators of one export, of a folder, or of several files and folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path

from topner.annotation import doccano, label_studio
from topner.annotation.detect import Format, detect
from topner.annotation.formats import LOSSES, read_documents
from topner.annotation.found import Found, Notices
from topner.annotation.settle import settle
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger

UNNAMED = "unnamed"
"""The annotator of annotations that an export ascribes to nobody."""
_WHERE: dict[Format, str] = {
    "label-studio": "annotations[].completed_by",
    "doccano": "user, annotator or username beside the spans or the document",
}


def read_layers(
    paths: Sequence[Path], schema: LabelSchema, ledger: Ledger, notices: Notices
) -> dict[str, list[Document]]:
    """Each annotator's documents by name: of one path as :func:`by_annotator` finds them, of several one a path.

    Several paths are called after their last parts, as far as these tell them apart: ``corpus`` and ``second`` for
    ``data/corpus`` and ``data/second``.

    Raises:
        TopnerError: a path is given twice, or as in :func:`by_annotator` and
            :func:`topner.annotation.formats.read_documents`.
    """
    if len(paths) == 1:
        return by_annotator(paths[0], schema, ledger, notices)
    twice = next((p for p, n in Counter(path.resolve() for path in paths).items() if n > 1), None)
    if twice is not None:
        raise TopnerError("is given twice", path=twice, hint="name each annotator's file or folder once")
    return {
        name: read_documents(path, None, schema, ledger, notices)
        for name, path in zip(path_names(paths), paths, strict=True)
    }


def by_annotator(path: Path, schema: LabelSchema, ledger: Ledger, notices: Notices) -> dict[str, list[Document]]:
    """Split what several people annotated by who did.

    - A Label Studio export by ``annotations[].completed_by``; what was cancelled does not count.
    - A doccano export by ``user``, ``annotator`` or ``username``.
    - A folder of folders: one annotator each, under the folder's name; any format.
    - A folder of exports: the annotators they name, the same name being the same person in all of them; a file that
      names nobody is one annotator's, under the file's name, as doccano exports one file a person.

    People known by a number only are called ``annotator-7``.

    Args:
        path: file or folder.
        schema: the labels that are known.
        ledger: takes what is dropped, moved or repaired on reading.
        notices: takes the shapes met and other remarks.

    Returns:
        Documents by annotator, in the order of the names in natural order.

    Raises:
        TopnerError: fewer than two annotators are found (the message says which), one annotator has a document twice,
            or something cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise TopnerError("no such file or folder", path=path)
    folders = [] if path.is_file() else _visible(path, folders=True)
    if folders:
        layers = {folder.name: read_documents(folder, None, schema, ledger, notices) for folder in folders}
        if beside := len(_visible(path, folders=False)):
            notices.notes["file beside the annotators' folders passed over"] += beside
    else:
        layers = _of_files(path, schema, ledger, notices)
    if len(layers) < 2:
        raise _too_few(path, layers, bool(folders))
    return {name: layers[name] for name in sorted(layers, key=_natural)}


def path_names(paths: Sequence[Path]) -> list[str]:
    """A short name for each of several distinct paths: its last part without suffix, with as many parents as it takes."""
    places = [path.resolve() for path in paths]
    parts = [
        [*place.parts[:-1], place.stem if path.is_file() else place.name]
        for path, place in zip(paths, places, strict=True)
    ]
    for depth in range(1, max(map(len, parts), default=0) + 1):
        names = ["/".join(part[-depth:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in places]  # files that differ in their suffix alone


def _of_files(path: Path, schema: LabelSchema, ledger: Ledger, notices: Notices) -> dict[str, list[Document]]:
    files = [path] if path.is_file() else _visible(path, folders=False)
    read: list[tuple[Path, str | None, Document]] = []
    for file in files:
        versions = _of_file(file, path, schema, ledger, notices)
        named = any(who is not None for who, _ in versions)
        for who, document in versions:
            if who is None and not document.mentions and (named or file.stem == "unknown"):  # doccano's name for these
                notices.notes["document without spans left out, it names no annotator"] += 1
            else:
                read.append((file, None if who is None else _name(who), document))
    people = {name for _, name, _ in read if name is not None}
    nameless: dict[Path, str] = {}
    for file in dict.fromkeys(file for file, name, _ in read if name is None):
        wanted = UNNAMED if file == path else file.stem
        nameless[file] = next(name for name in _variants(wanted) if name not in people)
        people.add(nameless[file])
    texts: dict[str, set[str]] = {}
    for _, _, document in read:
        texts.setdefault(document.id, set()).add(document.text)
    layers: dict[str, dict[str, Document]] = {}
    for file, who, document in read:
        if document.id.isdecimal() and len(texts[document.id]) > 1 and len(files) > 1:  # each project numbers from 1
            notices.notes["numbered document renamed, several files have its number"] += 1
            meta = {**document.meta, "source_id": document.id}
            document = Document(f"{file.stem}-{document.id}", document.text, document.mentions, meta)
        name = nameless[file] if who is None else who
        held = layers.setdefault(name, {})
        if document.id in held:
            raise TopnerError(f"{name} has the document {document.id!r} twice", path=file, hint="keep one of the two")
        held[document.id] = document
    return {name: list(held.values()) for name, held in layers.items()}


def _of_file(
    file: Path, source: Path, schema: LabelSchema, ledger: Ledger, notices: Notices
) -> list[tuple[str | None, Document]]:
    """The documents of a file with who annotated them, as far as the file says."""
    format = detect(file)
    found: list[tuple[str | None, Found]]
    if format == "label-studio":
        found = label_studio.read_annotators(file, ledger, notices)
    elif format == "doccano":
        found = doccano.read_annotators(file, notices)
    elif format in ("jsonl", "conll") and file != source:
        return [(None, document) for document in read_documents(file, format, schema, ledger, notices)]
    else:
        hint = "give one file or folder for each annotator, or a folder that holds one folder for each"
        raise TopnerError(f"is {format}, which does not say who annotated", path=file, hint=hint)
    # Settled together: the spans of all annotators count their offsets in the one unit of the file.
    documents = settle([one for _, one in found], schema, ledger, notices)
    return [(who, document) for (who, _), document in zip(found, documents, strict=True)]


def _too_few(path: Path, layers: dict[str, list[Document]], folders: bool) -> TopnerError:
    held = ", ".join(f"{name} ({len(documents)} documents)" for name, documents in layers.items())
    message = f"only one annotator was found: {held}" if held else "no annotator was found"
    if path.is_file():
        format = detect(path)
        hint = f"annotators are told by {_WHERE[format]}; or give one file or folder for each"
    elif folders:
        hint = "each folder in it counts as one annotator"
    else:
        hint = "give a folder for each annotator"
    return TopnerError(message, path=path, hint=hint)


def _visible(folder: Path, *, folders: bool) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_dir() == folders
        and not path.name.startswith(".")
        and not path.name.endswith(LOSSES)
        and path.name != doccano.LABEL_FILE
        and path.suffix != ".conf"  # brat's settings
    )


def _name(who: str) -> str:
    return f"annotator-{who}" if who.isdecimal() else " ".join(who.split()) or UNNAMED


def _variants(name: str) -> Iterator[str]:
    return chain([name], (f"{name} ({n})" for n in count(2)))


def _natural(name: str) -> tuple[str, int, str]:
    """Sorts ``annotator-10`` after ``annotator-9``."""
    head, _, tail = name.rpartition("-")
    return (head, int(tail), name) if tail.isdecimal() and len(tail) < 20 else (name, -1, name)
