"""From runs named on a command line to the documents and predictions that are to be compared."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from topner.annotation.formats import read_documents
from topner.document import Document
from topner.errors import TopnerError
from topner.evaluation.compare import Comparison, compare_pairs
from topner.evaluation.predictions import PREDICTIONS, read_answers, read_predictions
from topner.files import read_text
from topner.labels import LabelSchema
from topner.ledger import Ledger

SPLITS = ("test", "dev")
"""Evaluations looked for in a training run, the preferred first."""


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Mean and sample standard deviation of scores, one a seed; the mean alone for one."""
    deviation = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{deviation}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A prediction with the gold it is judged by.

    Attributes:
        path: where it comes from, an evaluation folder or a JSON lines file.
        gold: documents with gold mentions, by id.
        predicted: documents with predicted mentions, by id.
    """

    path: Path
    gold: dict[str, Document]
    predicted: dict[str, Document]


def compare_runs(
    a: str,
    b: str,
    *,
    split: str | None = None,
    data: Path | None = None,
    common: bool = False,
    schema: LabelSchema | None = None,
    max_loss: float = 0.02,
    resamples: int = 10_000,
) -> Comparison:
    """Compare two runs, or several runs with as many others.

    Args:
        a: an evaluation folder, a training run folder, a JSON lines file of predictions; or several, separated by commas.
        b: likewise, as many.
        split: which evaluation of a training run; ``None``: ``test`` where all runs have it, else ``dev``.
        data: annotated data to judge by, in any format, in place of the gold kept with the predictions.
        common: compare only the documents that all have, in place of an error where some have more.
        schema: the labels; ``None``: those of the evaluations, the default ones for JSON lines files alone.
        max_loss: share (0..1) of the annotations of ``data`` that reading may drop.
        resamples: number of bootstrap resamples, and of random shuffles.

    Raises:
        TopnerError: a run has no such evaluation, or documents, texts, gold or labels differ; the message says where.
    """
    sides = _paths(a), _paths(b)
    if len(sides[0]) != len(sides[1]):
        raise TopnerError(
            f"{len(sides[0])} runs cannot be paired with {len(sides[1])}", hint="name as many runs for A as for B"
        )
    places = _evaluations([*sides[0], *sides[1]], split)
    schema = schema or _schema(places)
    ledger = Ledger()
    gold = None if data is None else {d.id: d for d in read_documents(data, None, schema, ledger)}
    ledger.check(max_loss)
    judged, left = align([_judged(place, gold) for place in places], common)
    documents = list(judged[0].gold.values())
    answers = [list(one.predicted.values()) for one in judged]
    half = len(sides[0])
    provenance: dict[str, Any] = {
        "A": [str(place) for place in places[:half]],
        "B": [str(place) for place in places[half:]],
    }
    if data is not None:
        provenance |= {"gold": str(data), "gold_losses": ledger.summary()}
    if left:
        provenance["left_out"] = left
    pairs = list(zip(answers[:half], answers[half:], strict=True))
    return compare_pairs(documents, pairs, schema, provenance, resamples=resamples)


def align(judged: Sequence[Judged], common: bool = False) -> tuple[list[Judged], list[str]]:
    """The predictions cut to the same documents, in the order of the first.

    Args:
        judged: one or more predictions.
        common: leave out documents that not all have.

    Returns:
        The predictions, and the ids that were left out.

    Raises:
        TopnerError: a document is not everywhere and ``common`` is not set, none is, or the text or the gold of one
            differs between two of them.
    """
    first = judged[0]
    everywhere = [id for id in first.gold if all(id in one.gold and id in one.predicted for one in judged)]
    kept = set(everywhere)
    known = dict.fromkeys(id for one in judged for side in (one.gold, one.predicted) for id in side)
    left = [id for id in known if id not in kept]
    if left and not common:
        odd = next(one for one in judged if left[0] not in one.predicted or left[0] not in one.gold)
        what = "has no prediction for" if left[0] not in odd.predicted else "is given no gold for"
        raise TopnerError(
            f"{what} document {left[0]!r}" + (f" ({len(left)} documents are not everywhere)" if left[1:] else ""),
            path=odd.path,
            hint="compare evaluations of the same documents, or only those they share with --common",
        )
    if not everywhere:
        raise TopnerError(
            "the predictions have no document in common", path=first.path, hint="documents are matched by their ids"
        )
    for one in judged:
        for id in everywhere:
            _check_same(first, one, id)
    return [
        replace(
            one, gold={id: one.gold[id] for id in everywhere}, predicted={id: one.predicted[id] for id in everywhere}
        )
        for one in judged
    ], left


def _check_same(first: Judged, other: Judged, id: str) -> None:
    text = first.gold[id].text
    for side in (other.gold, other.predicted):
        if side[id].text != text:
            length = min(len(text), len(side[id].text))
            at = next((i for i in range(length) if text[i] != side[id].text[i]), length)
            raise TopnerError(
                f"the text of document {id!r} is not that of {first.path}, from character {at} on",
                path=other.path,
                hint="offsets can only be compared in the same raw text; predict again on one of the two",
            )
    one, two = ({mention.key for mention in side.gold[id].mentions} for side in (first, other))
    if one != two:
        start, end, label = min(one ^ two)
        which = "lacks" if (start, end, label) in one else "has beyond it"
        raise TopnerError(
            f"the gold of document {id!r} is not that of {first.path}: it {which} {text[start:end]!r} "
            f"({label}, {start}-{end})",
            path=other.path,
            hint="evaluate both on the same data, or judge both by one with --gold DATA",
        )


def _paths(argument: str) -> list[Path]:
    """The paths of a comma list; a path that exists may have commas in it."""
    names = [argument] if Path(argument).exists() else argument.split(",")
    if not all(names):
        raise TopnerError(f"an empty name in {argument!r}", hint="separate runs by single commas")
    return [Path(name) for name in names]


def _evaluations(paths: Sequence[Path], split: str | None) -> list[Path]:
    """Each path as an evaluation folder or file; of training runs that split which all of them have."""
    runs = [path for path in paths if _is_run(path)]
    names = SPLITS if split is None else (split,)
    chosen = next((name for name in names if all((run / "evaluation" / name).is_dir() for run in runs)), None)
    if runs and chosen is None:
        lacking = next(run for run in runs if not (run / "evaluation" / names[-1]).is_dir())
        there = ", ".join(sorted(f.name for f in (lacking / "evaluation").iterdir() if f.is_dir())) or "none"
        raise TopnerError(
            f"has no evaluation {' or '.join(repr(name) for name in names)}, but {there}",
            path=lacking,
            hint="name another with --split",
        )
    found = []
    for path in paths:
        if not path.exists():
            raise TopnerError("no such file or folder", path=path)
        place = path / "evaluation" / chosen if path in runs and chosen is not None else path
        if place.is_dir() and not any((place / name).is_file() for name in (PREDICTIONS, "metrics.json")):
            hint = "an evaluation folder, a training run, or a jsonl file of predictions was expected"
            raise TopnerError("holds no evaluation", path=place, hint=hint)
        found.append(place)
    return found


def _is_run(path: Path) -> bool:
    return (path / "evaluation").is_dir() and not (path / PREDICTIONS).is_file()


def _judged(place: Path, gold: dict[str, Document] | None) -> Judged:
    if gold is None:
        kept, predicted = read_predictions(place)
        return Judged(place, _by_id(kept), _by_id(predicted))
    predicted = read_predictions(place)[1] if place.is_dir() else read_answers(place)
    return Judged(place, gold, _by_id(predicted))


def _by_id(documents: Iterable[Document]) -> dict[str, Document]:
    return {document.id: document for document in documents}


def _schema(places: Iterable[Path]) -> LabelSchema:
    """The labels of the evaluations, as their ``metrics.json`` has them.

    Raises:
        TopnerError: two evaluations have different ones.
    """
    known: dict[Path, LabelSchema] = {}
    for place in places:
        path = place / "metrics.json"
        if not path.is_file():
            continue
        try:
            known[path] = LabelSchema.of(json.loads(read_text(path))["labels"])
        except (ValueError, KeyError, TypeError):
            raise TopnerError("holds no list of labels", path=path, hint="evaluate again") from None
    if not known:
        return LabelSchema()
    (first, schema), *others = known.items()
    for path, other in others:
        if set(other.names) != set(schema.names):
            raise TopnerError(
                f"has the labels {', '.join(other.names)}, {first} has {', '.join(schema.names)}",
                path=path,
                hint="only evaluations of the same labels can be compared",
            )
    return schema
