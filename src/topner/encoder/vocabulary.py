"""The character vocabulary of the embedded encoder and the vector each character starts with."""

from __future__ import annotations

import unicodedata
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from topner.encoder.e5 import PackedModel, dequantise

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
# Characters of policy text beyond GB2312: quotes and dashes of other code pages, bullets, units, brackets, currency.
EXTRA = "—…“”‘’–―‐•●○◆■□▲►※√×÷±≤≥≈∶﹒･·‧„‟〃〝〞「」『』〔〕【】〖〗㎡㎞㎏㎜㎝³²¹½¼¾°′″‰℃℉№€£¥©®™〇①②③④⑤⑥⑦⑧⑨⑩αβγμΩ\n\t "
_METASPACE = "▁"
_STEPS = {"\n": _METASPACE, "\t": _METASPACE, " ": _METASPACE}


def gb2312() -> list[str]:
    """The 7,445 characters of GB 2312-80, in code order."""
    cells = (bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return [character for character in cells if character]


def is_han(character: str) -> bool:
    """Whether the character is a Chinese one (CJK unified ideographs, extension A included)."""
    return "\u3400" <= character <= "\u9fff"


def single_characters(pieces: list[str]) -> dict[str, list[int]]:
    """Ids of the pieces that are one character, with or without the word-begin mark, by that character."""
    found: dict[str, list[int]] = defaultdict(list)
    for i, piece in enumerate(pieces):
        bare = piece.removeprefix(_METASPACE) or _METASPACE
        if len(bare) == 1:
            found[bare].append(i)
    return dict(found)


def choose_characters(pieces: list[str]) -> list[str]:
    """Characters of the vocabulary, sorted: printable ASCII, GB 2312, :data:`EXTRA`, and each Chinese character e5 has."""
    ascii_printable = {chr(code) for code in range(0x20, 0x7F)}
    known = {character for character in single_characters(pieces) if is_han(character)}
    return sorted(ascii_printable | set(gb2312()) | set(EXTRA) | known)


def initial_vectors(model: PackedModel, characters: list[str], seed: int = 0) -> NDArray[np.float32]:
    """Embedding matrix of :data:`SPECIAL` followed by ``characters``; shape ``(5 + len(characters), hidden)``.

    A character that e5 has takes the mean of its pieces (with and without word-begin mark). One it lacks takes the mean of
    its compatibility form's characters (NFKC; XLM-R normalises full-width punctuation away), else the mean of the longer
    pieces that hold it, else the mean Chinese character; the last two with a little seeded noise so that no two are equal.
    """
    single = single_characters(model.pieces)
    holding: dict[str, list[int]] = defaultdict(list)
    wanted = {character for character in characters if character not in single}
    for i, piece in enumerate(model.pieces):
        for character in wanted.intersection(piece):
            holding[character].append(i)
    han = dequantise(model.vectors[[single[c][0] for c in characters if is_han(c) and c in single]])
    average, noise = han.mean(axis=0), 0.1 * han.std(axis=0)
    generator = np.random.default_rng(seed)

    def vector(character: str) -> NDArray[np.float32]:
        if character in single:
            return _mean(model, single[character])
        form = _STEPS.get(character, unicodedata.normalize("NFKC", character))
        ids = [i for part in form if part in single for i in single[part]]
        if ids and form != character:
            return _mean(model, ids)
        base = _mean(model, holding[character][:64]) if character in holding else average
        return np.asarray(base + noise * generator.standard_normal(len(average)), dtype=np.float32)

    begin, end, padding, unknown = model.special
    mask = model.pieces.index("<mask>")
    special = [_mean(model, [i]) for i in (padding, unknown, begin, end, mask)]
    return np.stack(special + [vector(character) for character in characters])


def _mean(model: PackedModel, ids: list[int]) -> NDArray[np.float32]:
    return np.asarray(dequantise(model.vectors[ids]).mean(axis=0), dtype=np.float32)
