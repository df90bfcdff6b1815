"""Commitments of files: raw text through the tagger, or annotated documents as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.sources.find import find_files
from topner.sources.read import AS_FOUND, Reading
from topner.sources.remarks import Remarks
from topner.targets.table import Commitment, commitments


def read_commitments(
    paths: Sequence[Path],
    model: Path | None,
    annotated: bool,
    year: int | None,
    remarks: Remarks,
    reading: Reading = AS_FOUND,
) -> Iterator[tuple[Document, tuple[Commitment, ...]]]:
    """The documents of files with their commitments, in order.

    Args:
        paths: files of any kind, folders and patterns, see :func:`topner.sources.find.find_files`; or annotated files and
            folders in any format.
        model: model folder for raw text; ``None`` for the default tagger.
        annotated: the files hold annotated documents.
        year: the year the documents speak from; ``None`` reads it from each.
        remarks: takes one problem for each file that cannot be read; the others go on.
        reading: how to read raw text.

    Raises:
        TopnerError: there is no such model.
    """
    documents = _annotated(paths, remarks) if annotated else _tagged(paths, model, remarks, reading)
    for document in documents:
        dated = document if year is None else replace(document, meta={**document.meta, "year": year})
        yield dated, commitments(dated)


def _annotated(paths: Sequence[Path], remarks: Remarks) -> Iterator[Document]:
    from topner.annotation.formats import read_documents

    for path in paths:
        try:
            yield from read_documents(path, None, LabelSchema(), Ledger())
        except TopnerError as error:
            remarks.problems.append(str(error))


def _tagged(paths: Sequence[Path], model: Path | None, remarks: Remarks, reading: Reading) -> Iterator[Document]:
    from topner.inference.files import tag_files
    from topner.inference.tagger import Tagger

    yield from tag_files(Tagger.from_pretrained(model), find_files(paths, remarks), 16, remarks, reading)
