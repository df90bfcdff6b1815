r"""Readable markup, one document a file, such as ``推动[GDP增长5%](TARGET)``.

A front matter of flat YAML (``id`` and metadata) stands between two ``---`` lines, then the text to the end of the file;
one line end is written after the text and taken off on reading. Brackets and backslashes of the text itself carry a
backslash: ``\[2024\]``. Marks may be nested when read. A file without front matter is called after its name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from topner.annotation.found import Candidate, Found, Notices, flat
from topner.document import Document, MetaValue
from topner.errors import TopnerError
from topner.files import read_text
from topner.ledger import Ledger
from topner.safe_yaml import FAULTS

FRONT = re.compile(r"---[ \t]*(\r?\n)((?:.*\n)*?)---[ \t]*(?:\r?\n|\Z)")
MARK = re.compile(r"\]\(([^\W\d][\w.\-]*)\)")
# libyaml where PyYAML was built with it: ten times as fast
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONGEST_NUMBER = 4096  # bits; Python refuses to write integers of more than 4300 digits
_TOKEN = re.compile(r"\\[\[\]\\]|\[|\]")


def read(path: Path, ledger: Ledger, notices: Notices) -> list[Found]:
    """The document of a file.

    A file whose front matter ends its lines with CR LF was saved so by an editor; its text is read with LF.

    Raises:
        TopnerError: the front matter is not closed or not flat YAML, a bracket has no partner or no label; the message
            names file and line.
    """
    content = read_text(path)
    id, body, line = path.stem, content, 1
    meta: dict[str, Any] = {}
    if content.startswith("---\n") or content.startswith("---\r\n"):
        front = FRONT.match(content)
        if front is None:
            raise TopnerError("the front matter has no closing line ---", path=path, where=1)
        id, meta = _front(front[2], path, id)
        body, line = content[front.end() :], content.count("\n", 0, front.end()) + 1
        if front[1] == "\r\n":
            body = body.replace("\r\n", "\n")
    text, candidates = parse(body.removesuffix("\n"), path, line)
    notices.shapes["inline markup"] += 1
    return [Found(id, text, candidates, flat(meta))]


def parse(body: str, path: Path | None = None, line: int = 1) -> tuple[str, list[Candidate]]:
    r"""Take the marks out of marked-up text.

    Args:
        body: text with ``[span](LABEL)`` marks.
        path: for messages.
        line: number of its first line in the file, for messages.

    Returns:
        The plain text and its spans in half-open code points; an inner mark comes before the one around it.

    Raises:
        TopnerError: a bracket that neither belongs to a mark nor is escaped.
    """
    parts: list[str] = []
    candidates: list[Candidate] = []
    opened: list[tuple[int, int]] = []  # position in the text, position in the body
    position = length = 0

    def fail(at: int, message: str) -> TopnerError:
        hint = r"write \[ or \] for a bracket of the text itself"
        return TopnerError(message, path=path, where=line + body.count("\n", 0, at), hint=hint)

    while (token := _TOKEN.search(body, position)) is not None:
        parts.append(body[position : token.start()])
        length += token.start() - position
        position = token.end()
        if token[0] == "[":
            opened.append((length, token.start()))
        elif token[0] == "]":
            if not opened:
                raise fail(token.start(), "a ] without a [ before it")
            start, begin = opened.pop()
            mark = MARK.match(body, token.start())
            if mark is None:
                raise fail(begin, f"{_shown(body[begin : token.end()])} is not followed by (LABEL)")
            candidates.append(Candidate(start, length, mark[1]))
            position = mark.end()
        else:
            parts.append(token[0][1])
            length += 1
    if opened:
        raise fail(opened[-1][1], f"{_shown(body[opened[-1][1] :])} is never closed by a ]")
    text = "".join([*parts, body[position:]])
    return text, [c._replace(text=text[c.start : c.end]) for c in candidates]


def write(document: Document) -> str:
    """The text of the document's file.

    Raises:
        TopnerError: two mentions overlap.
    """
    front = [("id", document.id), *((key, value) for key, value in document.meta.items() if key != "id")]
    parts = ["---\n", *(_yaml(key, value) for key, value in front), "---\n"]
    position = 0
    for mention in document.mentions:
        if mention.start < position:
            raise TopnerError(f"document {document.id}: {mention.text!r} overlaps the mention before it")
        parts += [escape(document.text[position : mention.start]), f"[{escape(mention.text)}]({mention.label})"]
        position = mention.end
    return "".join([*parts, escape(document.text[position:]), "\n"])


def escape(text: str) -> str:
    """The text with a backslash before each bracket and backslash."""
    return re.sub(r"[\[\]\\]", r"\\\g<0>", text)


def _yaml(key: str, value: MetaValue) -> str:
    # Plain and single-quoted YAML folds line breaks, of which it knows more than \n; double-quoted escapes them.
    plain = key.isprintable() and (not isinstance(value, str) or value.isprintable())
    style = None if plain else '"'
    return yaml.safe_dump({key: value}, allow_unicode=True, width=float("inf"), default_style=style)


def _front(front: str, path: Path, id: str) -> tuple[str, dict[str, Any]]:
    try:
        loader = _LOADER(front)
        node = loader.get_single_node()
        _check_flat(node, path)
        values = loader.construct_document(node) if node is not None else {}
        by_name = {str(k): v for k, v in reversed(values.items())}
    except FAULTS as error:
        mark = getattr(error, "problem_mark", None)
        where = 2 + (mark.line if mark else 0)
        problem = getattr(error, "problem", None) or error
        raise TopnerError(f"the front matter is not YAML: {problem}", path=path, where=where) from None
    if node is None:
        return id, {}
    meta: dict[str, Any] = {}
    for key, value in node.value:
        loaded = by_name.get(key.value, value.value)
        # As spelled: an id 007 and a date 2026-07-01 are names, not numbers and dates; endless numbers are no metadata.
        spelled = key.value == "id" or (loaded is not None and not isinstance(loaded, str | int | float | bool))
        spelled = spelled or (isinstance(loaded, int) and loaded.bit_length() > _LONGEST_NUMBER)
        meta[key.value] = value.value if spelled else loaded
    return str(meta.pop("id", id) or id), meta


def _check_flat(node: yaml.Node | None, path: Path) -> None:
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        raise TopnerError("the front matter is not a list of 'key: value' lines", path=path, where=2)
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise TopnerError("the front matter is not flat", path=path, where=2 + key.start_mark.line)


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
