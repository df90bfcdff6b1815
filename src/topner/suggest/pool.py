"""The pool to choose from: raw texts read, left out where there is nothing new in them, and tagged."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from topner.document import Document
from topner.sources.find import find_files
from topner.sources.read import AS_FOUND, Reading
from topner.sources.remarks import Remarks
from topner.suggest.likeness import Holdings
from topner.suggest.sources import file_ids, read_source

if TYPE_CHECKING:
    from topner.inference.tagger import Tagger


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A document that was not even tagged.

    Attributes:
        document: without mentions.
        reason: why.
    """

    document: Document
    reason: str


def tag_pool(
    tagger: Tagger,
    paths: Sequence[Path],
    held: Sequence[Document],
    passages: int | None,
    batch_size: int,
    remarks: Remarks,
    reading: Reading = AS_FOUND,
) -> tuple[list[Document], list[LeftOut]]:
    """Read and tag the texts to choose from.

    Args:
        tagger: gives mentions with scores.
        paths: files of any kind that is read, folders and patterns, see :func:`topner.sources.find.find_files`.
        held: documents already annotated; a text that repeats one of them is left out, and so is one whose id one of them has.
        passages: most code points of a passage; ``None`` keeps files whole.
        batch_size: documents read ahead.
        remarks: takes a problem for each file that cannot be read; the others go on.
        reading: how to read them.

    Returns:
        The tagged documents in the order of the files, and what was left out.
    """
    files = find_files(paths, remarks)
    holdings, ids = Holdings(), {document.id for document in held}
    for document in held:
        holdings.add(document.id, document.text)
    left_out: list[LeftOut] = []

    def reason(document: Document) -> str | None:
        if not document.text.strip():
            return "blank"
        if document.id in ids:
            return "the corpus has a document of this id"
        other = holdings.repeated_by(document.text)
        return None if other is None else f"near-duplicate of {other} in the corpus"

    def texts() -> Iterator[Document]:
        named = list(zip(files, file_ids(files), strict=True))
        quiet = len(files) < 2 or not sys.stderr.isatty()
        for path, id in tqdm(named, unit="file", desc="tagging", disable=quiet):
            for document in read_source(path, id, passages, remarks, reading):
                if (why := reason(document)) is None:
                    yield document
                else:
                    left_out.append(LeftOut(document, why))

    return list(tagger.pipe(texts(), batch_size)), left_out
