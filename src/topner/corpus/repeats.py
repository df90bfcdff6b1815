"""Names that are tagged in one place and not, or not whole, in another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence

from topner.corpus.suspicion import Suspicion, free, suspect, suspect_untagged
from topner.document import Document, Mention
from topner.labels import TARGET

_SHORTEST = 3
_REACH = 8
"""How many code points a longer name may begin before a mention or end after it."""

_OFTEN = 2
"""A name that other documents leave untagged must be tagged this many times as often as it stands untagged."""

_WORKS = re.compile(r"《[^《》\n]*》")
_CLASS = re.compile(r"(?:[各类级所有全我本该辖两每的]|[几多一两二三四五六七八九十]个|若干|其他|部分|设区|区、|县、)$")
_BARE_BODY = re.compile(r"[省市县区州盟旗镇乡]")
_GOVERNS = re.compile(r"[^\u4e00-\u9fff]|[由据经请报受让和与及或在是给向对被把到使如因为得至促持合]")
_LONGER_WORD = re.compile(r"(?<=部)门|(?<=局)[势面部]|(?<=市)[场民]|(?<=区)[域间别]|[东南西北中]?(?:路|街|大道)")
_DEFINED = re.compile(r"”?[（(](?:以下)?(?:统|简)?称(?:为)?[：:]?[“\"]?([^“”\"（）()，。；\n]{2,15})[”\"]?[）)，；]")


def untagged(documents: Sequence[Document]) -> Iterator[Suspicion]:
    """Names that stand outside every mention here and are a mention elsewhere.

    The kinds are ``untagged here`` (a name tagged in this document stands untagged in it) and ``untagged elsewhere`` (a
    name that other documents tag, and hardly ever leave untagged, stands untagged in this one). Passed over are titles in
    《》, classes (各自贸试验区, 有条件的开发区), pieces of a longer word (财政部门), and targets: their words may well stand
    elsewhere as something achieved.
    """
    labels, holders = _names(documents)
    lengths = _lengths(labels)
    outside = [(d, start, string) for d in documents for start, string in _standing_free(d, lengths, labels)]
    loose = Counter(string for _, _, string in outside)
    for document, start, string in outside:
        label, count = labels[string].most_common(1)[0]
        span = (start, start + len(string), label)
        if document.id in holders[string]:
            reason = f"tagged {label} elsewhere in the same document"
            yield suspect_untagged("untagged here", document, span, reason)
        elif len(holders[string]) >= 2 and count >= _OFTEN * loose[string]:
            others = ", ".join(sorted(holders[string])[:3])
            reason = f"tagged {label} {count} times, in {others}"
            yield suspect_untagged("untagged elsewhere", document, span, reason)


def short_forms(documents: Sequence[Document]) -> Iterator[Suspicion]:
    """Untagged short names that the same document defines behind a tagged one: X公司（以下简称“Y”）; kind ``short form``."""
    for document in documents:
        for m in document.mentions:
            found = _DEFINED.match(document.text, m.end)
            if found is None:
                continue
            places = (place.span() for place in re.finditer(re.escape(found[1]), document.text))
            for start, end in free(document, places):
                if not _is_name(document.text, start, end):
                    continue
                yield suspect_untagged("short form", document, (start, end, m.label), f"defined as short for {m.text}")


def longer_names(documents: Sequence[Document]) -> Iterator[Suspicion]:
    """Mentions that cover a part of a name which is tagged whole elsewhere, twice or more; kind ``longer elsewhere``."""
    labels, holders = _names(documents)
    nowhere: Counter[str] = Counter()
    for document in documents:
        for i, m in enumerate(document.mentions):
            if m.text not in labels:
                continue
            first = max(m.start - _REACH, document.mentions[i - 1].end if i else 0)
            last = min([len(document.text), m.end + _REACH, *(n.start for n in document.mentions[i + 1 : i + 2])])
            longer = [
                (start, end)
                for start in range(first, m.start + 1)
                for end in range(last, m.end - 1, -1)
                if (start, end) != m.span and labels.get(document.text[start:end], nowhere)[m.label] >= 2
            ]
            if longer:
                start, end = max(longer, key=lambda span: span[1] - span[0])
                where = ", ".join(sorted(holders[document.text[start:end]])[:3])
                reason = f"{document.text[start:end]} is tagged whole in {where}"
                yield suspect("longer elsewhere", document, m, reason, (start, end, m.label))


def _names(documents: Sequence[Document]) -> tuple[Mapping[str, Counter[str]], Mapping[str, set[str]]]:
    """How often each name has each label, and which documents tag it."""
    labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for document in documents:
        for m in document.mentions:
            if len(m.text) >= _SHORTEST and not _quantified(m):
                labels[m.text][m.label] += 1
                holders[m.text].add(document.id)
    return dict(labels), holders


def _lengths(strings: Mapping[str, object]) -> dict[str, list[int]]:
    """How long the strings are, the longest first, by their first characters."""
    sizes: defaultdict[str, set[int]] = defaultdict(set)
    for string in strings:
        sizes[string[:_SHORTEST]].add(len(string))
    return {head: sorted(found, reverse=True) for head, found in sizes.items()}


def _standing_free(
    document: Document, lengths: Mapping[str, Sequence[int]], strings: Container[str]
) -> Iterator[tuple[int, str]]:
    """The longest known strings outside the mentions, with their offsets.

    Args:
        document: with gold mentions.
        lengths: how long the strings are, the longest first, by their first characters.
        strings: the known strings.
    """
    works = [work.span() for work in _WORKS.finditer(document.text)]
    position = 0
    for m in [*document.mentions, None]:
        end = len(document.text) if m is None else m.start
        i = position
        while i < end:
            for size in lengths.get(document.text[i : i + _SHORTEST], ()):
                string = document.text[i : i + size]
                if i + size <= end and string in strings:
                    cited = any(a <= i and i + size <= b for a, b in works)
                    if not cited and _is_name(document.text, i, i + size):
                        yield i, string
                    i += size - 1
                    break
            i += 1
        position = end if m is None else m.end


def _is_name(text: str, start: int, end: int) -> bool:
    """Whether the string may stand for one thing here: not a class of things, not a piece of a longer word."""
    before = text[max(start - 3, 0) : start]
    bound = before and _BARE_BODY.match(text, start) and not _GOVERNS.match(before[-1])
    return not (bound or _CLASS.search(before) or _LONGER_WORD.match(text, end))


def _quantified(mention: Mention) -> bool:
    return mention.label == TARGET or bool(re.search(r"\d", mention.text))
