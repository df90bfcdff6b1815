"""The agreement report: figures for programs, disputes for a spreadsheet, and a page on which to adjudicate them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

from topner.corpus.adjudication import version_hash
from topner.corpus.agreement import RELIABLE, TENTATIVE, Agreement, reliability, shared_documents
from topner.corpus.disputes import (
    KINDS,
    Dispute,
    Kind,
    Reading,
    count_disputes,
    find_disputes,
    stakes,
    write_disputes,
)
from topner.document import Document, Mention
from topner.files import write_json, write_text
from topner.labels import LabelSchema
from topner.pages.render import render

SCHEMA_VERSION = 1
KIND_NAMES: Mapping[Kind, tuple[str, str]] = {
    "missed": ("有人未标", "missed"),
    "boundary": ("边界不同", "boundary"),
    "label": ("标签不同", "label"),
    "both": ("边界标签皆不同", "boundary and label"),
    "split": ("一分为二", "split"),
}
_SIDES = {
    "左多": "more on the left",
    "左缺": "less on the left",
    "右多": "more on the right",
    "右缺": "less on the right",
}
_STAKES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Option:
    """A reading that can be taken at a dispute.

    Attributes:
        who: numbers of the annotators who have it, from 1.
        reading: the mentions; ``()`` for none.
    """

    who: tuple[int, ...]
    reading: Reading


@dataclass(frozen=True, slots=True)
class Item:
    """A dispute as the page shows it.

    Attributes:
        number: its number on the page, from 1.
        dispute: the dispute.
        options: its distinct readings.
        pairs: the pairs of annotators, ``1-2``, who differ in it.
        remarks: where the second of two readings differs from the first, in Chinese and in English.
    """

    number: int
    dispute: Dispute
    options: tuple[Option, ...]
    pairs: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """The part of one annotator's mention that stands in one segment.

    Attributes:
        annotator: number from 1.
        label: the mention's label.
        touching: the mention ends with the segment, and the annotator's next one begins there.
    """

    annotator: int
    label: str
    touching: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text: a dispute, a mention that all have, or what lies between.

    Attributes:
        segments: its text, cut where any mention begins or ends, each piece with the mentions over it.
        item: the dispute, if it is one.
        label: the label of the mention that all have, if it is one.
    """

    segments: tuple[tuple[str, tuple[Line, ...]], ...]
    item: Item | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document with disputes as the page shows it.

    Attributes:
        number: its rank on the page, from 1.
        document: the document as its first annotator has it.
        annotators: numbers of those who annotated it, from 1.
        hash: see :func:`topner.corpus.adjudication.version_hash`.
        items: its disputes.
        stretches: its text in pieces.
    """

    number: int
    document: Document
    annotators: tuple[int, ...]
    hash: str
    items: tuple[Item, ...]
    stretches: tuple[Stretch, ...]


def write_report(
    result: Agreement,
    layers: Mapping[str, Sequence[Document]],
    schema: LabelSchema,
    folder: Path,
    sources: Mapping[str, str] | None = None,
) -> None:
    """Write the report into a folder, which is made if need be; files of an earlier report are replaced.

    - ``agreement.json``: see :meth:`topner.corpus.agreement.Agreement.to_json`, with counts of the disputes.
    - ``disputes.csv``: see :func:`topner.corpus.disputes.write_disputes`.
    - ``agreement.html``: see :func:`render_page`.

    Args:
        result: what :func:`topner.corpus.agreement.agreement` gives for the layers.
        layers: each annotator's documents, by name.
        schema: the labels.
        folder: where to write.
        sources: what is to be known of the reading, in words, by name.

    Raises:
        TopnerError: the folder cannot be written.
    """
    disputes = find_disputes(layers, schema)
    texts = {id: next(iter(versions.values())).text for id, versions in shared_documents(layers).items()}
    page = render_page(result, layers, schema, sources)
    counts = {kind: {name: n for name, n in row.items() if n} for kind, row in count_disputes(disputes).items()}
    figures = {"schema_version": SCHEMA_VERSION, **result.to_json(), "disputes": len(disputes), "disputes_by": counts}
    write_json(folder / "agreement.json", figures if sources is None else {**figures, "sources": dict(sources)})
    write_disputes(folder / "disputes.csv", disputes, result.annotators, texts)
    write_text(folder / "agreement.html", page)


def render_page(
    result: Agreement,
    layers: Mapping[str, Sequence[Document]],
    schema: LabelSchema,
    sources: Mapping[str, str] | None = None,
) -> str:
    """The report as one HTML page on which every dispute can be decided; see :func:`topner.pages.render.render`.

    Decisions are kept in the browser, by the hash of their document, and saved as the file that
    :func:`topner.corpus.adjudication.read_decisions` reads. Arguments as for :func:`write_report`.
    """
    disputes = find_disputes(layers, schema)
    shared = shared_documents(layers)
    texts = {id: next(iter(versions.values())).text for id, versions in shared.items()}
    edges = [(edge, count) for edge, count in stakes(disputes, texts).most_common(_STAKES_SHOWN) if count > 1]
    lowest = min(result.pairs, key=lambda pair: result.pairs[pair]["micro"].f1)
    return render(
        "agreement",
        result=result,
        schema=schema,
        names=[*schema.names, "micro"],
        reliability=reliability(result.alpha["micro"]),
        thresholds=(RELIABLE, TENTATIVE),
        lowest=lowest,
        pairs=list(combinations(range(1, len(result.annotators) + 1), 2)),
        kinds=KINDS,
        kind_names=KIND_NAMES,
        counts=count_disputes(disputes),
        by_label={name: sum(name in dispute.labels for dispute in disputes) for name in schema.names},
        disputes=disputes,
        edges=edges,
        sheets=list(_sheets(shared, disputes, result.annotators)),
        sources=sources or {},
        circled=_circled,
    )


def cut(text: str, agreed: Sequence[Mention], items: Sequence[Item], annotators: Sequence[str]) -> Iterator[Stretch]:
    """Cut a text into its disputes, the mentions that all have, and the rest.

    Args:
        text: the raw text.
        agreed: mentions in no dispute.
        items: disputes by position.
        annotators: names by number.

    Returns:
        Stretches that together are the text.
    """
    places: list[tuple[int, int, Item | Mention]] = [(m.start, m.end, m) for m in agreed]
    places += [(item.dispute.start, item.dispute.end, item) for item in items]
    at = 0
    for start, end, what in sorted(places, key=lambda place: place[0]):
        if at < start:
            yield Stretch(((text[at:start], ()),))
        if isinstance(what, Mention):
            yield Stretch(((text[start:end], ()),), label=what.label)
        else:
            yield Stretch(tuple(_segments(text, what.dispute, annotators)), item=what)
        at = end
    if at < len(text):
        yield Stretch(((text[at:], ()),))


def _segments(text: str, dispute: Dispute, annotators: Sequence[str]) -> Iterator[tuple[str, tuple[Line, ...]]]:
    mentions = [(annotators.index(name) + 1, m) for name, reading in dispute.readings.items() for m in reading]
    starts = {(who, m.start) for who, m in mentions}
    edges = sorted({edge for _, m in mentions for edge in m.span})
    for start, end in pairwise(edges):
        lines = [
            Line(who, m.label, m.end == end and (who, end) in starts)
            for who, m in mentions
            if m.start <= start and end <= m.end
        ]
        # The gap after a line that touches the next must not break the other lines, so it goes innermost.
        yield text[start:end], tuple(sorted(lines, key=lambda line: line.touching))


def _sheets(
    shared: Mapping[str, Mapping[str, Document]], disputes: Sequence[Dispute], annotators: Sequence[str]
) -> Iterator[Sheet]:
    by_document: dict[str, list[Item]] = {}
    for number, dispute in enumerate(disputes, 1):
        text = next(iter(shared[dispute.document].values())).text
        by_document.setdefault(dispute.document, []).append(_item(number, dispute, text, annotators))
    for number, (id, items) in enumerate(by_document.items(), 1):
        versions = shared[id]
        document = next(iter(versions.values()))
        spans = [(item.dispute.start, item.dispute.end) for item in items]
        agreed = [m for m in document.mentions if not any(start <= m.start < end for start, end in spans)]
        numbers = tuple(annotators.index(name) + 1 for name in versions)
        stretches = tuple(cut(document.text, agreed, items, annotators))
        yield Sheet(number, document, numbers, version_hash(versions), tuple(items), stretches)


def _item(number: int, dispute: Dispute, text: str, annotators: Sequence[str]) -> Item:
    place = {name: i for i, name in enumerate(annotators, 1)}
    options = tuple(Option(tuple(place[name] for name in names), reading) for names, reading in dispute.sides)
    pairs = tuple(f"{place[a]}-{place[b]}" for a, b in combinations(dispute.readings, 2) if dispute.parts(a, b))
    remarks: list[tuple[str, str]] = []
    for edge in dispute.remarks(text):
        other, one = ("".join(map(_circled, option.who)) for option in reversed(options))
        remarks.append((f"{other}比{one}{edge}", f"{other} against {one}, {_SIDES[edge[:2]]}: {edge[2:]}"))
    return Item(number, dispute, options, pairs, tuple(remarks))


def _circled(number: int) -> str:
    """An annotator's number as the text of the page shows it."""
    return chr(0x2460 + number - 1) if number <= 20 else f"({number})"
