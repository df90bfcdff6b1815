"""Are the weights whole, does the tokenizer know Chinese, does the tagger tag?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from topner.doctor.finding import Finding, State
from topner.encoder.locate import default_model_path, packaged
from topner.errors import TopnerError
from topner.files import read_text, sha256, write_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SUMS = "SHA256SUMS"
"""File beside shipped weights, as ``sha256sum`` writes it: a hash, two spaces, a file name of the same folder."""
SENTENCE = "市科技局表示，2026年全市研发经费投入增长10%，推进“百园提升行动”——建成3座产业园…"
_QUOTES = "“”‘’—…，。、；：？！（）《》"


def check_weights(folders: tuple[Path, ...] | None = None) -> Iterator[Finding]:
    """Shipped and installed weights against their list of hashes, and safe to load.

    Args:
        folders: model folders; those that do not exist are passed over. By default the package's encoder and tagger.
    """
    from topner.model.folder import check_model_folder

    folders = (packaged("encoder"), packaged("tagger")) if folders is None else folders
    there = [folder for folder in folders if folder.is_dir()]
    if not there:
        yield Finding("weights", "warning", "none are shipped", "install topner again")
    for folder in there:
        name = f"weights {folder.name}"
        try:
            check_model_folder(folder)
            wrong = _wrong_files(folder) if (folder / SUMS).is_file() else None
        except TopnerError as error:
            yield Finding(name, "problem", str(error), "install topner again, or train the tagger again")
            continue
        if wrong:
            said = f"{', '.join(wrong)} in {folder} differs from {SUMS}"
            yield Finding(name, "problem", said, "the files are damaged or were changed: install topner again")
        elif wrong is None:
            yield Finding(name, "ok", f"whole; no list of hashes ({SUMS}) lies in {folder}")
        else:
            yield Finding(name, "ok", f"whole, hashes as listed in {folder / SUMS}")


def write_sums(folder: Path) -> None:
    """Write the hashes of a folder's files into its :data:`SUMS`."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    write_text(folder / SUMS, "".join(f"{sha256(folder / name)}  {name}\n" for name in names))


def _wrong_files(folder: Path) -> list[str]:
    wrong = []
    for number, text in enumerate(read_text(folder / SUMS).splitlines(), 1):
        digest, _, name = text.partition("  ")
        if Path(name).name != name or not name:
            raise TopnerError("expected a hash, two spaces and a file name", path=folder / SUMS, where=number)
        if not (folder / name).is_file() or sha256(folder / name) != digest:
            wrong.append(name)
    return wrong


def check_tokenizer(folder: Path | None = None) -> Iterator[Finding]:
    """The tokenizer's self-test: unknown characters, Chinese punctuation, one token a digit, offsets.

    Args:
        folder: of the model; by default the default tagger's, else the shipped encoder's.
    """
    from transformers import AutoTokenizer

    from topner.dataset.tokens import require_fast

    folder = _default_folder() if folder is None else folder
    if folder is None:
        yield Finding("tokenizer", "warning", "there is no model yet to take it from", "make train")
        return
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    require_fast(tokenizer)
    yield from judge_tokenizer(tokenizer)


def judge_tokenizer(tokenizer: PreTrainedTokenizerBase) -> Iterator[Finding]:
    """The findings about a fast tokenizer."""
    from topner.dataset.tokens import tokenize, unknown_share

    share = unknown_share([SENTENCE], tokenizer)
    state: State = "ok" if share == 0 else "warning" if share <= 0.1 else "problem"
    todo = "" if share == 0 else "its vocabulary was not loaded, or is not made for Chinese: choose another encoder"
    yield Finding("tokenizer: unknown", state, f"{share:.0%} of the tokens of a sentence", todo)
    lost = [mark for mark in _QUOTES if unknown_share([mark], tokenizer) > 0]
    said = f"does not know {' '.join(lost)}" if lost else f"knows {_QUOTES}"
    todo = "boundaries beside them are learnt less well; the embedded encoder knows them" if lost else ""
    yield Finding("tokenizer: marks", "warning" if lost else "ok", said, todo)
    digits = tokenize("2026年增长10%", tokenizer)
    joined = [(int(a), int(b)) for a, b in digits.offsets if b - a > 1]
    todo = "a boundary inside such a token is moved outward and listed in losses.csv" if joined else ""
    said = "several digits in one token" if joined else "one token a digit"
    yield Finding("tokenizer: digits", "warning" if joined else "ok", said, todo)
    text = f"甲 {SENTENCE}\n𠮷😀"
    offsets = tokenize(text, tokenizer).offsets
    ends = [0, *(int(end) for end in offsets[:, 1])]
    inside = all(int(a) >= before and a < b for (a, b), before in zip(offsets, ends, strict=False)) and ends[-1] <= len(
        text
    )
    covered = {i for a, b in offsets for i in range(int(a), int(b))}
    bare = [text[i] for i in range(len(text)) if i not in covered and not text[i].isspace()]
    if not inside or bare:
        said = f"wrong: {''.join(bare) or 'they overlap or leave the text'}"
        yield Finding("tokenizer: offsets", "problem", said, "use a fast tokenizer with right offsets")
    else:
        yield Finding("tokenizer: offsets", "ok", "in order, every character covered")


def check_prediction(folder: Path | None = None) -> Iterator[Finding]:
    """One sentence through the tagger.

    Args:
        folder: of the model; by default the default tagger.
    """
    from topner.inference.tagger import Tagger

    if folder is None:
        try:
            folder = default_model_path()
        except TopnerError as error:
            yield Finding("prediction", "warning", error.message, error.hint or "")
            return
    try:
        tagger = Tagger.from_pretrained(folder)
    except TopnerError as error:
        yield Finding(
            "prediction", "problem", str(error), "install topner again, or train the tagger again: make train"
        )
        return
    begun = time.perf_counter()
    found = tagger(SENTENCE).mentions
    said = ", ".join(f"{mention.text} {mention.label}" for mention in found) or "no mention"
    said = f"{said} ({(time.perf_counter() - begun) * 1000:.0f} ms, {folder})"
    if any(SENTENCE[mention.start : mention.end] != mention.text for mention in found):
        yield Finding("prediction", "problem", said, "offsets are wrong: please report this")
    elif not found:
        yield Finding("prediction", "warning", said, "is this the model you meant? see --model")
    else:
        yield Finding("prediction", "ok", said)


def _default_folder() -> Path | None:
    try:
        return default_model_path()
    except TopnerError:
        return packaged("encoder") if (packaged("encoder") / "config.json").is_file() else None
