"""Tag files and write the result."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from topner.document import Document
from topner.errors import TopnerError
from topner.files import atomic_path
from topner.inference.journal import open_journal, reopen
from topner.inference.output import OutputFormat, render
from topner.inference.receipt import first_difference, receipt_path, write_receipt
from topner.inference.sheets import write_parquet, write_xlsx
from topner.inference.tagger import Tagger
from topner.sources.find import STDIN
from topner.sources.kinds import TABLE_SUFFIXES
from topner.sources.read import AS_FOUND, Reading, read_file
from topner.sources.remarks import Remarks


def read_files(paths: Sequence[Path], remarks: Remarks, reading: Reading = AS_FOUND) -> Iterator[Document]:
    """The documents of files, lazily and in order, with a bar on a terminal; see :func:`topner.sources.read.read_file`."""
    tables = any(path.suffix.lower() in TABLE_SUFFIXES or path == STDIN for path in paths)
    quiet = not sys.stderr.isatty() or (len(paths) < 2 and not tables)
    documents = (document for path in paths for document in read_file(path, remarks, reading))
    yield from tqdm(documents, unit="doc", desc="tagging", disable=quiet, total=None if tables else len(paths))


def tag_files(
    tagger: Tagger, paths: Sequence[Path], batch_size: int, remarks: Remarks, reading: Reading = AS_FOUND
) -> Iterator[Document]:
    """Tag files of any kind, lazily and in order.

    Args:
        tagger: the tagger.
        paths: files; ``-`` is standard input.
        batch_size: documents read ahead.
        remarks: takes one problem for each file that cannot be read; the others go on.
        reading: how to read them.

    Yields:
        Tagged documents; the id is the path as given, ``stdin`` for standard input, of a table's row see
        :func:`topner.sources.read.read_file`.
    """
    return tagger.pipe(read_files(paths, remarks, reading), batch_size)


def tag_to_file(
    tagger: Tagger,
    documents: Iterable[Document],
    format: OutputFormat,
    output: Path,
    batch_size: int,
    remarks: Remarks,
    settings: Mapping[str, object],
    *,
    resume: bool = False,
) -> None:
    """Tag documents and write them to a file, whole or not at all.

    What is tagged is kept in a journal beside the output until the output is written, so that a run that was broken off, even
    killed, can go on: a resumed run reads the documents again, skips what the journal has of them, and writes the same bytes
    as one that was never broken off. Where documents have changed, all from there on are tagged anew. A run that may be resumed
    leaves a receipt of its documents, see :func:`unchanged`; any other takes away the one that was there.

    Args:
        tagger: the tagger.
        documents: to tag, lazily and in order.
        format: what to write.
        output: the file.
        batch_size: documents tagged together.
        remarks: takes a note when documents have changed since the run that is resumed.
        settings: what the answers depend on, for the journal.
        resume: go on where the journal ends; without one nothing is done when the output is there.

    Raises:
        TopnerError: the output cannot be written, or see :func:`topner.inference.journal.open_journal`.
    """
    documents = iter(documents)
    with open_journal(output, settings, batch_size, resume) as journal:
        while group := list(islice(documents, batch_size)):
            kept = journal.kept(group)
            if kept is False:
                remarks.notes.append(
                    f"{output}: from {group[0].id} on the input is not that of the run before, tagged anew"
                )
            if not kept:
                journal.add(tagger.pipe(group, batch_size))
        receipt_path(output).unlink(missing_ok=True)
        write_tagged(journal.documents(), format, tagger.schema.names, output)
        if resume:
            write_receipt(output, _whole_settings(settings, batch_size), journal.documents())


def unchanged(
    paths: Sequence[Path],
    format: OutputFormat,
    output: Path,
    batch_size: int,
    remarks: Remarks,
    settings: Mapping[str, object],
    reading: Reading = AS_FOUND,
) -> bool:
    """Whether a finished output is what its run would write today; else it is made ready for :func:`tag_to_file` to resume.

    Of a jsonl output what stands before the first difference is kept; the other formats do not hold the documents, so that all
    are tagged anew.

    Args:
        paths: files, read to compare them with the receipt of the output.
        format: of the output.
        output: the file, finished.
        batch_size: as for :func:`tag_to_file`, and so is ``settings``.
        remarks: takes those of reading where nothing has changed, else a note where all is tagged anew.
        settings: what the answers depend on.
        reading: how to read the files.

    Raises:
        TopnerError: it cannot be told (see :func:`topner.inference.receipt.first_difference`), or standard input has changed,
            which cannot be read twice.
    """
    seen = Remarks()
    documents = (document for path in paths for document in read_file(path, seen, reading))
    changed = first_difference(output, _whole_settings(settings, batch_size), documents)
    if changed is None:
        remarks.extend(seen)
        return True
    if STDIN in paths:
        raise TopnerError(f"is complete, but {changed}", path=output, hint="leave out --resume to write it anew")
    if format == "jsonl":
        reopen(output, settings, batch_size)
    else:
        remarks.notes.append(f"{output}: {changed}, all is tagged anew")
    return False


def _whole_settings(settings: Mapping[str, object], batch_size: int) -> dict[str, object]:
    return {**settings, "group": batch_size}


def write_tagged(
    documents: Iterable[Document], format: OutputFormat, labels: tuple[str, ...], output: Path | None
) -> None:
    """Write tagged documents to a file, whole or not at all, or to standard output as they come.

    Raises:
        TopnerError: the file cannot be written.
        ValueError: the format is no text for standard output.
    """
    if output is None:
        for piece in render(documents, format, labels):
            sys.stdout.write(piece)
            sys.stdout.flush()
        return
    with atomic_path(output) as temporary:
        if format == "xlsx":
            write_xlsx(documents, temporary)
        elif format == "parquet":
            write_parquet(documents, temporary)
        else:
            # spreadsheets take a CSV for the encoding of the country unless a byte order mark says otherwise
            encoding = "utf-8-sig" if format == "csv" else "utf-8"
            with temporary.open("w", encoding=encoding, newline="") as out:
                out.writelines(render(documents, format, labels))
