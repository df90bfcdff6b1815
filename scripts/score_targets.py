"""Score the records of TARGET mentions against hand-made ones: on gold mentions, and with --model on predicted ones."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from topner.annotation.formats import read_documents
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.targets.read import read_targets
from topner.targets.record import exact
from topner.targets.score import RECORD, FieldScores, read_gold, score_parties, score_records
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
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    arguments = parser.parse_args()
    try:
        gold = read_gold(arguments.gold)
        wanted = {row["document"] for row in gold}
        documents = [d for d in read_documents(arguments.data, None, LabelSchema(), Ledger()) if d.id in wanted]
        if wanted - {d.id for d in documents}:
            raise TopnerError(f"lacks the document {min(wanted - {d.id for d in documents})!r}", path=arguments.data)
        print("gold mentions")
        result = score_records(gold, [record for d in documents for record in read_targets(d)])
        print(result.table())
        if arguments.model is not None:
            from topner.inference.tagger import Tagger

            tagger = Tagger.from_pretrained(arguments.model)
            print("\npredicted mentions")
            tagged = tagger.pipe(d.with_mentions(()) for d in documents)
            predicted = score_records(gold, [record for d in tagged for record in read_targets(d)])
            print(predicted.table())
        if arguments.parties is not None:
            parties = read_gold(arguments.parties, ("responsible", "projects"))
            print(f"\nwho and where, {len(parties)} targets")
            print(score_parties(parties, [row for d in documents for row in commitments(d)]).table())
        if arguments.wrong:
            _list(result)
    except TopnerError as error:
        sys.exit(f"score_targets: {error}")


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
