"""Where annotators differ, one place of the text at a time: :class:`Dispute`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from topner.corpus.agreement import shared_documents
from topner.document import Document, Mention
from topner.evaluation.errors import boundary_edges
from topner.labels import LabelSchema
from topner.ledger import write_table

Kind = Literal["missed", "boundary", "label", "both", "split"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Reading = tuple[Mention, ...]
_CONTEXT = 15  # characters of source text on either side of a dispute in the table


@dataclass(frozen=True)
class Dispute:
    """A place of a text at which the annotators of the text do not all have the same mentions.

    The mentions of all of them that hang together by overlapping are one dispute, so disputes lie apart, and whichever
    reading is taken at one of them the mentions still do not overlap.

    Attributes:
        document: id.
        start: first code point of the stretch that the mentions cover together.
        end: one past its last.
        labels: labels of the mentions in the order of the schema.
        readings: what each annotator of the document has here, by name; ``()`` for nothing.
    """

    document: str
    start: int
    end: int
    labels: tuple[str, ...]
    readings: Mapping[str, Reading]

    @property
    def kind(self) -> Kind:
        """What the annotators differ in.

        ``missed`` (somebody has nothing here), else ``split`` (one's span meets two of another's), ``boundary`` (same
        label, other extent), ``label`` (same extent, other label) or ``both``.
        """
        mentions = {mention for reading in self.readings.values() for mention in reading}
        if not all(self.readings.values()):
            return "missed"
        if any(len(reading) > 1 for reading in self.readings.values()):
            return "split"
        if len(self.labels) == 1:
            return "boundary"
        return "label" if len({mention.span for mention in mentions}) == 1 else "both"

    @property
    def sides(self) -> tuple[tuple[tuple[str, ...], Reading], ...]:
        """The distinct readings, each with the annotators who have it, in the order of the annotators."""
        sides: dict[Reading, list[str]] = {}
        for name, reading in self.readings.items():
            sides.setdefault(reading, []).append(name)
        return tuple((tuple(names), reading) for reading, names in sides.items())

    def parts(self, one: str, other: str) -> bool:
        """Whether two annotators differ here; false where one of them has not annotated the document."""
        held = self.readings
        return one in held and other in held and held[one] != held[other]

    def remarks(self, text: str) -> tuple[str, ...]:
        """Where the second of two readings of one mention each differs from the first: ``左多“力争”``.

        Args:
            text: the raw text of the document.

        Returns:
            Nothing, one or two remarks, see :func:`topner.evaluation.errors.boundary_edges`.
        """
        if len(self.sides) != 2 or any(len(reading) != 1 for _, reading in self.sides):
            return ()
        (_, (one,)), (_, (other,)) = self.sides
        return boundary_edges(text, one, other)


def find_disputes(layers: Mapping[str, Sequence[Document]], schema: LabelSchema) -> tuple[Dispute, ...]:
    """Every dispute, by document in the order of :func:`~topner.corpus.agreement.shared_documents` and by position.

    Args:
        layers: each annotator's documents, by name; their mentions do not overlap.
        schema: the labels.

    Raises:
        TopnerError: as :func:`~topner.corpus.agreement.shared_documents`.
    """
    return tuple(
        dispute for versions in shared_documents(layers).values() for dispute in _of_document(versions, schema)
    )


def count_disputes(disputes: Iterable[Dispute]) -> dict[Kind, dict[str, int]]:
    """Number of disputes by kind and by their labels, ``PROJECT/ORG`` where there are two; the commonest labels first."""
    disputes = tuple(disputes)
    labels = Counter("/".join(dispute.labels) for dispute in disputes).most_common()
    counts = Counter((dispute.kind, "/".join(dispute.labels)) for dispute in disputes)
    return {kind: {name: counts[kind, name] for name, _ in labels} for kind in KINDS}


def stakes(disputes: Iterable[Dispute], texts: Mapping[str, str]) -> Counter[str]:
    """How often each stretch is in or out at an end of a mention: ``左“力争”``, whoever has it."""
    return Counter(edge[0] + edge[2:] for dispute in disputes for edge in dispute.remarks(texts[dispute.document]))


def write_disputes(
    path: str | Path, disputes: Iterable[Dispute], annotators: Sequence[str], texts: Mapping[str, str]
) -> None:
    """Write disputes as CSV, one row each with every annotator's reading; offsets are half-open code points.

    A reading is ``LABEL start-end text``, several are put apart by `` | ``, an empty one is ``nothing``; the cell of an
    annotator who has not annotated the document is empty.

    Args:
        path: the file.
        disputes: the disputes.
        annotators: names, one column each.
        texts: raw text by document id.

    Raises:
        TopnerError: the file cannot be written.
    """
    columns = ("document", "start", "end", "kind", "labels", "text", "before", "after", "boundary")
    rows = (
        (
            dispute.document,
            dispute.start,
            dispute.end,
            dispute.kind,
            "/".join(dispute.labels),
            (text := texts[dispute.document])[dispute.start : dispute.end],
            text[max(0, dispute.start - _CONTEXT) : dispute.start],
            text[dispute.end : dispute.end + _CONTEXT],
            " ".join(dispute.remarks(text)),
            *(_cell(dispute.readings[name]) if name in dispute.readings else None for name in annotators),
        )
        for dispute in disputes
    )
    write_table(path, (*columns, *(f"by {name}" for name in annotators)), rows)


def _of_document(versions: Mapping[str, Document], schema: LabelSchema) -> Iterator[Dispute]:
    mentions = sorted(
        ((mention, name) for name, document in versions.items() for mention in document.mentions),
        key=lambda item: item[0].span,
    )
    id = next(iter(versions.values())).id
    group: list[tuple[Mention, str]] = []
    reach = 0  # one past the last character of the group
    for mention, name in mentions:
        if group and mention.start >= reach:
            yield from _dispute(id, group, versions, schema)
            group = []
        group.append((mention, name))
        reach = max(reach, mention.end)
    yield from _dispute(id, group, versions, schema)


def _dispute(
    id: str, group: Sequence[tuple[Mention, str]], versions: Iterable[str], schema: LabelSchema
) -> Iterator[Dispute]:
    """The dispute over mentions that hang together; nothing where everybody has the same."""
    readings = {name: tuple(mention for mention, who in group if who == name) for name in versions}
    if len(set(readings.values())) > 1:
        labels = {mention.label for mention, _ in group}
        yield Dispute(
            id,
            min(mention.start for mention, _ in group),
            max(mention.end for mention, _ in group),
            tuple(sorted(labels, key=lambda label: (schema.precedence(label), label))),
            readings,
        )


def _cell(reading: Reading) -> str:
    return " | ".join(f"{m.label} {m.start}-{m.end} {m.text}" for m in reading) or "nothing"
