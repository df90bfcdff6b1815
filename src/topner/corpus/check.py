"""``topner data check``: a data set looked over as a whole, with what is wrong and what a person should look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from topner.annotation.formats import read_documents
from topner.columns import display_width, padded
from topner.corpus.consistency import Suspicion, suspicions
from topner.corpus.contrasts import contrasts
from topner.corpus.statistics import Statistics, describe, spread, value_of
from topner.dataset.duplicates import near_duplicate_groups
from topner.dataset.split import changed_splits, read_splits
from topner.document import Document
from topner.labels import LabelSchema
from topner.ledger import Ledger, write_table

_KEYS = ("genre", "level", "province", "year")
_ROWS = 40


@dataclass(frozen=True)
class Check:
    """What a look over a data set gave.

    Attributes:
        statistics: of all documents.
        by_split: of each split; empty without a split file.
        spreads: for each metadata key that occurs, documents and mentions by value.
        contrasts: documents by kind of contrast, see :func:`topner.corpus.contrasts.contrasts`.
        reference: statistics of the documents compared with, if any.
        errors: what is wrong, in words; empty when the set is sound.
        suspicions: stretches whose annotation a person should look at.
    """

    statistics: Statistics
    by_split: Mapping[str, Statistics]
    spreads: Mapping[str, Mapping[str, Counter[str]]]
    contrasts: Mapping[str, int]
    reference: Statistics | None
    errors: Sequence[str]
    suspicions: Sequence[Suspicion]

    def table(self) -> str:
        """All figures as plain text."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        labels = list(self.statistics.mentions)
        columns = ("documents", "characters", *labels)
        rows = {"all": self.statistics, **self.by_split}
        yield from _grid(
            "",
            columns,
            {name: [s.documents, s.characters, *s.mentions.values()] for name, s in rows.items()},
        )
        for key, values in self.spreads.items():
            yield ""
            shown = dict(list(values.items())[:_ROWS])
            yield from _grid(key, columns, {v: [counts[c] for c in columns] for v, counts in shown.items()})
            if len(values) > len(shown):
                yield f"... {len(values) - len(shown)} more"
        yield ""
        lengths = {name: list(quantiles) for name, quantiles in self.statistics.lengths.items()}
        yield from _grid("mention length", ("5 %", "median", "95 %", "longest"), lengths)
        yield ""
        yield from _grid("contrast", ("documents",), {name: [count] for name, count in self.contrasts.items()})
        yield ""
        yield f"distinct 4-grams in 10,000 characters: {self.statistics.diversity:,.0f}"
        if self.reference is not None:
            ratio = self.statistics.diversity / self.reference.diversity if self.reference.diversity else 0.0
            yield f"of the reference: {self.reference.diversity:,.0f}; ratio {ratio:.3f}"
        counts = Counter(s.kind for s in self.suspicions)
        yield "to look at: " + (", ".join(f"{kind} {n}" for kind, n in counts.items()) or "nothing")
        yield from (f"error: {error}" for error in self.errors)

    def write_suspicions(self, path: Path) -> None:
        """Write what a person should look at as CSV, one stretch a row."""
        names = [f.name for f in fields(Suspicion)]
        write_table(path, names, ([getattr(row, name) for name in names] for row in self.suspicions))


def check_corpus(
    data: Path,
    schema: LabelSchema,
    splits: Path | None = None,
    reference: Path | None = None,
    apart: Sequence[str] = (),
    min_diversity: float = 0.8,
) -> Check:
    """Look over annotated documents.

    Args:
        data: annotated file or folder, in any format.
        schema: the labels.
        splits: split file; near-duplicates and the keys of ``apart`` are then held against it.
        reference: annotated documents of the real world, to compare the diversity with.
        apart: metadata keys (``province`` is the head of ``place``) whose values must not occur on both sides of train and
            test.
        min_diversity: least share (0..1) of the reference's diversity.

    Raises:
        TopnerError: something cannot be read, or the split file does not fit the documents.
    """
    ledger = Ledger()
    documents = read_documents(data, None, schema, ledger)
    errors = [f"{loss.document}: {loss.action} {loss.label} {loss.text!r}: {loss.reason}" for loss in ledger]
    found = suspicions(documents)
    errors += [f"{s.document} [{s.start}, {s.end}) {s.text!r}: {s.reason}" for s in found if s.kind == "unbalanced"]
    parts = read_splits(splits, documents) if splits else {}
    errors += _duplicates(documents, parts)
    if splits:
        errors += [f"{splits}: {name} has changed since it was frozen" for name in changed_splits(splits, parts)]
    for key in apart:
        train, test = ({value_of(d, key) for d in parts.get(name, ())} - {"-"} for name in ("train", "test"))
        errors += [f"{key} {value!r} is in train and in test" for value in sorted(train & test)]
    statistics = describe(documents, schema)
    real = describe(read_documents(reference, None, schema, Ledger()), schema) if reference else None
    if real and statistics.diversity < min_diversity * real.diversity:
        errors.append(f"diversity is below {min_diversity:.0%} of the reference's: sentences repeat each other")
    keys = [key for key in _KEYS if any(value_of(d, key) != "-" for d in documents)]
    return Check(
        statistics=statistics,
        by_split={name: describe(members, schema) for name, members in parts.items()},
        spreads={key: spread(documents, key) for key in keys},
        contrasts=contrasts(documents),
        reference=real,
        errors=errors,
        suspicions=found,
    )


def _duplicates(documents: Sequence[Document], parts: Mapping[str, Sequence[Document]]) -> Iterator[str]:
    """Groups of near-duplicates that lie in more than one split, or without splits all of them."""
    where = {d.id: name for name, members in parts.items() for d in members}
    for group in near_duplicate_groups([d.text for d in documents]):
        ids = [documents[i].id for i in group]
        if len(ids) > 1 and (not parts or len({where[id] for id in ids}) > 1):
            yield f"near-duplicates{' in different splits' if parts else ''}: {', '.join(ids)}"


def _grid(title: str, columns: Sequence[str], rows: Mapping[str, Sequence[int]]) -> Iterator[str]:
    width = max(display_width(name) for name in (title, *rows))
    yield padded(title, width) + "".join(f"  {name:>10}" for name in columns)
    for name, values in rows.items():
        yield padded(name, width) + "".join(f"  {value:>10,}" for value in values)
