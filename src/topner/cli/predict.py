"""``topner predict``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from topner.cli.reading import finish, reading_options

FORMATS = ("jsonl", "csv", "xlsx", "parquet", "table", "html", "label-studio")


@click.command("predict")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--model", type=click.Path(path_type=Path), help="Model folder [default: the shipped tagger].")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="What to write [default: by the ending of OUTPUT, else jsonl].",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write [default: standard output].")
@click.option("--resume", is_flag=True, help="Go on with the run for OUTPUT; when it was finished, tag what was added.")
@click.option(
    "--threshold",
    "thresholds",
    multiple=True,
    metavar="[LABEL=]SCORE",
    help="Drop mentions below this score (0 to 1), of one label or of all; may be repeated.",
)
@reading_options
@click.option("--batch-size", type=click.IntRange(1), default=16, show_default=True, help="Documents read ahead.")
@click.option(
    "--engine",
    type=click.Choice(("local", "ray")),
    default="local",
    show_default=True,
    help="ray: into a folder OUTPUT of parquet files, by a Ray cluster or on this machine.",
)
@click.option("--device", help="cpu or cuda [default: cuda when there is one].")
def predict_command(
    files: Sequence[Path],
    model: Path | None,
    format_: str | None,
    output: Path | None,
    resume: bool,
    thresholds: tuple[str, ...],
    column: str | None,
    id_column: str | None,
    encoding: str | None,
    batch_size: int,
    engine: str,
    device: str | None,
) -> None:
    """Tag FILES, folders or patterns (- or nothing: standard input).

    Text and Markdown in UTF-8, UTF-16, GB18030 or Big5, HTML pages, Word (.docx), PDF with a text layer; of CSV, Excel, jsonl
    and parquet each row. A file that cannot be read is named on standard error, the others are tagged all the same, and the
    exit status is 1.
    """
    from topner.backends.load import read_schema
    from topner.encoder.locate import default_model_path
    from topner.errors import TopnerError
    from topner.inference.files import read_files, tag_files, tag_to_file, unchanged, write_tagged
    from topner.inference.journal import journal_path, run_settings
    from topner.inference.output import output_format
    from topner.inference.tagger import Tagger
    from topner.inference.thresholds import read_thresholds
    from topner.sources.find import STDIN, find_files
    from topner.sources.read import Reading
    from topner.sources.remarks import Remarks

    ray = engine == "ray"
    if ray and (output is None or not files or Path("-") in files):
        raise click.UsageError("--engine ray needs FILES and -o FOLDER")
    if ray and (resume or format_ or device):
        raise click.UsageError("--engine ray writes parquet, without --format, --resume and --device")
    if resume and output is None:
        raise click.UsageError("--resume needs -o OUTPUT")
    if output is not None and output.is_dir() and not ray:
        raise TopnerError("is a folder, a file was expected", path=output)
    reading, remarks = Reading.of(column, id_column, encoding), Remarks()
    format = "parquet" if ray else output_format(format_, output)
    folder = default_model_path() if model is None else model
    least = read_thresholds(thresholds, read_schema(folder).names) if thresholds else {}
    paths = find_files(files or [STDIN], remarks, [] if output is None else [output])
    if ray and output is not None:
        from topner.inference.ray_engine import tag_with_ray

        options: dict[str, Any] = {"batch_size": batch_size, "reading": reading, "thresholds": least}
        tag_with_ray(paths, output, remarks, folder, **options)
        finish(remarks)
        return
    if output is None:
        tagger = Tagger.from_pretrained(folder, device=device, thresholds=least)
        write_tagged(tag_files(tagger, paths, batch_size, remarks, reading), format, tagger.schema.names, None)
        finish(remarks)
        return
    finished = resume and output.exists() and not journal_path(output).exists()
    settings = run_settings(folder, device, least) if folder.is_dir() else {}
    if finished and unchanged(paths, format, output, batch_size, remarks, settings, reading):
        click.echo(f"topner: {output} is complete; leave out --resume to write it anew", err=True)
    else:
        tagger = Tagger.from_pretrained(folder, device=device, thresholds=least)
        documents = read_files(paths, remarks, reading)
        tag_to_file(tagger, documents, format, output, batch_size, remarks, settings, resume=resume)
    finish(remarks)
