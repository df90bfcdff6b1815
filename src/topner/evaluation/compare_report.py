"""The comparison as a folder: a page for the reviewer, a table of changes for a spreadsheet, figures for programs."""

from __future__ import annotations

from pathlib import Path

from topner.evaluation.compare import Comparison
from topner.evaluation.compare_page import render_comparison
from topner.files import write_json, write_text
from topner.ledger import write_table

_CONTEXT = 15  # characters of source text on either side of a change in the table


def write_comparison(result: Comparison, folder: str | Path) -> None:
    """Write a comparison into a folder, which is made if need be; files of an earlier comparison are replaced.

    - ``compare.json``: see :meth:`topner.evaluation.compare.Comparison.to_json`.
    - ``compare.html``: one self-contained page.
    - ``changes.csv``: one row a change (UTF-8 with byte order mark; a cell that a spreadsheet could take for a formula
      has an apostrophe in front); offsets are half-open code points of the raw text.

    Raises:
        TopnerError: the folder cannot be written.
    """
    folder = Path(folder)
    page = render_comparison(result)
    write_json(folder / "compare.json", result.to_json())
    write_changes(folder / "changes.csv", result)
    write_text(folder / "compare.html", page)


def write_changes(path: str | Path, result: Comparison) -> None:
    """Write the changes as CSV, one row each, with the source text around them.

    Raises:
        TopnerError: the file cannot be written.
    """
    columns = ["document", "change", "label", "before", "after", "pairs"]
    columns += [f"{side}_{name}" for side in ("gold", "a", "b") for name in ("label", "start", "end", "text")]
    texts = {document.id: document.text for document in result.gold}
    rows = []
    for change in result.changes:
        text, (start, end) = texts[change.document], change.span
        cells: list[object] = [change.document, change.kind, change.label, change.before, change.after]
        cells.append(" ".join(map(str, change.pairs)))
        for mention in (change.gold, change.a, change.b):
            cells += (None,) * 4 if mention is None else (mention.label, mention.start, mention.end, mention.text)
        rows.append([*cells, text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]])
    write_table(path, [*columns, "text_before", "text_after"], rows)
