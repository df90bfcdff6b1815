"""Conversion from one annotation format to another, with a ledger of what did not survive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from topner.annotation.formats import LOSSES, Format, as_format, is_folder, read_documents, write_documents
from topner.annotation.found import Notices
from topner.annotation.names import file_name
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger


@dataclass(frozen=True)
class Conversion:
    """What a conversion did.

    Attributes:
        documents: as they were written.
        ledger: what was dropped, moved or repaired.
        ledger_path: where the ledger lies; ``None`` when there was nothing to enter.
        notices: the shapes of the exports met and other remarks.
    """

    documents: list[Document]
    ledger: Ledger
    ledger_path: Path | None
    notices: Notices


def convert(
    source: str | Path,
    target: str | Path,
    from_: str | None,
    to: str,
    schema: LabelSchema,
    max_loss: float = 1.0,
    force: bool = False,
) -> Conversion:
    """Read, verify, make flat, and write in another format; the ledger goes beside the output as ``<out>.losses.csv``.

    Args:
        source: file or folder.
        target: file or folder, as :func:`~topner.annotation.formats.write_documents` takes it. Files of the same names
            are replaced.
        from_: format of the source; ``None``: told for each file by its content.
        to: format of the target.
        schema: the labels that are known, in order of precedence.
        max_loss: share of the annotations, 0..1, that may be dropped; with more nothing but the ledger is written.
        force: write into a folder that holds other files too.

    Raises:
        TopnerError: the source cannot be read, the target is or lies in the source or holds it, the target folder holds
            other files, or too much was dropped.
    """
    source, target = Path(source), Path(target)
    format = as_format(to)
    _keep_apart(source, target)
    ledger, notices = Ledger(), Notices()
    documents = read_documents(source, from_, schema, ledger, notices)
    if not force and is_folder(format, target) and target.is_dir():
        _check_folder(target, format, documents)
    losses = target.resolve().with_name(target.resolve().name + LOSSES)
    if len(ledger):
        ledger.write(losses)
    else:
        losses.unlink(missing_ok=True)
    try:
        ledger.check(max_loss)
    except TopnerError as error:
        raise TopnerError(f"nothing was written: {error.message}", path=losses, hint=error.hint) from None
    write_documents(documents, target, to, schema)
    return Conversion(documents, ledger, losses if len(ledger) else None, notices)


def _keep_apart(source: Path, target: Path) -> None:
    one, other = source.resolve(), target.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise TopnerError(
            f"the output {target} is, holds or lies in the source",
            path=source,
            hint="write to a place of its own: the source is never overwritten",
        )


def _check_folder(target: Path, format: Format, documents: list[Document]) -> None:
    """Refuse a folder with files that this conversion would not replace: two sets would be mixed."""
    suffixes = (".txt", ".ann") if format == "brat" else (".txt",)
    written = {file_name(document.id) + suffix for document in documents for suffix in suffixes}
    for path in sorted(target.iterdir()):
        if not path.name.startswith(".") and path.name not in written:
            raise TopnerError(
                f"the folder holds other files, such as {path.name}",
                path=target,
                hint="name a new folder, or write among them with --force",
            )
