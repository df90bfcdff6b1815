"""The predictions of an evaluation beside their gold, kept so that two evaluations can be compared later."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from topner.annotation.found import flat, score
from topner.annotation.records import read_records, record_id
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.files import write_jsonl

PREDICTIONS = "predictions.jsonl"
"""Name of the file in an evaluation folder."""


def write_predictions(path: str | Path, gold: Sequence[Document], predicted: Sequence[Document]) -> None:
    """Write one JSON object a document: the prediction as ``topner predict`` writes it, the gold mentions under ``gold``.

    Args:
        path: the file; written whole or not at all.
        gold: documents with gold mentions; their metadata are kept.
        predicted: the same documents, in the same order, with predicted mentions.

    Raises:
        TopnerError: the file cannot be written.
        ValueError: the two are not the same documents.
    """
    records = []
    for document, answer in zip(gold, predicted, strict=True):
        if (document.id, document.text) != (answer.id, answer.text):
            raise ValueError(f"the prediction of {answer.id!r} stands beside the gold of {document.id!r}")
        record = {**answer.to_json(), "gold": [_plain(mention) for mention in document.mentions]}
        record.pop("meta", None)
        if document.meta:
            record["meta"] = dict(document.meta)
        records.append(record)
    write_jsonl(path, records)


def read_predictions(source: str | Path) -> tuple[list[Document], list[Document]]:
    """Gold and predicted documents of an evaluation, in the order of the file.

    Args:
        source: an evaluation folder, or its ``predictions.jsonl``.

    Returns:
        The documents with gold mentions, and the same with predicted ones.

    Raises:
        TopnerError: there are no predictions, or something in the file is not as :func:`write_predictions` writes it;
            the message names file and line.
    """
    path = Path(source) / PREDICTIONS if Path(source).is_dir() else Path(source)
    if path.parent == Path(source) and not path.is_file():
        raise TopnerError(
            f"holds no {PREDICTIONS}", path=source, hint="evaluate again: topner evaluate MODEL DATA -o DIR"
        )
    return _read(path, "gold"), _read(path, "entities")


def read_answers(path: str | Path) -> list[Document]:
    """Predicted documents of a JSON lines file as ``topner predict`` writes it; offsets must be right as they are.

    Raises:
        TopnerError: a document without id, text or ``entities``, or a mention that does not stand where it says; the
            message names file and line.
    """
    return _read(Path(path), "entities")


def _plain(mention: Mention) -> dict[str, Any]:
    return {"start": mention.start, "end": mention.end, "label": mention.label, "text": mention.text}


def _read(path: Path, key: str) -> list[Document]:
    documents: dict[str, Document] = {}
    for number, (where, value) in enumerate(read_records(path), 1):
        id, text, meta = record_id(value, path, number), value.get("text"), value.get("meta", {})
        if not isinstance(text, str) or not isinstance(meta, dict):
            raise TopnerError("a document with a text (and meta, an object) was expected", path=path, where=where)
        if id in documents:
            raise TopnerError(f"a second document has the id {id!r}", path=path, where=where, hint="ids must be unique")
        entities = value.get(key)
        if not isinstance(entities, list):
            hint = "give the annotated data with --gold" if key == "gold" else 'write "entities": [] for none'
            raise TopnerError(f"document {id!r} has no list {key!r}", path=path, where=where, hint=hint)
        try:
            mentions = tuple(_mention(entity, text) for entity in entities)
            documents[id] = Document(id, text, mentions, flat(meta))
        except ValueError as error:
            said = str(error) if str(error).startswith("document ") else f"document {id!r}, {key}: {error}"
            raise TopnerError(said, path=path, where=where, hint="offsets are code points of the raw text") from None
    return list(documents.values())


def _mention(entity: Any, text: str) -> Mention:
    if not isinstance(entity, dict) or not isinstance(entity.get("label"), str):
        raise ValueError(f"an object with start, end and label was expected, found {entity!r:.80}")
    start, end = entity.get("start"), entity.get("end")
    if type(start) is not int or type(end) is not int:
        raise ValueError(f"start and end must be whole numbers in {entity!r:.80}")
    said = entity.get("text")
    return Mention(
        start, end, entity["label"], said if isinstance(said, str) else text[start:end], score(entity.get("score"))
    )
