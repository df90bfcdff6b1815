r"""A character (or token) and its tag a line, a blank line between sentences.

Written: IOB2, one character a line, TAB between, documents headed by ``# id = `` (and ``# meta = `` with JSON). So that
nothing of the text is lost, a character that cannot be seen is written as an escape: ``\s`` space, ``\n``, ``\r``,
``\t``, ``\\`` backslash, ``\u3000`` and ``\U000e0001`` any other. A blank line after the end of a sentence is for
trainers that want sentences and stands for nothing in the text.

Read: that, and foreign files in any scheme, with TABs or spaces between, extra columns in the middle, and
``-DOCSTART-`` lines. Foreign tokens are put together without spaces, except between two Latin words; each sentence is a
document, unless ``-DOCSTART-`` marks documents, whose sentences are then lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topner.annotation.found import Candidate, Found, Notices, flat
from topner.annotation.records import loads
from topner.annotation.tags import Tag, decode, encode, parse, scheme_of
from topner.document import Document
from topner.errors import TopnerError
from topner.files import read_text
from topner.ledger import Ledger

_HEAD = re.compile(r"# (\w+) = (.*)")
_ESCAPES = {" ": r"\s", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\"}
_ESCAPED = re.compile(r"\\(?:([snrt\\])|u([0-9a-f]{4})|U(000[0-9a-f]{5}|0010[0-9a-f]{4}))")
_PLAIN = {escape[1]: char for char, escape in _ESCAPES.items()}
_SENTENCE_END = frozenset("。！？\n")


@dataclass
class _Block:
    """A sentence of a foreign file, or a whole document of ours."""

    line: int
    id: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    document: int = 0


def read(path: Path, ledger: Ledger, notices: Notices) -> list[Found]:
    """The documents of a file; a tag that continues nothing begins a mention, which the ledger calls ``repaired``.

    Raises:
        TopnerError: a line without a tag, a tag that is none, or a heading that is not ours; the message names file and
            line.
    """
    blocks = list(_blocks(path))
    scheme, strays = scheme_of([block.tags for block in blocks])
    own = bool(blocks) and blocks[0].id is not None
    marked = any(block.document for block in blocks)
    found = _merged(blocks, path) if marked else [_found(block, path, n) for n, block in enumerate(blocks, 1)]
    for s, t in strays:
        block = blocks[s]
        id = block.id or f"{path.stem}-{block.document if marked else s + 1}"
        reason = f"{block.tags[t].letter}-{block.tags[t].label} with no mention open begins one"
        ledger.add(id, "convert", "repaired", block.tags[t].label, -1, -1, block.tokens[t], reason)
    kind = "with ids" if own else "documents by -DOCSTART-" if marked else "a document a sentence"
    notices.shapes[f"CoNLL {scheme}, {kind}"] += len(found)
    return found


def write(documents: Sequence[Document]) -> str:
    """The text of a file; mentions do not overlap.

    Raises:
        TopnerError: two mentions overlap.
    """
    lines: list[str] = []
    for document in documents:
        plain = document.id.isprintable() and document.id.strip() == document.id and document.id[:1] not in ("", '"')
        lines.append(f"# id = {document.id if plain else json.dumps(document.id)}")
        if document.meta:
            lines.append(f"# meta = {json.dumps(dict(document.meta), ensure_ascii=False)}")
        end = 0
        for mention in document.mentions:
            if mention.start < end:
                raise TopnerError(f"document {document.id}: {mention.text!r} overlaps the mention before it")
            end = mention.end
        tags = encode(len(document.text), [(m.start, m.end, m.label) for m in document.mentions])
        for char, tag, after in zip(document.text, tags, [*tags, "O"][1:], strict=True):
            lines.append(f"{_escape(char)}\t{tag}")
            if char in _SENTENCE_END and not after.startswith("I"):
                lines.append("")
        if lines[-1]:
            lines.append("")
    return "".join(line + "\n" for line in lines)


def _blocks(path: Path) -> Iterator[_Block]:
    """The sentences of a foreign file or the documents of one of ours."""
    text = read_text(path)
    own = re.search(r"^# id = ", text, re.MULTILINE) is not None
    block = _Block(1)
    document = 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.removesuffix("\r")
        head = _HEAD.fullmatch(line)
        if head and head[1] == "id":
            if block.id is not None:
                yield block
            elif block.tokens:
                raise TopnerError("characters before the first '# id = '", path=path, where=block.line)
            block = _Block(number, id=_json(head[2], path, number) if head[2][:1] == '"' else head[2])
        elif head and head[1] == "meta" and own:
            meta = _json(head[2], path, number)
            block.meta = meta if isinstance(meta, dict) else {}
        elif line.startswith("-DOCSTART-"):
            if block.tokens and not own:
                yield block
            document += 1
            block = block if own else _Block(number + 1, document=document)
        elif not line.strip(" \t"):
            if not own and block.tokens:
                yield block
            block = block if own else _Block(number + 1, document=document)
        elif not head:
            token, tag = _row(line, path, number)
            block.tokens.append(_ESCAPED.sub(_unescape, token) if own else token)
            block.tags.append(tag)
    if block.tokens or block.id is not None:
        yield block


def _row(line: str, path: Path, number: int) -> tuple[str, Tag]:
    """Token and tag of a line; a token that is missing was a space."""
    if "\t" in line:
        columns = line.rstrip("\t ").split("\t")
    else:
        columns = re.split(" +", line.rstrip(" "))
        if columns[0] == "" and len(columns) > 2:
            del columns[0]  # an indented line
    tag = parse(columns[-1].strip()) if len(columns) > 1 else None
    if tag is None:
        message = f"{line[:40]!r} is not a character and a tag such as O or B-ORG"
        raise TopnerError(message, path=path, where=number, hint="separate them by a TAB or a space")
    return columns[0] or " ", tag


def _found(block: _Block, path: Path, number: int) -> Found:
    text, places = _joined(block.tokens, own=block.id is not None)
    candidates = [
        Candidate(places[first][0], places[last - 1][1], label, text[places[first][0] : places[last - 1][1]])
        for first, last, label in decode(block.tags)
    ]
    return Found(f"{path.stem}-{number}" if block.id is None else block.id, text, candidates, flat(block.meta))


def _merged(blocks: Sequence[_Block], path: Path) -> list[Found]:
    """One document for each ``-DOCSTART-``, its sentences joined by line feeds."""
    texts: dict[int, list[Found]] = {}
    for block in blocks:
        texts.setdefault(block.document, []).append(_found(block, path, block.document))
    merged: list[Found] = []
    for sentences in texts.values():
        shift, candidates = 0, []
        for sentence in sentences:
            candidates += [c._replace(start=c.start + shift, end=c.end + shift) for c in sentence.candidates]
            shift += len(sentence.text) + 1
        merged.append(Found(sentences[0].id, "\n".join(s.text for s in sentences), candidates))
    return merged


def _joined(tokens: Sequence[str], own: bool) -> tuple[str, list[tuple[int, int]]]:
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    length, before = 0, ""
    for token in tokens:
        if not own and _is_word(before) and _is_word(token) and max(len(before), len(token)) > 1:
            parts.append(" ")
            length += 1
        parts.append(token)
        places.append((length, length + len(token)))
        length += len(token)
        before = token
    return "".join(parts), places


def _is_word(token: str) -> bool:
    return token[:1].isalpha() and token[-1:].isalpha() and ord(max(token)) < 0x250


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"


def _unescape(match: re.Match[str]) -> str:
    return _PLAIN[match[1]] if match[1] else chr(int(match[2] or match[3], 16))


def _json(value: str, path: Path, number: int) -> Any:
    try:
        return loads(value)
    except (ValueError, RecursionError):
        raise TopnerError("the heading is not JSON", path=path, where=number) from None
