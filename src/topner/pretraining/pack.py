"""Tokenise plain text once into flat files of token ids that training reads without loading them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from topner.dataset.tokens import require_fast
from topner.errors import TopnerError
from topner.files import atomic_folder, read_text, sha256, write_json
from topner.pretraining.config import MaskConfig, TextConfig
from topner.pretraining.source import read_documents, text_files

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PARTS = ("train", "held_out")
"""Names of the two parts of the text."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Token ids of one part of the text, documents in order, each ended by the tokenizer's separator.

    Attributes:
        ids: vocabulary ids, shape ``(tokens,)``, read from disk when used.
        starts: whether a token begins a unit of masking (a word, or any token), same shape.
        ranges: half-open token ranges of each source, by its name.
        digest: SHA-256 of the ids.
    """

    ids: NDArray[np.unsignedinteger]
    starts: NDArray[np.bool_]
    ranges: dict[str, tuple[int, int]]
    digest: str


def is_held_out(source: str, number: int, share: float) -> bool:
    """Whether the document of that number in the source is held out: the same in every run, whatever else is read."""
    return crc32(f"{source}/{number}".encode()) < share * 2**32


def pack_text(
    config: TextConfig, masking: MaskConfig, tokenizer: PreTrainedTokenizerBase, cache: Path
) -> dict[str, Packed]:
    """The tokens of the text by part; tokenised into ``cache`` unless that was done before.

    Files are told from earlier ones by path, size and time of change.

    Raises:
        TopnerError: text is missing or unreadable, or too little of it to hold anything out.
    """
    require_fast(tokenizer)
    folder = cache / _key(config, masking, tokenizer)
    if not (folder / "index.json").is_file():
        with atomic_folder(folder) as temporary:
            _write(config, masking, tokenizer, temporary)
    index = json.loads(read_text(folder / "index.json"))
    packed = {}
    for part in PARTS:
        ranges = {name: (first, last) for name, (first, last) in index[part].items()}
        if not any(last > first for first, last in ranges.values()):
            raise TopnerError(
                f"the text has nothing for the part {part!r}", hint="give more text, or another text.held_out"
            )
        ids = np.memmap(folder / f"{part}.ids", dtype=index["dtype"], mode="r")
        starts = np.memmap(folder / f"{part}.starts", dtype=np.bool_, mode="r")
        packed[part] = Packed(ids, starts, ranges, index["digest"][part])
    return packed


def _write(config: TextConfig, masking: MaskConfig, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    dtype = np.dtype(np.uint16 if len(tokenizer) <= 2**16 else np.uint32)
    words = word_starts() if masking.unit == "word" else None
    index: dict[str, dict[str, tuple[int, int]]] = {part: {} for part in PARTS}
    written = dict.fromkeys(PARTS, 0)
    with ExitStack() as files, tqdm(desc="tokenising", unit="char", unit_scale=True, disable=None) as bar:
        out = {part: _open(files, folder, part) for part in PARTS}
        for source in config.sources:
            before = dict(written)
            for number, document in enumerate(read_documents(source, config.document)):
                if not document:
                    continue
                part = PARTS[is_held_out(source.name, number, config.held_out)]
                ids, starts = encode(document, tokenizer, words)
                out[part][0].write(ids.astype(dtype).tobytes())
                out[part][1].write(starts.tobytes())
                written[part] += len(ids)
                bar.update(sum(map(len, document)))
            for part in PARTS:
                index[part][source.name] = (before[part], written[part])
    digest = {part: sha256(folder / f"{part}.ids") for part in PARTS}
    write_json(folder / "index.json", {"dtype": dtype.name, "digest": digest, **index})


def _open(files: ExitStack, folder: Path, part: str) -> tuple[BinaryIO, BinaryIO]:
    ids, starts = (files.enter_context((folder / f"{part}.{kind}").open("wb")) for kind in ("ids", "starts"))
    return ids, starts


def encode(
    document: list[str], tokenizer: PreTrainedTokenizerBase, words: Callable[[str], list[int]] | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Token ids of a document's paragraphs, each with its line end, then the separator; and where units begin.

    Args:
        document: its paragraphs.
        tokenizer: a fast one; where it has a token for the line end, that stands between paragraphs.
        words: gives the code-point offsets at which the words of a paragraph begin; ``None`` makes each token a unit.

    Returns:
        Two arrays of shape ``(tokens,)``.
    """
    texts = [f"{paragraph}\n" for paragraph in document]
    encoded = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    ids = [token for row in encoded["input_ids"] for token in row]
    starts = []
    for paragraph, offsets in zip(document, encoded["offset_mapping"], strict=True):
        begins = {*words(paragraph), len(paragraph)} if words else {start for start, _ in offsets}
        starts += [start in begins for start, _ in offsets]
    return np.array([*ids, tokenizer.sep_token_id], dtype=np.int64), np.array([*starts, True], dtype=np.bool_)


def word_starts() -> Callable[[str], list[int]]:
    """A function that gives the offsets at which the words of a text begin, by the segmenter rjieba.

    Raises:
        TopnerError: rjieba is not installed.
    """
    try:
        import rjieba
    except ImportError:
        raise TopnerError("whole-word masking needs rjieba", hint="pip install 'topner[pretrain]'") from None

    def starts(text: str) -> list[int]:
        found, position = [], 0
        for word in rjieba.cut(text):
            found.append(position)
            position += len(word)
        return found

    return starts


def _key(config: TextConfig, masking: MaskConfig, tokenizer: PreTrainedTokenizerBase) -> str:
    read = [path for source in config.sources for path in (*text_files(source), source.without) if path is not None]
    try:
        files = {str(path.resolve()): path.stat() for path in read}
    except OSError as error:
        raise TopnerError(f"cannot be read: {error.strerror or error}", path=Path(error.filename)) from None
    named = {
        "sources": [
            source.model_dump(mode="json", exclude={"repeat"} if source.without else {"repeat", "without"})
            for source in config.sources
        ],
        "held_out": config.held_out,
        "document": config.document,
        "unit": masking.unit,
        "files": {name: (stat.st_size, stat.st_mtime_ns) for name, stat in files.items()},
        "tokenizer": tokenizer.backend_tokenizer.to_str(),
    }
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
