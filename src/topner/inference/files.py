"""Tag files and write the result."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from topner.document import Document
from topner.errors import TopnerError
from topner.files import atomic_path, read_text
from topner.inference.output import OutputFormat, render
from topner.inference.tagger import Tagger

STDIN = Path("-")


def tag_files(tagger: Tagger, paths: Sequence[Path], batch_size: int, problems: list[str]) -> Iterator[Document]:
    """Tag UTF-8 text files, one document each, lazily and in order.

    Args:
        tagger: the tagger.
        paths: files; ``-`` is standard input.
        batch_size: documents read ahead.
        problems: takes one line for each file that cannot be read; the others go on.

    Yields:
        Tagged documents; the id is the path as given, ``stdin`` for standard input.
    """

    def texts() -> Iterator[Document]:
        for path in tqdm(paths, unit="file", desc="tagging", disable=len(paths) < 2 or not sys.stderr.isatty()):
            try:
                yield Document("stdin", _standard_input()) if path == STDIN else Document(str(path), read_text(path))
            except TopnerError as error:
                problems.append(str(error))

    return tagger.pipe(texts(), batch_size)


def write_tagged(
    documents: Iterable[Document], format: OutputFormat, labels: tuple[str, ...], output: Path | None
) -> None:
    """Write tagged documents to a file, whole or not at all, or to standard output as they come."""
    pieces = render(documents, format, labels)
    if output is None:
        for piece in pieces:
            sys.stdout.write(piece)
            sys.stdout.flush()
        return
    with atomic_path(output) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
        out.writelines(pieces)


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TopnerError(f"standard input is not UTF-8 text (byte {error.start})") from None
