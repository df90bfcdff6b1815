"""Score the records of TARGET mentions against hand-made ones: on gold mentions, and with --model on predicted ones."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence, Set
from pathlib import Path

from topner.annotation.formats import read_documents
from topner.document import Document
from topner.errors import TopnerError
from topner.files import read_text
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.targets.read import read_targets
from topner.targets.record import exact
from topner.targets.score import RECORD, FieldScores, Gold, read_gold, score_parties, score_records
from topner.targets.table import commitments


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path, help="records, such as data/targets/test.jsonl")
    parser.add_argument("data", type=Path, help="the annotated documents, such as data/corpus")
    parser.add_argument("--model", type=Path, help="model folder: also score the records of predicted mentions")
    parser.add_argument(
        "--parties", type=Path, help="also score who and which projects, against data/targets/parties.jsonl"
    )
    parser.add_argument(
        "--held-out",
        type=Path,
        help="names of documents no rule was written with, such as data/targets/held_out.txt: they are scored again "
        "by themselves, and their errors are never listed",
    )
    parser.add_argument("--errors", action="store_true", help="list what is wrong: record, gold, read")
    arguments = parser.parse_args()
    try:
        _run(arguments)
    except TopnerError as error:
        sys.exit(f"score_targets: {error}")


def _run(arguments: argparse.Namespace) -> None:
    gold = read_gold(arguments.gold)
    parties = [] if arguments.parties is None else read_gold(arguments.parties, ("responsible", "projects"))
    held: Set[str] = frozenset() if arguments.held_out is None else frozenset(read_text(arguments.held_out).split())
    wanted = {row["document"] for row in (*gold, *parties)}
    documents = [d for d in read_documents(arguments.data, None, LabelSchema(), Ledger()) if d.id in wanted]
    if wanted - {d.id for d in documents}:
        raise TopnerError(f"lacks the document {min(wanted - {d.id for d in documents})!r}", path=arguments.data)
    _records("gold mentions", gold, documents, held)
    if arguments.model is not None:
        from topner.inference.tagger import Tagger

        tagged = list(Tagger.from_pretrained(arguments.model).pipe(d.with_mentions(()) for d in documents))
        _records("predicted mentions", gold, tagged, held)
    if parties:
        rows = [row for d in documents for row in commitments(d)]
        print(f"\nwho and where, {len(parties)} targets\n{score_parties(parties, rows).table()}")
        kept = [row for row in parties if row["document"] in held]
        if kept:
            print(f"\nwho and where, held out, {len(kept)} targets\n{score_parties(kept, rows).table()}")
    if arguments.errors:
        seen = [row for row in gold if row["document"] not in held]
        _list(score_records(seen, [record for d in documents for record in read_targets(d)]))


def _records(title: str, gold: Sequence[Gold], documents: Sequence[Document], held: Set[str]) -> None:
    records = [record for d in documents for record in read_targets(d)]
    print(f"{title}\n{score_records(gold, records).table()}\n")
    kept = [row for row in gold if row["document"] in held]
    if kept:
        print(f"{title}, held out\n{score_records(kept, records).table()}\n")


def _list(result: FieldScores) -> None:
    for row, record in result.wrong:
        if record is None:
            continue
        answers = {**record.to_json(), "indicator": record.written, "value": exact(record.value)}
        wrong = [
            f"{n}: gold {row[n]!r}, read {answers[n]!r}" for n in RECORD if (row[n] or None) != (answers[n] or None)
        ]
        print(f"{row['document']} {row['start']} {row['text']}  " + "; ".join(wrong))


if __name__ == "__main__":
    main()
