"""From documents to the windows a model is trained on, as a ``datasets.Dataset`` cached by content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import topner
from topner.dataset.tags import Span, clean_spans, encode_tags
from topner.dataset.tokens import Tokens, special_frame, tokenize
from topner.dataset.windows import Window, cut_costs, make_windows
from topner.document import Document, documents_hash
from topner.errors import TopnerError
from topner.files import atomic_folder
from topner.labels import LabelSchema
from topner.ledger import Ledger, Loss
from topner.text.alignment import AlignedText
from topner.text.clean import CleanConfig, clean

if TYPE_CHECKING:
    from datasets import Dataset, Features
    from transformers import PreTrainedTokenizerBase

_VERSION = 1  # raise when the encoding of documents changes, so that cached data sets are made anew
IGNORED = -100


def encode_document(
    document: Document,
    tokenizer: PreTrainedTokenizerBase,
    schema: LabelSchema,
    cleaning: CleanConfig,
    size: int,
    ledger: Ledger,
) -> Iterator[dict[str, Any]]:
    """Yield the document's windows as model input.

    Args:
        document: with gold mentions.
        tokenizer: a fast one.
        schema: label set.
        cleaning: how the raw text is cleaned.
        size: most tokens of a window, special tokens included.
        ledger: takes every annotation that does not survive as it was.

    Yields:
        ``input_ids``, ``attention_mask``, ``labels`` (tag ids; -100 at special tokens), ``length`` and ``document``.
    """
    aligned = clean(document.text, cleaning)
    tokens = tokenize(aligned.text, tokenizer)
    spans = clean_spans(document, aligned, ledger)
    tags = encode_tags(spans, tokens.offsets, schema, aligned, document.id, ledger)
    before, after = special_frame(tokenizer)
    room = size - len(before) - len(after)
    if room < 1:
        raise TopnerError(f"a window of {size} tokens leaves no room beside the special tokens")
    windows = make_windows(cut_costs(aligned.text, tokens.offsets), room, 0)
    _report_cuts(document, spans, windows, tokens, aligned, ledger)
    for window in windows:
        ids = [*before, *tokens.ids[window.start : window.end].tolist(), *after]
        labels = tags[window.start : window.end].tolist()
        yield {
            "input_ids": ids,
            "attention_mask": [1] * len(ids),
            "labels": [IGNORED] * len(before) + labels + [IGNORED] * len(after),
            "length": len(ids),
            "document": document.id,
        }


def build_dataset(
    documents: Sequence[Document],
    tokenizer: PreTrainedTokenizerBase,
    schema: LabelSchema,
    cleaning: CleanConfig,
    size: int,
    cache: Path | None = None,
) -> tuple[Dataset, Ledger]:
    """Encode documents into a data set of windows, or take it from the cache.

    Args:
        documents: with gold mentions.
        tokenizer: a fast one.
        schema: label set.
        cleaning: how the raw text is cleaned.
        size: most tokens of a window, special tokens included.
        cache: folder of cached data sets, keyed by a hash of all that shapes them; ``None`` encodes anew.

    Returns:
        The data set, its columns those of :func:`encode_document`, and the ledger of what encoding lost.
    """
    from datasets import Dataset, load_from_disk

    folder = cache / data_hash(documents, tokenizer, schema, cleaning, size) if cache else None
    if folder and (folder / "ledger.json").is_file():
        stored = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
        ledger = Ledger([Loss(**row) for row in stored["losses"]], stored["seen"])
        return load_from_disk(str(folder / "windows")), ledger
    ledger = Ledger()
    rows = [row for d in documents for row in encode_document(d, tokenizer, schema, cleaning, size, ledger)]
    dataset = Dataset.from_list(rows, features=_features())
    if folder:
        with atomic_folder(folder) as temporary:
            dataset.save_to_disk(str(temporary / "windows"))
            losses = {"seen": ledger.seen, "losses": [asdict(loss) for loss in ledger]}
            (temporary / "ledger.json").write_text(json.dumps(losses, ensure_ascii=False), encoding="utf-8")
    return dataset, ledger


def data_hash(
    documents: Sequence[Document],
    tokenizer: PreTrainedTokenizerBase,
    schema: LabelSchema,
    cleaning: CleanConfig,
    size: int,
) -> str:
    """SHA-256 over the documents and everything else that decides how they are encoded."""
    digest = hashlib.sha256()
    backend = getattr(tokenizer, "backend_tokenizer", None)
    settings = [_VERSION, topner.__version__, schema.names, cleaning.model_dump(), size]
    digest.update(json.dumps(settings, sort_keys=True, ensure_ascii=False).encode())
    digest.update((backend.to_str() if backend is not None else repr(tokenizer)).encode())
    digest.update(documents_hash(documents).encode())
    return digest.hexdigest()


def _features() -> Features:
    from datasets import Features, List, Value

    integers = List(Value("int32"))
    return Features(
        input_ids=integers,
        attention_mask=List(Value("int8")),
        labels=integers,
        length=Value("int32"),
        document=Value("string"),
    )


def _report_cuts(
    document: Document,
    spans: Sequence[Span],
    windows: Sequence[Window],
    tokens: Tokens,
    aligned: AlignedText,
    ledger: Ledger,
) -> None:
    """Enter every mention that a window border cuts in two: training sees it in pieces."""
    borders = np.asarray([tokens.offsets[window.start, 0] for window in windows[1:]], dtype=np.int64)
    for start, end, label in spans:
        if np.searchsorted(borders, start, side="right") != np.searchsorted(borders, end - 1, side="right"):
            raw = aligned.raw_span(start, end)
            ledger.add(
                document.id, "window", "moved", label, *raw, document.text[slice(*raw)], "cut by a window border"
            )
