"""Reviewed documents into the corpus: all of them, or none with the reasons."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from topner.annotation import inline
from topner.annotation.detect import detect
from topner.annotation.formats import read_documents
from topner.annotation.found import MODEL_KEY, Notices
from topner.annotation.names import file_name
from topner.document import Document, Mention, check_unique_ids
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.suggest.likeness import Holdings
from topner.suggest.review import Review

REVIEWED = {"annotated": "reviewed"}
_SHOWN = 10


def reviewed_documents(result: Review) -> list[Document]:
    """The reviewed documents as gold: without scores, under the suggested ids, with the metadata of both sides.

    Where the two disagree the reviewed file's metadata counts; ``annotated: reviewed`` and the model's version are added.
    """
    documents = []
    for before, after in result.pairs:
        gold = [Mention(m.start, m.end, m.label, m.text) for m in after.mentions]
        model = {MODEL_KEY: before.meta[MODEL_KEY]} if before.meta.get(MODEL_KEY) else {}
        documents.append(
            Document(before.id, after.text, tuple(gold), {**before.meta, **after.meta, **model, **REVIEWED})
        )
    return documents


def held_documents(corpus: Path, schema: LabelSchema) -> list[Document]:
    """The documents of a corpus folder or file in any format; none for an empty folder.

    Raises:
        TopnerError: there is no such folder, or a file in it cannot be read.
    """
    if corpus.is_dir() and not any(not path.name.startswith(".") for path in corpus.iterdir()):
        return []
    return read_documents(corpus, None, schema, Ledger())


def merge(
    documents: Sequence[Document],
    corpus: Path,
    schema: LabelSchema,
    *,
    replace: bool = False,
    allow_duplicates: bool = False,
) -> list[Path]:
    """Write documents as inline markup into a corpus folder, one file each; all of them or none.

    Args:
        documents: with distinct ids.
        corpus: folder that exists.
        schema: the labels.
        replace: write over a document of the same id; metadata that only the old one has is kept.
        allow_duplicates: take documents that repeat others, see :class:`topner.suggest.likeness.Holdings`.

    Returns:
        The files written.

    Raises:
        TopnerError: a document is refused, because the corpus has one of its id, because it repeats one of the corpus or one
            before it, or because its file name is taken; or something cannot be read or written. Nothing is written then.
    """
    check_unique_ids(documents)
    if not corpus.is_dir():
        message = "is a file" if corpus.exists() else "no such folder"
        raise TopnerError(message, path=corpus, hint="documents are merged into a folder that exists")
    held = {document.id: document for document in held_documents(corpus, schema)}
    refused = list(_refusals(documents, held, replace, allow_duplicates))
    places = _places(corpus) if any(document.id in held for document in documents) else {}
    files: dict[Path, str] = {}
    for document in documents:
        place = places.get(document.id, corpus / f"{file_name(document.id)}.txt")
        if document.id in held:
            if document.id not in places and replace:
                refused.append((document.id, "the corpus holds it in another format than inline markup"))
            document = Document(
                document.id, document.text, document.mentions, {**held[document.id].meta, **document.meta}
            )
        elif place.exists():
            refused.append((document.id, f"{place.name} is there already and holds something else"))
        files[place] = inline.write(document)
    if refused:
        shown = "; ".join(f"{id}: {reason}" for id, reason in refused[:_SHOWN])
        more = f"; and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        many = len({id for id, _ in refused})
        raise TopnerError(
            f"nothing was merged, {many} of {len(documents)} documents refused: {shown}{more}",
            path=corpus,
            hint="--replace writes over ids, --allow-duplicates takes near-duplicates",
        )
    _write_all(corpus, files)
    return list(files)


def _refusals(
    documents: Sequence[Document], held: Mapping[str, Document], replace: bool, allow_duplicates: bool
) -> Iterator[tuple[str, str]]:
    holdings = Holdings()
    coming = {document.id for document in documents}
    if not allow_duplicates:
        for id, document in held.items():
            if id not in coming:
                holdings.add(id, document.text)
    for document in documents:
        if document.id in held and not replace:
            yield document.id, "the corpus has this id already"
        if allow_duplicates:
            continue
        if (other := holdings.repeated_by(document.text)) is not None:
            yield document.id, f"near-duplicate of {other}"
        holdings.add(document.id, document.text)


def _places(corpus: Path) -> dict[str, Path]:
    """The inline file of each document."""
    places: dict[str, Path] = {}
    for path in sorted(corpus.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(corpus).parts)
        if path.is_file() and not hidden and _is_inline(path):
            places[inline.read(path, Ledger(), Notices())[0].id] = path
    return places


def _is_inline(path: Path) -> bool:
    try:
        return detect(path) == "inline"
    except TopnerError:  # a ledger or a tool's settings, which reading the corpus passes over too
        return False


def _write_all(corpus: Path, files: Mapping[Path, str]) -> None:
    """Write files beside each other first, then move them into place; what fails on the way is undone."""
    with _staging(corpus) as stage:
        fresh = {path: stage / f"{i}.new" for i, path in enumerate(files)}
        for path, content in files.items():
            fresh[path].write_bytes(content.encode("utf-8"))
        old: dict[Path, Path] = {}
        moved: list[Path] = []
        try:
            for i, path in enumerate(files):
                if path.exists():
                    path.replace(stage / f"{i}.old")
                    old[path] = stage / f"{i}.old"
                fresh[path].replace(path)
                moved.append(path)
        except OSError:
            for path in moved:
                path.unlink(missing_ok=True)
            for path, kept in old.items():
                kept.replace(path)
            raise


@contextmanager
def _staging(corpus: Path) -> Iterator[Path]:
    stage: Path | None = None
    try:
        stage = Path(tempfile.mkdtemp(prefix=".merge-", dir=corpus))
        yield stage
    except OSError as error:
        raise TopnerError(f"nothing was merged: {error.strerror}", path=corpus) from None
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
