"""Two predictions of the same documents held against each other: is B better than A, and what did it fix and break?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topner.columns import display_width, padded
from topner.document import Document
from topner.errors import TopnerError
from topner.evaluation.changes import CHANGE_KINDS, Change, ChangeKind, find_changes
from topner.evaluation.difference import Difference, probability, signed
from topner.evaluation.matching import pair_documents
from topner.evaluation.paired import paired_tests
from topner.evaluation.scores import Score, count_by_document, grouping_keys
from topner.labels import LabelSchema

SCHEMA_VERSION = 1

Verdict = Literal["better", "worse", "undecided", "same"]
Pair = tuple[Sequence[Document], Sequence[Document]]


@dataclass(frozen=True)
class Comparison:
    """A and B on the same documents.

    Attributes:
        gold: documents with gold mentions.
        pairs: A's and B's documents, in the order of ``gold``; one pair a seed.
        schema: the labels.
        micro: over all labels.
        labels: by label.
        groups: over all labels, by metadata key and value, for keys that sort the documents into groups.
        changes: what B answers otherwise than A.
        provenance: what was compared; values that JSON can hold. ``A`` and ``B`` hold the names.
    """

    gold: tuple[Document, ...]
    pairs: tuple[tuple[tuple[Document, ...], tuple[Document, ...]], ...]
    schema: LabelSchema
    micro: Difference
    labels: Mapping[str, Difference]
    groups: Mapping[str, Mapping[str, Difference]]
    changes: tuple[Change, ...]
    provenance: Mapping[str, Any]

    @property
    def verdict(self) -> Verdict:
        """Whether B is ``better``, ``worse``, not to be told from A (``undecided``), or predicts the ``same``."""
        if not self.changes:
            return "same"
        if not self.micro.clear:
            return "undecided"
        return "better" if self.micro.value > 0 else "worse"

    def tally(self, label: str | None = None) -> Counter[ChangeKind]:
        """Number of changes by kind, of one label or all; one that three pairs share counts three times."""
        counts: Counter[ChangeKind] = Counter()
        for change in self.changes:
            if label in (None, change.label):
                counts[change.kind] += len(change.pairs)
        return counts

    def sentence(self) -> str:
        """The verdict in one sentence."""
        test, (one, other) = self.micro.test, self.micro.f1
        where = f"on {len(self.gold)} document{'s' * (len(self.gold) != 1)}"
        if self.verdict == "same":
            return f"A and B predict the same {where}: strict micro F1 {one:.3f}."
        words = {"better": "better than", "worse": "worse than", "undecided": "not distinguishable from"}[self.verdict]
        mean = f"mean of {len(self.pairs)} pairs, " if len(self.pairs) > 1 else ""
        return (
            f"B is {words} A {where}: strict micro F1 {other:.3f} against {one:.3f}, {mean}difference {signed(test.difference)} "
            f"({test.interval.level:.0%} interval {signed(test.interval.low)} to {signed(test.interval.high)}, "
            f"p = {probability(test.p)})."
        )

    def table(self) -> str:
        """Differences and changes by label as plain text for the terminal; the verdict is its last line."""
        counts = [(name, self.labels[name], self.tally(name)) for name in self.schema.names]
        counts.append(("micro", self.micro, self.tally()))
        width = max(display_width(name) for name in ("label", *self.schema.names))
        heading = f"{padded('label', width)}   F1 A    F1 B   B - A  {'interval':<16}  {'p':>6}  "
        lines = [heading + "".join(f"{kind:>10}" for kind in CHANGE_KINDS)]
        for name, difference, tally in counts:
            if not difference.defined:
                lines.append(f"{padded(name, width)}   nothing to find, nothing found")
                continue
            one, other = difference.f1
            bounds = f"{signed(difference.interval.low)} to {signed(difference.interval.high)}"
            numbers = f"  {one:.3f}   {other:.3f}  {signed(difference.value):>6}  {bounds:<16}"
            changes = "".join(f"{tally[kind]:>10}" for kind in CHANGE_KINDS)
            lines.append(f"{padded(name, width)}{numbers}  {probability(difference.test.p):>6}  {changes}")
        if self.micro.deviation is not None:
            each = ", ".join(signed(value) for value in self.micro.by_pair)
            lines.append(f"by pair: {each} (standard deviation {self.micro.deviation:.3f})")
        if 0 < len(self.gold) < 10 and self.verdict != "same":
            lines.append(f"{len(self.gold)} documents are too few for a reliable interval")
        return "\n".join([*lines, self.sentence()])

    def to_json(self) -> dict[str, Any]:
        """The content of ``compare.json``. Within one ``schema_version`` keys are only ever added."""
        return {
            "schema_version": SCHEMA_VERSION,
            "labels": list(self.schema.names),
            "documents": len(self.gold),
            "pairs": len(self.pairs),
            "verdict": self.verdict,
            "sentence": self.sentence(),
            "strict": {
                "micro": self.micro.to_json(),
                "labels": {name: difference.to_json() for name, difference in self.labels.items()},
            },
            "groups": {
                key: {value: difference.to_json() for value, difference in differences.items()}
                for key, differences in self.groups.items()
            },
            "changes": {
                "total": {kind: self.tally()[kind] for kind in CHANGE_KINDS},
                "labels": {name: {kind: self.tally(name)[kind] for kind in CHANGE_KINDS} for name in self.schema.names},
                "list": [_change_json(change) for change in self.changes],
            },
            "provenance": dict(self.provenance),
        }


def compare(
    gold: Sequence[Document],
    a: Sequence[Document],
    b: Sequence[Document],
    schema: LabelSchema,
    provenance: Mapping[str, Any] | None = None,
    *,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """Compare two predictions of the same documents; see :func:`compare_pairs`."""
    return compare_pairs(gold, [(a, b)], schema, provenance, level=level, resamples=resamples, seed=seed)


def compare_pairs(
    gold: Sequence[Document],
    pairs: Iterable[Pair],
    schema: LabelSchema,
    provenance: Mapping[str, Any] | None = None,
    *,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """Compare two systems that were run several times, with seeds that go together or are at least as many.

    Args:
        gold: documents with gold mentions.
        pairs: A's and B's prediction of the same documents (by id, with equal raw texts), in any order; one pair a seed.
        schema: the labels.
        provenance: what was compared; values that JSON can hold.
        level: confidence level of the intervals; the verdict asks for p at most ``1 - level``.
        resamples: number of bootstrap resamples, and of random shuffles.
        seed: seed of both.

    Raises:
        TopnerError: there is nothing to compare; or see :func:`topner.evaluation.matching.pair_documents`.
    """
    sides = tuple(
        tuple(tuple(answer for _, answer in pair_documents(gold, side, schema)) for side in pair) for pair in pairs
    )
    if not gold or not sides:
        raise TopnerError("there are no documents to compare")
    aligned = tuple((one, other) for one, other in sides)
    a, b = (np.stack([_counts(gold, pair[i], schema) for pair in aligned]) for i in (0, 1))

    def differences(one: NDArray[np.int64], other: NDArray[np.int64]) -> list[Difference]:
        tests = paired_tests(one, other, level=level, resamples=resamples, seed=seed)
        return [Difference(_scores(one[:, :, i]), _scores(other[:, :, i]), test) for i, test in enumerate(tests)]

    whole = differences(a, b)
    return Comparison(
        gold=tuple(gold),
        pairs=aligned,
        schema=schema,
        micro=whole[0],
        labels=dict(zip(schema.names, whole[1:], strict=True)),
        groups={
            key: {value: differences(a[:, rows, :1], b[:, rows, :1])[0] for value, rows in _members(gold, key).items()}
            for key in grouping_keys(gold)
        },
        changes=find_changes(gold, aligned),
        provenance=dict(provenance or {}),
    )


def _counts(gold: Sequence[Document], predicted: Sequence[Document], schema: LabelSchema) -> NDArray[np.int64]:
    """Shape ``(documents, 1 + labels, 3)``: micro first, then the labels."""
    counts = count_by_document(gold, predicted, schema)
    return np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)


def _scores(counts: NDArray[np.int64]) -> tuple[Score, ...]:
    """The score of each pair, from ``(pairs, documents, 3)``."""
    return tuple(Score.of(*map(int, row)) for row in counts.sum(axis=1))


def _members(documents: Sequence[Document], key: str) -> dict[str, list[int]]:
    """Indices of the documents by the value of a metadata key."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for i, document in enumerate(documents):
        if document.meta.get(key) is not None:
            rows[str(document.meta[key])].append(i)
    return {value: rows[value] for value in sorted(rows)}


def _change_json(change: Change) -> dict[str, Any]:
    sides = {"gold": change.gold, "a": change.a, "b": change.b}
    return {
        "document": change.document,
        "change": change.kind,
        "label": change.label,
        "before": change.before,
        "after": change.after,
        "pairs": list(change.pairs),
        **{
            name: None if m is None else {"start": m.start, "end": m.end, "label": m.label, "text": m.text}
            for name, m in sides.items()
        },
    }
