"""The text of a Word document (.docx)."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

from topner.errors import TopnerError
from topner.sources.bounds import check_office
from topner.sources.strict import transitional

# Local names of WordprocessingML.
_SKIPPED = {"del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr", "sectPr", "tblPr", "rt"}
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def word_text(data: bytes) -> str:
    """The paragraphs of a Word document, one a line, in reading order; the cells of a table's row stand between tabs.

    Tracked insertions, content controls, text boxes, links and footnotes count as text; deletions, field codes and headers do
    not. Nothing is run, no part outside the document is fetched, entities are not expanded.

    Args:
        data: the file.

    Raises:
        TopnerError: the file is broken, encrypted, a bomb, or python-docx is not installed.
    """
    try:
        import docx
        from docx.opc.constants import RELATIONSHIP_TYPE
    except ImportError:
        raise TopnerError("Word documents need python-docx", hint="pip install 'topner[files]'") from None
    archive = check_office(data)
    try:
        with archive:
            data = transitional(archive, data)
        document = docx.Document(io.BytesIO(data))
        roots = [document.element.body]
        for relation in document.part.rels.values():
            if (
                relation.reltype in (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES)
                and not relation.is_external
            ):
                roots.append(_root(relation.target_part.blob))
        lines = [line for root in roots for line in _blocks(root)]
    except TopnerError:
        raise
    except Exception as error:  # python-docx lets through what zip, XML and the package may raise on a broken file
        logging.getLogger(__name__).debug("broken docx", exc_info=True)
        raise TopnerError(f"is broken: {str(error).splitlines()[0] if str(error) else type(error).__name__}") from None
    return "\n".join(lines) + "\n" if lines else ""


def _root(xml: bytes) -> Any:
    from docx.oxml.parser import parse_xml

    return parse_xml(xml)


def _blocks(root: Any) -> Iterator[str]:
    """Lines of a body, a cell or notes; a stack and no recursion, so that depth costs nothing."""
    stack = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        name = _name(element)
        if name == "p":
            yield from _paragraph(element)
        elif name == "tr":
            yield _row(element)
        elif name not in _SKIPPED and not _separator(element):
            stack.append(iter(element))


def _row(row: Any) -> str:
    """A table's row as one line."""
    cells = [cell for cell in row.iterdescendants() if _name(cell) == "tc" and _owner(cell, "tr") is row]
    return "\t".join(" ".join(" ".join(line.split()) for line in _blocks(cell) if line.strip()) for cell in cells)


def _paragraph(paragraph: Any) -> Iterator[str]:
    """The line of a paragraph, then those of the text boxes anchored in it."""
    pieces: list[str] = []
    boxes: list[Any] = []
    stack = [iter(paragraph)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        name = _name(element)
        if name == "t":
            pieces.append(element.text or "")
        elif name in _BREAKS:
            pieces.append(_BREAKS[name])
        elif name == "txbxContent":
            boxes.append(element)
        elif name not in _SKIPPED:
            stack.append(iter(element))
    yield "".join(pieces)
    for box in boxes:
        yield from _blocks(box)


def _owner(element: Any, name: str) -> Any:
    """The nearest ancestor of that name."""
    return next((above for above in element.iterancestors() if _name(above) == name), None)


def _separator(element: Any) -> bool:
    """Word's footnotes 0 and -1 are the rules above the notes."""
    return any(str(key).endswith("}type") and "eparator" in str(value) for key, value in element.attrib.items())


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""
