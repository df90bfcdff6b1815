"""``topner suggest choose``."""

from __future__ import annotations

from pathlib import Path

import click

from topner.cli.reading import finish, reading_options

FORMATS = ("label-studio", "doccano", "brat", "jsonl")


@click.command("choose")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-n", "--number", type=click.IntRange(1), default=10, show_default=True, help="Documents to choose.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File, or for brat folder, for the suggestions.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="label-studio", show_default=True)
@click.option("--model", type=click.Path(path_type=Path), help="Model folder  [default: the shipped tagger].")
@click.option("--corpus", type=click.Path(path_type=Path), help="Annotated documents to keep away from.")
@click.option("--passages", type=click.IntRange(50), metavar="CHARS", help="Cut longer files into passages of so many.")
@click.option("--diversity", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Weight of novelty.")
@click.option(
    "--rare", type=click.FloatRange(0, 1), default=0.3, show_default=True, help="Weight of rare labels beside doubt."
)
@reading_options
@click.option("--batch-size", type=click.IntRange(1), default=16, show_default=True, help="Documents read ahead.")
@click.option("--device", help="cpu or cuda  [default: cuda when there is one].")
def choose_command(
    files: tuple[Path, ...],
    number: int,
    output: Path | None,
    format_: str,
    model: Path | None,
    corpus: Path | None,
    passages: int | None,
    diversity: float,
    rare: float,
    column: str | None,
    id_column: str | None,
    encoding: str | None,
    batch_size: int,
    device: str | None,
) -> None:
    """Choose the most worthwhile of FILES, folders or patterns and write suggestions for a reviewer.

    Files are read as topner predict reads them.

    Worthwhile is where the tagger doubts, where rare labels are, and what is unlike the corpus and the other choices. With -o
    every document that was looked at is listed in OUTPUT.choice.csv. A file that cannot be read is named on standard error,
    the others are looked at all the same, and the exit status is 1.
    """
    from topner.encoder.locate import default_model_path
    from topner.inference.tagger import Tagger
    from topner.sources.read import Reading
    from topner.sources.remarks import Remarks
    from topner.suggest.choose import choose, label_counts
    from topner.suggest.export import as_suggestion_format, check_target, model_version, write_suggestions
    from topner.suggest.listing import CHOICE, choice_table, write_choice
    from topner.suggest.merge import held_documents
    from topner.suggest.pool import tag_pool

    format = as_suggestion_format(format_)
    if output is not None:
        check_target(output, format)  # before the work, not after it
    folder = default_model_path() if model is None else model
    tagger = Tagger.from_pretrained(folder, device=device)
    held = [] if corpus is None else held_documents(corpus, tagger.schema)
    reading, remarks = Reading.of(column, id_column, encoding), Remarks()
    pool, left_out = tag_pool(tagger, files, held, passages, batch_size, remarks, reading)
    labels = tagger.schema.names
    counts = label_counts(held or pool, labels)
    suggestions = choose(pool, held, number, counts, diversity=diversity, rare=rare)
    click.echo(choice_table(suggestions, left_out, labels))
    chosen = [one.document for one in suggestions if one.rank is not None]
    if output is not None and chosen:
        listing = output.with_name(output.name + CHOICE)
        written = write_suggestions(chosen, output, format, tagger.schema, model_version(folder))
        write_choice(listing, suggestions, left_out, labels)
        click.echo(f"written: {', '.join(str(path) for path in (*written, listing))}")
    if not chosen:
        remarks.problems.append("there is nothing to choose from")
    finish(remarks)
