"""What a finished output was made of, in a small hidden file beside it: with it ``--resume`` tells what has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from topner.document import Document
from topner.errors import TopnerError
from topner.files import sha256, write_jsonl

_ANEW = "leave out --resume to write it anew"


def receipt_path(output: Path) -> Path:
    """Where the receipt of an output lies: beside it, hidden, ending in ``.done``."""
    return output.with_name(f".{output.name}.done")


def write_receipt(output: Path, settings: Mapping[str, object], documents: Iterable[Document]) -> None:
    """Write the receipt of a finished output.

    Args:
        output: the file, written.
        settings: what its answers depend on, as JSON values.
        documents: that were tagged, in order.

    Raises:
        TopnerError: it cannot be written.
    """
    head = {"settings": settings, "output": sha256(output)}
    write_jsonl(receipt_path(output), (record for part in ([head], map(_entry, documents)) for record in part))


def first_difference(output: Path, settings: Mapping[str, object], documents: Iterable[Document]) -> str | None:
    """How the documents differ from those that a finished output was made of.

    Args:
        output: the file.
        settings: what the answers of the run in hand depend on.
        documents: its documents, read up to the first difference.

    Returns:
        A clause about the first document that is new, gone or changed; ``None`` where all are the same.

    Raises:
        TopnerError: there is no receipt, it is damaged, the output was changed after it was written, or the settings differ.
    """
    path = receipt_path(output)
    try:
        head, *entries = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        made, written = head["settings"], head["output"]
        known = {str(name) for name, _ in entries}
    except FileNotFoundError:
        message = "is complete, but was written without --resume: of which input is not known"
        raise TopnerError(message, path=output, hint=_ANEW) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise TopnerError("is damaged", path=path, hint=_ANEW) from None
    if sha256(output) != written:
        raise TopnerError("was changed after it was written", path=output, hint=_ANEW)
    if made != json.loads(json.dumps(settings)):
        message = "was written with another model, version, threshold or --batch-size"
        raise TopnerError(message, path=output, hint=f"give the same ones, or {_ANEW}")
    for entry, document in zip_longest(entries, documents):
        if document is None:
            return f"{entry[0]} is gone"
        if entry is None or _entry(document) != entry:
            if document.id not in known:
                return f"{document.id} is new"
            return f"{document.id} has changed" if entry and document.id == entry[0] else f"{entry[0]} is gone"
    return None


def _entry(document: Document) -> list[Any]:
    content = json.dumps([document.text, dict(document.meta)], ensure_ascii=False, sort_keys=True)
    return [document.id, hashlib.sha256(content.encode()).hexdigest()[:32]]
