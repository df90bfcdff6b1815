"""Settling disputes: which annotator's reading an adjudicator took at each place, and the documents that follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from topner.annotation.formats import write_documents
from topner.corpus.agreement import shared_documents
from topner.corpus.disputes import Dispute, find_disputes
from topner.document import Document
from topner.errors import TopnerError
from topner.files import read_text
from topner.labels import LabelSchema

SCHEMA_VERSION = 1
Place = tuple[str, int, int]
"""Document id, start and end of a dispute in code points of the raw text: what a decision is known by."""
Undecided = Literal["drop", "first"]


@dataclass(frozen=True)
class Decisions:
    """What an adjudicator decided, as the page's download holds it.

    Attributes:
        annotators: whose layers were compared.
        hashes: :func:`version_hash` of each document concerned, by id.
        choices: by place the annotator whose reading was taken; ``None``: no mention there.
        path: the file, for messages.
    """

    annotators: tuple[str, ...]
    hashes: Mapping[str, str]
    choices: Mapping[Place, str | None]
    path: Path | None = None


@dataclass(frozen=True)
class Adjudication:
    """Documents in which every dispute is settled.

    Attributes:
        documents: all documents of all annotators, in the order in which they first occur; the metadata is that of the
            first annotator who has the document. One that a single annotator has stays as it is.
        disputes: number of disputes.
        undecided: those that no decision settles.
        alone: number of documents that only one annotator has.
    """

    documents: tuple[Document, ...]
    disputes: int
    undecided: tuple[Dispute, ...]
    alone: int


def version_hash(versions: Mapping[str, Document]) -> str:
    """SHA-256 over the text of a document and the mentions of each of its annotators; metadata do not count.

    Args:
        versions: the document by annotator, in any order.
    """
    text = next(iter(versions.values())).text
    layers = {name: [mention.key for mention in document.mentions] for name, document in versions.items()}
    return hashlib.sha256(json.dumps([text, layers], sort_keys=True).encode()).hexdigest()


def read_decisions(path: Path) -> Decisions:
    """Read the decisions that the page of ``topner data agreement`` saved.

    The file is ``{"schema_version": 1, "annotators": [...], "documents": {id: hash}, "decisions": [{"document": id,
    "start": .., "end": .., "annotator": name or null}, ...]}``.

    Raises:
        TopnerError: no such file, not such a file, or a place decided twice; the message says where.
    """
    try:
        value = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise TopnerError(f"is not JSON: {error.msg}", path=path, where=error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise TopnerError(f"is not JSON that can be read: {error}", path=path) from None
    hint = "use the file that the agreement page saves"
    if not isinstance(value, dict) or value.get("schema_version") != SCHEMA_VERSION:
        raise TopnerError(f"holds no decisions (schema_version {SCHEMA_VERSION})", path=path, hint=hint)
    annotators, hashes, rows = (value.get(key) for key in ("annotators", "documents", "decisions"))
    strings = isinstance(annotators, list) and all(isinstance(name, str) for name in annotators)
    if not isinstance(annotators, list) or not strings or not isinstance(hashes, dict) or not isinstance(rows, list):
        raise TopnerError("lacks 'annotators', 'documents' or 'decisions'", path=path, hint=hint)
    choices: dict[Place, str | None] = {}
    for number, row in enumerate(rows, 1):
        place, choice = _decision(row, number, path)
        if choices.setdefault(place, choice) != choice:
            raise TopnerError(f"{_shown(place)} is decided twice", path=path, where=f"decision {number}")
    return Decisions(tuple(annotators), hashes, choices, path)


def adjudicate(
    layers: Mapping[str, Sequence[Document]],
    schema: LabelSchema,
    decisions: Decisions | None,
    undecided: Undecided | None = None,
) -> Adjudication:
    """Settle every dispute by the decisions; what is in no dispute stays.

    Args:
        layers: each annotator's documents, by name, as they were when the decisions were taken.
        schema: the labels.
        decisions: what was decided; ``None``: nothing.
        undecided: what becomes of disputes without a decision: ``drop`` leaves no mention there, ``first`` takes the
            reading of the first annotator of the document; ``None`` leaves it to the caller, who is to look at
            :attr:`Adjudication.undecided` (the documents then hold no mention there).

    Raises:
        TopnerError: the decisions are about other annotators, a document that has changed since or that is not there,
            a place without a dispute, or an annotator who has not annotated the document.
    """
    shared = shared_documents(layers)
    disputes = find_disputes(layers, schema)
    choices = {} if decisions is None else _checked(decisions, layers, shared, disputes)
    taken: dict[str, dict[Place, str | None]] = {}
    open_: list[Dispute] = []
    for dispute in disputes:
        place = _place(dispute)
        if place not in choices:
            open_.append(dispute)
        choice = choices.get(place, next(iter(dispute.readings)) if undecided == "first" else None)
        taken.setdefault(dispute.document, {})[place] = choice
    by_place = {_place(dispute): dispute for dispute in disputes}
    documents: dict[str, Document] = {}
    for held in layers.values():
        for document in held:
            if document.id in documents:
                continue
            places = taken.get(document.id, {})
            kept = [m for m in document.mentions if not any(s <= m.start < e for _, s, e in places)]
            for place, name in places.items():
                kept += by_place[place].readings[name] if name is not None else ()
            documents[document.id] = document.with_mentions(kept)
    return Adjudication(tuple(documents.values()), len(disputes), tuple(open_), len(documents) - len(shared))


def write_adjudicated(adjudication: Adjudication, target: Path, sources: Sequence[Path], schema: LabelSchema) -> None:
    """Write the documents as inline markup into a new or empty folder.

    Raises:
        TopnerError: the folder holds files, or is, lies in or holds one of the sources.
    """
    place = target.resolve()
    for source in (path.resolve() for path in sources):
        if place == source or place in source.parents or source in place.parents:
            raise TopnerError("is, holds or lies in what was compared", path=target, hint="name a new folder")
    if target.suffix == ".txt" or target.is_file():
        raise TopnerError("is a file name; the documents make a folder", path=target)
    if target.is_dir() and any(target.iterdir()):
        raise TopnerError("the folder is not empty", path=target, hint="name a new folder")
    write_documents(adjudication.documents, target, "inline", schema)


def _checked(
    decisions: Decisions,
    layers: Mapping[str, Sequence[Document]],
    shared: Mapping[str, Mapping[str, Document]],
    disputes: Sequence[Dispute],
) -> Mapping[Place, str | None]:
    """The choices, once it is sure that they are about these documents."""
    path = decisions.path
    if set(decisions.annotators) != set(layers):
        about, given = ", ".join(sorted(decisions.annotators)), ", ".join(sorted(layers))
        raise TopnerError(f"the decisions are about {about}; compared were {given}", path=path)
    readings = {_place(dispute): dispute.readings for dispute in disputes}
    for document in dict.fromkeys(document for document, _, _ in decisions.choices):
        if document not in shared:
            raise TopnerError(f"decides about {document!r}, which no two annotators have", path=path)
        if decisions.hashes.get(document) != version_hash(shared[document]):
            hint = "compare again and decide anew; decisions about other documents are kept by the page"
            raise TopnerError(f"document {document!r} has changed since it was decided", path=path, hint=hint)
    for place, name in decisions.choices.items():
        if place not in readings:
            raise TopnerError(f"{_shown(place)} is decided, but there is no dispute", path=path)
        if name is not None and name not in readings[place]:
            raise TopnerError(f"{_shown(place)}: {name} has not annotated the document", path=path)
    return decisions.choices


def _decision(row: Any, number: int, path: Path) -> tuple[Place, str | None]:
    if isinstance(row, dict) and "annotator" in row:
        document, start, end, name = (row.get(key) for key in ("document", "start", "end", "annotator"))
        if isinstance(document, str) and type(start) is type(end) is int and isinstance(name, str | None):
            return (document, start, end), name
    message = "is not {document, start, end, annotator}; annotator is a name or null"
    raise TopnerError(message, path=path, where=f"decision {number}")


def _place(dispute: Dispute) -> Place:
    return dispute.document, dispute.start, dispute.end


def _shown(place: Place) -> str:
    return f"document {place[0]!r} [{place[1]}, {place[2]})"
