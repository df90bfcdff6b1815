"""Does an annotated set agree with itself? Suspect spans, for a person to look at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from topner.corpus.repeats import untagged
from topner.corpus.suspicion import Span, Suspicion, suspect
from topner.document import Document, Mention

__all__ = ["Suspicion", "suspicions"]

_EDGES = " \t\r\n\u3000，。、；：,;！？"
_PAIRS = ("“”", "（）", "《》", "()", "‘’")
_CONTEXT = 2
_RARE = 20
"""A label that a string has this many times less often than its usual one is suspect in any context."""


def suspicions(documents: Sequence[Document]) -> list[Suspicion]:
    """Everything in which a set of documents with gold mentions contradicts itself, by kind, then by document.

    The kinds are ``edge`` (a mention begins or ends with punctuation or white space, or runs over a line), ``unbalanced``
    (half of a pair of quotes or brackets), ``two labels`` (the string has another label elsewhere beside the same
    neighbours, or nearly always) and those of :func:`topner.corpus.repeats.untagged`.
    """
    found = [*_bad_ends(documents), *_two_labels(documents), *untagged(documents)]
    order = {"edge": 0, "unbalanced": 1, "two labels": 2, "untagged here": 3, "untagged elsewhere": 4}
    return sorted(found, key=lambda s: order[s.kind])


def _bad_ends(documents: Sequence[Document]) -> Iterator[Suspicion]:
    for document in documents:
        for m in document.mentions:
            bare = m.text.strip(_EDGES)
            if bare != m.text or "\n" in m.text:
                start = m.start + len(m.text) - len(m.text.lstrip(_EDGES))
                trimmed = (start, start + len(bare), m.label) if bare and "\n" not in bare else None
                reason = "begins or ends with punctuation or space, or runs over a line"
                yield suspect("edge", document, m, reason, trimmed)
            for pair in _PAIRS:
                if m.text.count(pair[0]) != m.text.count(pair[1]):
                    mended = _balanced(document.text, m, *pair)
                    yield suspect("unbalanced", document, m, f"half of a pair {pair}", mended)


def _balanced(text: str, m: Mention, opening: str, closing: str) -> Span | None:
    """The span without the half that stands at its end, or with the other half that stands beside it."""
    for start, end in (
        (m.start + m.text.startswith(opening), m.end - m.text.endswith(closing)),
        (m.start, m.end + text.startswith(closing, m.end)),
        (m.start - (text[m.start - 1 : m.start] == opening), m.end),
    ):
        if start < end and text.count(opening, start, end) == text.count(closing, start, end):
            return start, end, m.label
    return None


def _two_labels(documents: Sequence[Document]) -> Iterator[Suspicion]:
    """Mentions whose string has another label elsewhere: beside the same two characters, or nearly everywhere.

    Neighbours in a list say nothing: a company's name in a list of projects may stand for its project.
    """
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
        usual, most = counts.most_common(1)[0]
        spread = ", ".join(f"{label} {n}" for label, n in counts.most_common())
        for document, m in held:
            shared = next((c for c in _contexts(document, m) if len(labels[c]) > 1), None)
            if m.label == usual or (shared is None and most < _RARE * counts[m.label]):
                continue
            beside = f"; another label {shared[0]} {shared[1]!r}" if shared else ""
            suggested = (m.start, m.end, usual)
            yield suspect("two labels", document, m, f"{string}: {spread}{beside}", suggested)


def _contexts(document: Document, mention: Mention) -> list[tuple[str, str]]:
    before = document.text[max(mention.start - _CONTEXT, 0) : mention.start]
    after = document.text[mention.end : mention.end + _CONTEXT]
    return [(side, text) for side, text in (("after", before), ("before", after)) if "、" not in text]
