"""How often topner and charset-normalizer take the wrong encoding for short slices of the corpus in GB18030 and Big5."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import click

from topner.cli import run
from topner.errors import TopnerError

ENCODINGS = ("gb18030", "big5hkscs")


@click.command()
@click.option("--corpus", type=click.Path(path_type=Path, exists=True), default=Path("data/corpus"), show_default=True)
@click.option("--length", "lengths", type=click.IntRange(1), multiple=True, default=(8, 32, 128), show_default=True)
@click.option("--slices", default=1000, show_default=True, help="Slices of each length and encoding.")
def main(corpus: Path, lengths: tuple[int, ...], slices: int) -> None:
    """Print the share of slices that come back as another text."""
    click.echo(f"{'characters':>10}  {'encoding':10}  {'topner':>8}  {'charset-normalizer':>18}")
    for length in lengths:
        for encoding in ENCODINGS:
            texts = list(draw(corpus, length, encoding, slices))
            ours = sum(decoded(text.encode(encoding)) != text for text in texts)
            theirs = sum(peer(text.encode(encoding)) != text for text in texts)
            click.echo(f"{length:10}  {encoding:10}  {ours / slices:8.3f}  {theirs / slices:18.3f}")


def draw(corpus: Path, length: int, encoding: str, count: int) -> Iterator[str]:
    """Slices of the corpus's texts that the encoding can write, by a fixed seed; in traditional characters for Big5."""
    from opencc import OpenCC

    from topner.annotation.formats import read_documents
    from topner.labels import LabelSchema
    from topner.ledger import Ledger

    convert = OpenCC("s2t").convert if encoding == "big5hkscs" else str
    texts = [
        convert(d.text) for d in read_documents(corpus, None, LabelSchema.of(["TARGET", "PROJECT", "ORG"]), Ledger())
    ]
    choice = random.Random(13)  # noqa: S311 (a sample, no secret)
    while count:
        text = choice.choice(texts)
        start = choice.randrange(max(1, len(text) - length))
        piece = text[start : start + length]
        try:
            piece.encode(encoding)
        except UnicodeEncodeError:
            continue
        count -= 1
        yield piece


def decoded(data: bytes) -> str:
    """What topner reads; nothing where it says that it cannot tell."""
    from topner.sources.encoding import decode

    try:
        return decode(data).text
    except TopnerError:
        return ""


def peer(data: bytes) -> str:
    """What charset-normalizer reads."""
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return "" if best is None else str(best)


if __name__ == "__main__":
    run(main)
