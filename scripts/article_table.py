"""Read one page, score its records against the gold in data/targets/article.jsonl, and write docs/article.md."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from topner.errors import TopnerError
from topner.files import atomic_path
from topner.targets.page import GoldPage, markdown, read_page
from topner.targets.record import exact
from topner.targets.score import RECORD, score_records
from topner.targets.table import Commitment, commitments
from topner.text.clean import clean

_HEAD = """# The first real page as a table

The page this project began with: scraped, traditional script, pinyin in brackets, lost characters. It is not part of this
repository; `{gold}` holds places in it and values alone. Mentions: {mentions}. Offsets are code points of the
raw page; `*` marks an inherited indicator. Made by

    {command}

{counts}

{table}
"""


def main() -> None:
    """Read the arguments, print the scores, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, help="the page, which is not part of this repository")
    parser.add_argument("--gold", type=Path, default=Path("data/targets/article.jsonl"), help="[default: %(default)s]")
    parser.add_argument(
        "--model",
        type=Path,
        help="read the mentions of this tagger, 'default' the shipped one [default: gold mentions]",
    )
    parser.add_argument("-o", "--output", type=Path, help="Markdown file to write, such as docs/article.md")
    arguments = parser.parse_args()
    try:
        gold = read_page(arguments.page, arguments.gold)
        rows = _rows(gold, arguments.model)
        counts, notes = _judge(gold, rows)
        print(counts)
        if arguments.output is not None:
            command = f"python scripts/article_table.py {arguments.page.name} -o {arguments.output.as_posix()}"
            if arguments.model is not None:
                command += f" --model {arguments.model.name}"
            mentions = "those of the gold" if arguments.model is None else "those of a tagger"
            table = markdown(rows, [_who(row) for row in rows], notes)
            text = _HEAD.format(
                gold=arguments.gold.as_posix(), command=command, mentions=mentions, counts=counts, table=table
            )
            with atomic_path(arguments.output) as temporary:
                temporary.write_text(text, encoding="utf-8")
    except TopnerError as error:
        sys.exit(f"article_table: {error}")


def _rows(gold: GoldPage, model: Path | None) -> tuple[Commitment, ...]:
    if model is None:
        return commitments(gold.document)
    from topner.inference.tagger import Tagger

    tagger = Tagger.from_pretrained(None if model == Path("default") else model)
    return commitments(next(iter(tagger.pipe([gold.document.with_mentions(())]))))


def _who(row: Commitment) -> str:
    return clean(row.party.mention.text).text if row.party else ""


def _judge(gold: GoldPage, rows: tuple[Commitment, ...]) -> tuple[str, list[str]]:
    """What is right, in a paragraph, and what is wrong with each row."""
    names = {(r["start"], r["end"]): name for r, name in zip(gold.records, gold.parties, strict=True)}
    result = score_records(gold.records, [row.record for row in rows])
    wrong = {(row["start"], row["end"]): (row, record) for row, record in result.wrong if record is not None}
    notes, kinds = [], Counter[str]()
    for row in rows:
        span = (row.record.start, row.record.end)
        fields = []
        if span in wrong:
            want, read = wrong[span]
            answers = {**read.to_json(), "indicator": read.written, "value": exact(read.value)}
            fields = [f"{f}: {want[f] or 'none'}" for f in RECORD if (want[f] or None) != (answers[f] or None)]
        if span in names and (names[span] or "") != _who(row):
            fields.append(f"responsible: {names[span] or 'none'}")
        if span not in names:
            fields = ["no target of this extent"]
        kinds.update(field.split(":")[0] for field in fields)
        notes.append(f"**wrong**, gold: {'; '.join(fields)}" if fields else "")
    right = sum(names.get((row.record.start, row.record.end), "-") == (_who(row) or None) for row in rows)
    given = sum(row.party is not None for row in rows)
    said = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()) or "nothing"
    return (
        f"{len(gold.records)} gold targets, {result.found} of them among {len(rows)} rows. The whole record is right in "
        f"{result.whole}; who answers is right in {right}, named in {given}. Wrong: {said}."
    ), notes


if __name__ == "__main__":
    main()
