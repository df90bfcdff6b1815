"""Load the documents of a run and split them."""

from __future__ import annotations

import random
from pathlib import Path

from topner.annotation.formats import read_documents
from topner.dataset.split import Splits, read_splits, split_documents
from topner.document import Document, check_unique_ids
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.training.config import DataConfig


def load_splits(config: DataConfig, schema: LabelSchema, seed: int, ledger: Ledger) -> Splits:
    """The documents by split name; ``train`` and ``dev`` are always there and never empty.

    Raises:
        TopnerError: a path is missing, a file cannot be read, ids clash, or a split is empty.
    """

    def read(path: Path) -> list[Document]:
        documents = read_documents(path, config.format, schema, ledger)
        check_unique_ids(documents)
        return documents

    if config.path is not None:
        documents = read(config.path)
        splits = (
            read_splits(config.splits, documents) if config.splits else split_documents(documents, config.shares, seed)
        )
    else:
        named = {"train": config.train, "dev": config.dev, "test": config.test}
        splits = {name: read(path) for name, path in named.items() if path is not None}
    for name in ("train", "dev"):
        if not splits.get(name):
            raise TopnerError(f"the split {name!r} holds no documents", path=config.path or config.train)
    splits["train"] = take_share(splits["train"], config.train_share, seed)
    if config.extra is not None:
        splits["train"] = [*splits["train"], *read(config.extra)]
        check_unique_ids([document for members in splits.values() for document in members])
    return splits


def take_share(documents: list[Document], share: float, seed: int) -> list[Document]:
    """A random share (0..1) of the documents, at least one, in their order; a smaller share is part of a larger one."""
    order = [document.id for document in documents]
    random.Random(seed).shuffle(order)  # noqa: S311 (no secret)
    kept = set(order[: max(1, round(share * len(order)))])
    return [document for document in documents if document.id in kept]
