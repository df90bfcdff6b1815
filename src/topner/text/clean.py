"""The text front end: the chain of cleaning steps from a raw page to clean text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pydantic import BaseModel, ConfigDict

from topner.text.alignment import AlignedText, Step
from topner.text.invisible import drop_invisible
from topner.text.markup import strip_markup
from topner.text.punctuation import widen_punctuation
from topner.text.ruby import drop_ruby
from topner.text.script import Scheme, simplify
from topner.text.space import collapse_space
from topner.text.width import narrow


class CleanConfig(BaseModel):
    """Which cleaning steps are taken; they run in the order of the attributes.

    Attributes:
        markup: read HTML entities, remove tags and comments.
        invisible: remove zero-width and control characters.
        width: full-width letters and digits and compatibility forms to ordinary ones.
        ruby: remove pinyin readings after characters.
        script: OpenCC conversion to simplified script; ``None`` leaves the script alone.
        punctuation: half-width punctuation beside Chinese to full-width.
        space: normalise line ends, collapse spaces and blank lines.
        join_chinese: with ``space``, drop the spaces between two Chinese characters altogether.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    markup: bool = True
    invisible: bool = True
    width: bool = True
    ruby: bool = True
    script: Scheme | None = "t2s"
    punctuation: bool = True
    space: bool = True
    join_chinese: bool = True

    def steps(self) -> Iterator[Step]:
        """The steps to take, in order."""
        if self.markup:
            yield strip_markup
        if self.invisible:
            yield drop_invisible
        if self.width:
            yield narrow
        if self.ruby:
            yield drop_ruby
        if self.script is not None:
            yield partial(simplify, scheme=self.script)
        if self.punctuation:
            yield widen_punctuation
        if self.space:
            yield partial(collapse_space, join_chinese=self.join_chinese)


_DEFAULT = CleanConfig()


def clean(raw: str, config: CleanConfig = _DEFAULT) -> AlignedText:
    """Clean a raw text.

    Args:
        raw: the text as it was read; may be empty.
        config: the steps to take.

    Returns:
        The clean text, whose ``raw_span`` leads from its offsets to code points of ``raw``.
    """
    aligned = AlignedText.of(raw)
    for step in config.steps():
        aligned = aligned.apply(step(aligned.text))
    return aligned
