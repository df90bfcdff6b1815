"""Suggestions written for the annotator's tool, with scores and the version of the model that made them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args
from xml.sax.saxutils import quoteattr

import topner
from topner.annotation.brat import CONFIG_FILE, configuration
from topner.annotation.formats import write_documents
from topner.annotation.found import MODEL_KEY
from topner.annotation.label_studio import task
from topner.document import Document, check_unique_ids
from topner.errors import TopnerError
from topner.files import sha256, write_json, write_text
from topner.labels import LabelSchema

SuggestionFormat = Literal["label-studio", "doccano", "brat", "jsonl"]
SUGGESTION_FORMATS: tuple[SuggestionFormat, ...] = get_args(SuggestionFormat)
LABELLING = ".labels.xml"
"""What the name of Label Studio's labelling configuration beside its tasks ends with."""

_WEIGHTS_FILE = "model.safetensors"
_COLOURS = ("#b3541e", "#1f6f54", "#2c5aa0", "#8a3ffc", "#9f1853", "#5f6b00", "#005d5d", "#6f4e37")


def model_version(folder: Path) -> str:
    """A name for a trained model that stays the same as long as its weights do: ``topner 0.1.0 3fa94c07``.

    Raises:
        TopnerError: the folder holds no weights.
    """
    weights = folder / _WEIGHTS_FILE
    if not weights.is_file():
        raise TopnerError(f"holds no {_WEIGHTS_FILE}", path=folder, hint="name the folder of a trained tagger")
    return f"topner {topner.__version__} {sha256(weights)[:8]}"


def as_suggestion_format(name: str) -> SuggestionFormat:
    """The format of that name.

    Raises:
        TopnerError: suggestions cannot be written in it.
    """
    for format in SUGGESTION_FORMATS:
        if name == format:
            return format
    raise TopnerError(f"suggestions cannot be written as {name!r}", hint="one of " + ", ".join(SUGGESTION_FORMATS))


def check_target(target: Path, format: SuggestionFormat) -> None:
    """Refuse a target that suggestions cannot be written to.

    Raises:
        TopnerError: it is a folder where one file is made, a file where a folder is, or a folder with files in it.
    """
    if format != "brat":
        if target.is_dir():
            raise TopnerError(f"is a folder, {format} makes one file", path=target, hint="name the file")
    elif target.is_file():
        raise TopnerError("is a file, brat makes a folder", path=target, hint="name the folder")
    elif target.is_dir() and any(target.iterdir()):
        raise TopnerError("the folder holds files already", path=target, hint="name a new folder")


def write_suggestions(
    documents: Sequence[Document], target: Path, format: SuggestionFormat, schema: LabelSchema, version: str
) -> list[Path]:
    """Write documents with predicted mentions for a person to accept, edit or delete.

    ``label-studio``: tasks with ``predictions``, and the labelling configuration that a project for them needs in a file
    beside; ``doccano`` and ``jsonl``: JSON lines, scores and metadata in them; ``brat``: a folder of pairs with the score
    and the model in a note on each mention, and the ``annotation.conf`` that names the labels.

    Args:
        documents: with distinct ids.
        target: file, of ``brat`` a folder that does not exist yet or is empty.
        format: one of :data:`SUGGESTION_FORMATS`.
        schema: the labels.
        version: of the model, see :func:`model_version`; every document gets it as metadata.

    Returns:
        What was written.

    Raises:
        TopnerError: two documents share an id, a label is not in the schema, or the target cannot be written or holds
            other files.
    """
    stamped = [
        Document(document.id, document.text, document.mentions, {**document.meta, MODEL_KEY: version})
        for document in documents
    ]
    check_target(target, format)
    if format == "label-studio":
        check_unique_ids(stamped)
        beside = target.with_name(target.name + LABELLING)
        write_json(target, [task(document, predicted=True, model_version=version) for document in stamped])
        write_text(beside, labelling(schema))
        return [target, beside]
    if format == "brat":
        write_documents(stamped, target, format, schema)
        write_text(target / CONFIG_FILE, configuration(schema.names))
        return [target]
    write_documents(stamped, target, format, schema)
    return [target]


def labelling(schema: LabelSchema) -> str:
    """Label Studio's labelling configuration for the labels: ``Labels`` named ``label`` over the ``Text`` named ``text``."""
    labels = "".join(
        f"    <Label value={quoteattr(name)} background={quoteattr(_COLOURS[i % len(_COLOURS)])}/>\n"
        for i, name in enumerate(schema.names)
    )
    return (
        '<View>\n  <Labels name="label" toName="text">\n'
        f"{labels}"
        '  </Labels>\n  <Text name="text" value="$text"/>\n</View>\n'
    )
