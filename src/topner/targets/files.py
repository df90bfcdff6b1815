"""Commitments of files: raw text through the tagger, or annotated documents as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.targets.table import Commitment, commitments


def read_commitments(
    paths: Sequence[Path], model: Path | None, annotated: bool, year: int | None, problems: list[str]
) -> Iterator[tuple[Document, tuple[Commitment, ...]]]:
    """The documents of files with their commitments, in order.

    Args:
        paths: UTF-8 text files, one document each; or annotated files and folders in any format.
        model: model folder for raw text; ``None`` for the default tagger.
        annotated: the files hold annotated documents.
        year: the year the documents speak from; ``None`` reads it from each.
        problems: takes one line for each file that cannot be read; the others go on.

    Raises:
        TopnerError: there is no such model.
    """
    documents = _annotated(paths, problems) if annotated else _tagged(paths, model, problems)
    for document in documents:
        dated = document if year is None else replace(document, meta={**document.meta, "year": year})
        yield dated, commitments(dated)


def _annotated(paths: Sequence[Path], problems: list[str]) -> Iterator[Document]:
    from topner.annotation.formats import read_documents

    for path in paths:
        try:
            yield from read_documents(path, None, LabelSchema(), Ledger())
        except TopnerError as error:
            problems.append(str(error))


def _tagged(paths: Sequence[Path], model: Path | None, problems: list[str]) -> Iterator[Document]:
    from topner.inference.files import tag_files
    from topner.inference.tagger import Tagger

    yield from tag_files(Tagger.from_pretrained(model), paths, 16, problems)
