"""One split of annotated data on disk: what scripts that score are pointed at."""

from __future__ import annotations

from pathlib import Path

from topner.annotation.formats import read_documents
from topner.dataset.split import read_splits
from topner.document import Document, check_unique_ids
from topner.errors import TopnerError
from topner.files import read_text
from topner.labels import LabelSchema
from topner.ledger import Ledger


def read_part(
    source: Path, schema: LabelSchema, ledger: Ledger, splits: Path | None, part: str
) -> tuple[str, list[Document]]:
    """The documents of annotated data; of data that a split file divides, those of one split.

    Args:
        source: annotated file or folder in any format.
        schema: the labels.
        ledger: takes what reading drops or moves.
        splits: a frozen split file, see :func:`topner.dataset.split.read_splits`; data none of whose ids it names, like
            all data when it is ``None``, are taken whole.
        part: name of the split.

    Returns:
        A name for tables, such as ``corpus (test)``, and the documents, never empty.

    Raises:
        TopnerError: the data cannot be read, two documents share an id, the split file names some of them but not all, or
            it has no such split.
    """
    documents = read_documents(source, None, schema, ledger)
    check_unique_ids(documents)
    if splits is None or not _names_any(splits, documents):
        return source.name, documents
    divided = read_splits(splits, documents)
    if not divided.get(part):
        raise TopnerError(f"has no documents in a split {part!r}, but {', '.join(divided)}", path=splits)
    return f"{source.name} ({part})", divided[part]


def _names_any(splits: Path, documents: list[Document]) -> bool:
    text = read_text(splits)
    return any(f'"{document.id}"' in text for document in documents)
