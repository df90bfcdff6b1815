"""Does an annotated set agree with itself? Suspect spans, for a person to look at."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from topner.document import Document, Mention

Kind = Literal["edge", "unbalanced", "two labels", "untagged here", "untagged elsewhere"]
_EDGES = " \t\r\n\u3000，。、；：,;！？"
_PAIRS = ("“”", "（）", "《》", "()", "‘’")
_SHORTEST = 3
_CONTEXT = 2


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A stretch of text whose annotation may be wrong.

    Attributes:
        kind: ``edge`` (a mention begins or ends with punctuation or white space, or runs over a line), ``unbalanced`` (half
            of a pair of quotes or brackets), ``two labels`` (the string has another label elsewhere beside the same
            neighbours), ``untagged here`` (a name tagged in this document stands untagged in it), ``untagged elsewhere`` (a
            name that is tagged in other documents, and there every time, stands untagged in this one).
        document: id.
        start: first code point in the raw text.
        end: one past the last.
        label: of the mention, or the label its string has elsewhere.
        text: the stretch.
        reason: in words.
    """

    kind: Kind
    document: str
    start: int
    end: int
    label: str
    text: str
    reason: str


def suspicions(documents: Sequence[Document]) -> list[Suspicion]:
    """Everything suspect in a set of documents with gold mentions, by kind, then in the order of the documents."""
    found = [*_bad_ends(documents), *_two_labels(documents), *_untagged(documents)]
    order = {"edge": 0, "unbalanced": 1, "two labels": 2, "untagged here": 3, "untagged elsewhere": 4}
    return sorted(found, key=lambda s: order[s.kind])


def _bad_ends(documents: Sequence[Document]) -> Iterator[Suspicion]:
    for document in documents:
        for m in document.mentions:
            where = (document.id, m.start, m.end, m.label, m.text)
            if m.text.strip(_EDGES) != m.text or "\n" in m.text:
                yield Suspicion("edge", *where, "begins or ends with punctuation or space, or runs over a line")
            for pair in _PAIRS:
                if m.text.count(pair[0]) != m.text.count(pair[1]):
                    yield Suspicion("unbalanced", *where, f"half of a pair {pair}")


def _two_labels(documents: Sequence[Document]) -> Iterator[Suspicion]:
    """Mentions of one string with different labels that share two characters before or after."""
    by_string: defaultdict[str, list[tuple[Document, Mention]]] = defaultdict(list)
    for document in documents:
        for m in document.mentions:
            by_string[m.text].append((document, m))
    for string, held in by_string.items():
        counts = Counter(m.label for _, m in held)
        if len(counts) < 2:
            continue
        labels: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for document, m in held:
            for context in _contexts(document, m):
                labels[context].add(m.label)
        usual = counts.most_common(1)[0][0]
        for document, m in held:
            shared = next((c for c in _contexts(document, m) if len(labels[c]) > 1), None)
            if m.label != usual and shared is not None:
                spread = ", ".join(f"{label} {n}" for label, n in counts.most_common())
                reason = f"{spread}; another label {shared[0]} {shared[1]!r}"
                yield Suspicion("two labels", document.id, m.start, m.end, m.label, string, reason)


def _contexts(document: Document, mention: Mention) -> list[tuple[str, str]]:
    before = document.text[max(mention.start - _CONTEXT, 0) : mention.start]
    after = document.text[mention.end : mention.end + _CONTEXT]
    return [("after", before), ("before", after)]


def _untagged(documents: Sequence[Document]) -> Iterator[Suspicion]:
    """Strings that stand outside every mention here and are a mention elsewhere."""
    labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for document in documents:
        for m in document.mentions:
            if len(m.text) >= _SHORTEST and not _quantified(m.text):
                labels[m.text][m.label] += 1
                holders[m.text].add(document.id)
    sizes: defaultdict[str, set[int]] = defaultdict(set)
    for string in labels:
        sizes[string[:_SHORTEST]].add(len(string))
    lengths = {head: sorted(found, reverse=True) for head, found in sizes.items()}
    outside = [(d, start, string) for d in documents for start, string in _standing_free(d, lengths, labels)]
    loose = {string for _, _, string in outside}
    for document, start, string in outside:
        label, count = labels[string].most_common(1)[0]
        where = (document.id, start, start + len(string), label, string)
        if document.id in holders[string]:
            yield Suspicion("untagged here", *where, f"tagged {label} elsewhere in the same document")
        elif count >= 2 and (len(holders[string]) >= 2 or string not in loose):
            others = ", ".join(sorted(holders[string])[:3])
            yield Suspicion("untagged elsewhere", *where, f"tagged {label} {count} times, in {others}")


def _standing_free(
    document: Document, lengths: Mapping[str, Sequence[int]], strings: Container[str]
) -> Iterator[tuple[int, str]]:
    """The longest known strings outside the mentions, with their offsets.

    Args:
        document: with gold mentions.
        lengths: how long the strings are, the longest first, by their first three characters.
        strings: the known strings.
    """
    position = 0
    for m in [*document.mentions, None]:
        end = len(document.text) if m is None else m.start
        i = position
        while i < end:
            for size in lengths.get(document.text[i : i + _SHORTEST], ()):
                if i + size <= end and document.text[i : i + size] in strings:
                    yield i, document.text[i : i + size]
                    i += size - 1
                    break
            i += 1
        position = end if m is None else m.end


def _quantified(text: str) -> bool:
    """A target is no name: its words may well stand elsewhere as something achieved."""
    return bool(re.search(r"\d", text))
