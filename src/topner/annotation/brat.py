"""brat's standoff pairs: ``x.txt`` holds the text, ``x.ann`` lines such as ``T1<TAB>ORG 0 6<TAB>国家发改委``.

Offsets are half-open code points of the text file. Only text-bound annotations are mentions; relations, events,
attributes and notes are passed over and counted. A discontinuous annotation becomes the span from its first to its last
character, which the ledger calls ``moved`` (unless only line ends lie between its fragments: so brat writes a span over
several lines). A score stands in a note on its mention, ``#1<TAB>AnnotatorNotes T1<TAB>model=tagger-3 score=0.91``. A pair
has no room for other metadata; the document's id is the file name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from topner.annotation.found import MODEL_KEY, Candidate, Found, Notices
from topner.annotation.names import file_name, id_of
from topner.document import Document, MetaValue
from topner.errors import TopnerError
from topner.files import read_text
from topner.ledger import Ledger

CONFIG_FILE = "annotation.conf"

_LINE = re.compile(r"(?:[TREAMN]\d+|#\d*|\*)\t")
_BOUND = re.compile(r"(\S+) (\d{1,15} \d{1,15}(?:;\d{1,15} \d{1,15})*)")
_LINE_END = re.compile(r"[\r\n]+")
_SCORE = re.compile(r"#\d*\tAnnotatorNotes (T\d+)\t(?:model=([^\t\r\n]+) )?score=([01](?:\.\d+)?)")


def is_annotations(path: Path) -> bool:
    """Whether a file is the ``.ann`` half of a pair: its first line is one of brat's, or it is empty and has a text."""
    if not path.is_file():
        return False
    first = next((line for line in read_text(path).split("\n") if line.strip()), "")
    return _LINE.match(first) is not None or (
        not first and path.suffix == ".ann" and path.with_suffix(".txt").is_file()
    )


def read(path: Path, ledger: Ledger, notices: Notices) -> list[Found]:
    """The document of a pair.

    Args:
        path: the ``.ann`` or the ``.txt`` file; the other must lie beside it.
        ledger: takes discontinuous annotations as ``moved``.
        notices: counts what is passed over.

    Raises:
        TopnerError: the other file is missing, or a line is not brat's; the message names file and line.
    """
    annotations, source = path.with_suffix(".ann"), path.with_suffix(".txt")
    for needed in (annotations, source):
        if not needed.is_file():
            raise TopnerError(f"its partner {needed.name} is missing", path=path, hint="brat files come in pairs")
    text = _whole_text(source)
    id = id_of(source.stem)
    bound: list[tuple[str, Candidate]] = []
    scores: dict[str, float] = {}
    models: set[str] = set()
    for number, line in enumerate(read_text(annotations).split("\n"), 1):
        line = line.removesuffix("\r")
        if not line.strip():
            continue
        if _LINE.match(line) is None:
            raise TopnerError(f"{line[:40]!r} is not a line of brat's", path=annotations, where=number)
        if line[0] == "T":
            bound.append((line.partition("\t")[0], _bound(line, number, annotations, id, text, ledger)))
        elif note := _SCORE.fullmatch(line):
            scores[note[1]] = float(note[3])
            models |= {note[2]} if note[2] else set()
        else:
            notices.notes["brat relations, attributes and notes passed over"] += 1
    notices.shapes["brat pair"] += 1
    candidates = [candidate._replace(score=scores.get(name)) for name, candidate in bound]
    meta: dict[str, MetaValue] = {MODEL_KEY: models.pop()} if len(models) == 1 else {}
    return [Found(id, text, candidates, meta)]


def write(documents: Sequence[Document]) -> dict[str, str]:
    """The content of each file of the pairs, by file name.

    Offsets are half-open code points. A mention over several lines is written in fragments, one a line. A mention with a
    score gets a note with it and with the document's metadata ``model_version``.
    """
    files: dict[str, str] = {}
    for document in documents:
        lines = []
        model = _LINE_END.sub(" ", str(document.meta.get(MODEL_KEY) or "")).replace("\t", " ")
        for number, mention in enumerate(document.mentions, 1):
            fragments = [(mention.start + a, mention.start + b) for a, b in _lines(mention.text)] or [mention.span]
            where = ";".join(f"{a} {b}" for a, b in fragments)
            shown = " ".join(document.text[a:b] for a, b in fragments)
            lines.append(f"T{number}\t{mention.label} {where}\t{_LINE_END.sub(' ', shown)}\n")
            if mention.score is not None:
                made = f"model={model} " if model else ""
                lines.append(f"#{number}\tAnnotatorNotes T{number}\t{made}score={mention.score:.4f}\n")
        name = file_name(document.id)
        files[f"{name}.txt"] = document.text
        files[f"{name}.ann"] = "".join(lines)
    return files


def configuration(labels: Sequence[str]) -> str:
    """The content of the ``annotation.conf`` by which brat knows the labels."""
    return "\n".join(["[entities]", *labels, "", "[relations]", "", "[events]", "", "[attributes]", ""])


def _bound(line: str, number: int, path: Path, id: str, text: str, ledger: Ledger) -> Candidate:
    """The candidate of a ``T`` line."""
    parts = line.split("\t", 2)
    match = _BOUND.fullmatch(parts[1])
    if match is None or len(parts) < 3:
        raise TopnerError(
            "is not 'T<number> TAB label start end TAB text'", path=path, where=number, hint="are its TABs still there?"
        )
    label, shown = match[1], parts[2]
    places = [tuple(int(o) for o in fragment.split()) for fragment in match[2].split(";")]
    start, end = min(p[0] for p in places), max(p[1] for p in places)
    if len(places) == 1:
        return Candidate(start, end, label, shown)
    if " ".join(text[a:b] for a, b in places) != shown:
        return Candidate(start, end, label, shown)  # verification has the last word
    between = [text[a[1] : b[0]] for a, b in pairwise(places)]
    if any(_LINE_END.sub("", gap) for gap in between):
        reason = "discontinuous, the span from first to last character was taken"
        ledger.add(id, "convert", "moved", label, start, end, shown, reason)
    return Candidate(start, end, label, text[start:end])


def _lines(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"[^\r\n]+", text)]


def _whole_text(path: Path) -> str:
    # brat counts a byte order mark as a character; read_text takes it off.
    text = read_text(path)
    return "\ufeff" + text if path.read_bytes().startswith(b"\xef\xbb\xbf") else text
