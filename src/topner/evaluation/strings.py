"""Strings that are labelled one way here and another way there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from topner.document import Document

UNTAGGED = ""
"""Stands for "no mention of exactly this span" among the labels."""


@dataclass(frozen=True, slots=True)
class Variance:
    """A string with more than one label.

    Attributes:
        text: the string.
        gold: how often the gold gives it each label; :data:`UNTAGGED` where only the prediction has it.
        predicted: how often the prediction gives it each label; :data:`UNTAGGED` where only the gold has it.
        documents: ids of the documents it stands in, in order.
    """

    text: str
    gold: Mapping[str, int]
    predicted: Mapping[str, int]
    documents: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of places."""
        return sum(self.gold.values())


def variances(gold: Sequence[Document], predicted: Sequence[Document]) -> tuple[Variance, ...]:
    """The strings that the gold or the prediction labels in more than one way, by number of places, commonest first.

    A place is a span that is a mention in one of the layers or both; a string that stands in one place alone cannot vary.

    Args:
        gold: documents with gold mentions.
        predicted: the same documents in the same order with predicted mentions.
    """
    golden: defaultdict[str, Counter[str]] = defaultdict(Counter)
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    holders: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for document, answer in zip(gold, predicted, strict=True):
        one = {m.span: m.label for m in document.mentions}
        other = {m.span: m.label for m in answer.mentions}
        for start, end in one.keys() | other.keys():
            string = document.text[start:end]
            golden[string][one.get((start, end), UNTAGGED)] += 1
            found[string][other.get((start, end), UNTAGGED)] += 1
            holders[string][document.id] = None
    varying = [string for string in golden if len(golden[string]) > 1 or len(found[string]) > 1]
    varying.sort(key=lambda string: (-golden[string].total(), string))
    return tuple(
        Variance(s, dict(golden[s].most_common()), dict(found[s].most_common()), tuple(holders[s])) for s in varying
    )
