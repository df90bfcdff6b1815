"""Reading suggestions and their review from files of any format."""

from __future__ import annotations

from pathlib import Path

from topner.annotation.formats import detect, read_documents
from topner.annotation.found import Notices
from topner.annotation.label_studio import Layer
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.suggest.review import Review, review


def read_review(
    before: Path, after: Path | None, schema: LabelSchema
) -> tuple[Review, dict[str, tuple[Ledger, Notices]]]:
    """Read both sides and compare them.

    Of Label Studio's tasks the predictions are the suggestions and the annotations the review.

    Args:
        before: the suggestions, file or folder in any format.
        after: the review, likewise; ``None``: ``before`` is a Label Studio export that holds both.
        schema: the labels.

    Returns:
        The review, and for ``before`` and ``after`` the ledger and the remarks of reading.

    Raises:
        TopnerError: a side cannot be read or holds nothing of its kind; or see :func:`topner.suggest.review.review`.
    """
    alone = after is None
    after = before if after is None else after
    if alone and (not before.is_file() or detect(before) != "label-studio"):
        raise TopnerError(
            "is no export of Label Studio, the only file that can hold suggestions and review",
            path=before,
            hint="name the suggestions and the reviewed file: topner suggest review BEFORE AFTER",
        )
    read = {side: (Ledger(), Notices()) for side in ("before", "after")}
    hints = (
        "no prediction is in it: JSON_MIN and tables have none, JSON only those that an annotation began with; name the file "
        "that topner suggest choose wrote as BEFORE",
        "nobody has annotated a task in it",
    )
    suggested = _side(before, "predictions", schema, read["before"], hints[0])
    reviewed = _side(after, "annotations", schema, read["after"], hints[1])
    return review(suggested, reviewed, schema), read


def _side(path: Path, layer: Layer, schema: LabelSchema, into: tuple[Ledger, Notices], hint: str) -> list[Document]:
    try:
        return read_documents(path, None, schema, *into, layer=layer)
    except TopnerError as error:
        if any("task left out" in note for note in into[1].notes):
            raise TopnerError(error.message, path=path, hint=hint) from None
        raise
