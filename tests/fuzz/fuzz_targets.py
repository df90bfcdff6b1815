"""What is fuzzed: one function a target, from bytes. It raises when something it promises does not hold.

Bad input may end in TopnerError alone; no offset may leave its text, and every mention's text stands at its offsets.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from functools import cache, partial
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
from fuzz_sources import ENDINGS, read_source

from topner.annotation import tags
from topner.annotation.formats import FORMATS, read_documents, write_documents
from topner.annotation.label_studio import plain_text
from topner.dataset.tags import decode_tags, encode_tags, trim_offsets
from topner.dataset.windows import cut_costs, make_windows
from topner.document import Document
from topner.errors import TopnerError
from topner.inference.output import render as render_tagged
from topner.inference.tagger import Tagger
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.model.chain import Chain, iob2_chain, lattice, viterbi
from topner.model.folder import read_object, read_shapes
from topner.pages.render import source
from topner.pretraining.config import load_pretrain_config
from topner.targets.numeral import read_numeral
from topner.targets.quantity import find_quantities
from topner.targets.record import exact
from topner.text.alignment import AlignedText
from topner.text.clean import CleanConfig, clean
from topner.text.condition import CONDITIONS, conditions
from topner.training.config import load_config

SCHEMA = LabelSchema(("TARGET", "PROJECT", "ORG"))
_FOLDER = tempfile.TemporaryDirectory(prefix="fuzz-")
_ROOT = Path(_FOLDER.name)


def decoded(data: bytes) -> str:
    """Any text, half surrogate pairs too."""
    return data.decode("utf-8", "surrogateescape").replace("\udcff", "\ud842")


def check(document: Document) -> None:
    """Mentions stand where they say, in order, and can be written."""
    end = 0
    for mention in document.mentions:
        assert end <= mention.start < mention.end <= len(document.text)
        assert mention.text == document.text[mention.start : mention.end]
        end = mention.end
    json.dumps(document.to_json(), ensure_ascii=False, allow_nan=False).encode()


def annotations(data: bytes, format: str | None, name: str = "f.txt") -> None:
    """Annotation files give mentions that stand in their text, or a message; written in any format they come back the same."""
    path = _ROOT / "in" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    source_ = path
    if format == "brat":
        text, _, lines = data.partition(b"\n%%\n")
        path.write_bytes(text)
        source_ = path.with_suffix(".ann")
        source_.write_bytes(lines)
    ledger = Ledger()
    try:
        documents = read_documents(source_, format, SCHEMA, ledger)
    except TopnerError:
        return
    finally:
        (_ROOT / "in" / "f.ann").unlink(missing_ok=True)
    ledger.write(_ROOT / "ledger.csv")
    assert sum(len(document.mentions) for document in documents) + ledger.dropped <= ledger.seen
    for document in documents:
        check(document)
    for to in FORMATS:
        target = _ROOT / f"out-{to}"
        if target.is_dir():
            for old in target.iterdir():
                old.unlink()
        written = [d for d in documents if d.id] if to in ("brat", "inline", "conll") else documents
        if not written:
            continue
        write_documents(written, target, to, SCHEMA)
        again = {d.text: d for d in read_documents(target, to, SCHEMA, Ledger())}
        for document in written:
            assert [m.key for m in again[document.text].mentions] == [m.key for m in document.mentions], to


def config(data: bytes) -> None:
    """A configuration is read or refused with a message."""  # lines that begin with an exclamation mark are overrides
    path = _ROOT / "c.yaml"
    lines = data.split(b"\n")
    path.write_bytes(b"\n".join(line for line in lines if line[:1] != b"!"))
    overrides = [decoded(line[1:]) for line in lines if line[:1] == b"!"]
    for load in (load_config, load_pretrain_config):
        try:
            load(path, overrides)
        except TopnerError:
            continue


def front_end(data: bytes) -> None:
    """Every character of a cleaned text has a way back into the raw text, in order, and forth again."""
    raw = decoded(data[1:])
    bits = data[0] if data else 0
    names = ("markup", "invisible", "width", "ruby", "punctuation", "space", "join_chinese")
    config = CleanConfig(**{name: not bits >> i & 1 for i, name in enumerate(names)})
    for aligned in (clean(raw), clean(raw, config)):
        assert aligned.raw == raw
        assert len(aligned.starts) == len(aligned.ends) == len(aligned.text)
        assert (aligned.starts >= 0).all()
        assert (aligned.starts < aligned.ends).all()
        assert (aligned.ends <= len(raw)).all()
        assert (np.diff(aligned.starts) >= 0).all()
        assert (np.diff(aligned.ends) >= 0).all()
        for at in range(len(aligned.text)):
            first, last = aligned.clean_span(*aligned.raw_span(at, at + 1)) or (0, 0)
            assert first <= at < last
    clean(raw).text.encode()  # no half surrogate pair is left
    assert set(conditions(raw)) <= set(CONDITIONS)
    plain_text(raw)


def decoder(data: bytes) -> None:
    """The decoder gives legal tags and probabilities whatever the scores; tags and spans are one another's reverse."""
    size = len(SCHEMA.tags)
    numbers = np.frombuffer(data[: len(data) // 2 * 2], dtype=np.float16).astype(np.float64)
    numbers = np.nan_to_num(numbers, nan=0.0, posinf=6e4, neginf=-6e4)
    length = min(len(numbers) // size, 80)
    free = iob2_chain(SCHEMA.tags)
    ids = [byte % size for byte in data[:40]]
    spans = decode_tags(ids, SCHEMA)
    offsets = np.asarray([(i, i + 1) for i in range(len(ids))], dtype=np.int64).reshape(-1, 2)
    ledger = Ledger()
    again = encode_tags(spans, offsets, SCHEMA, AlignedText.of("字" * len(ids)), "d", ledger)
    assert decode_tags(again, SCHEMA) == spans
    assert not len(ledger)
    if not length:
        return
    scores = numbers[: length * size].reshape(1, length, size)
    chain = Chain(free.transitions + scores[0, 0], free.begin, free.end + scores[0, -1])
    for used in (free, chain):
        lengths = np.asarray([length])
        (path,) = viterbi(scores, lengths, used)
        assert len(path) == length
        assert ((path >= 0) & (path < size)).all()
        found = decode_tags(path, SCHEMA)
        assert all(0 <= start < end <= length for start, end, _ in found)
        if np.abs(scores).max() < 1e3:
            inside = [t for t in range(length) if path[t] and path[t] % 2 == 0]
            assert all(t and path[t - 1] in (path[t], path[t] - 1) for t in inside)
            sums = lattice(scores, lengths, used)
            for start, end, label in found:
                assert 0 <= sums.span_probability(0, start, end, SCHEMA.begin(label)) <= 1


def tag_schemes(data: bytes) -> None:
    """Tags in any scheme give spans inside the sentence that do not overlap; IOB2 comes back."""
    read = [tag for word in decoded(data).split() if (tag := tags.parse(word))]
    tags.scheme_of([read, read[::2]])
    spans = list(tags.decode(read))
    assert all(0 <= start < end <= len(read) for start, end, _ in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    written = [tag for word in tags.encode(len(read), spans) if (tag := tags.parse(word))]
    assert list(tags.decode(written)) == spans


def windows(data: bytes) -> None:
    """Windows take each token exactly once, whatever the text and the sizes."""
    text = decoded(data[2:])
    size = 1 + (data[0] % 40 if data else 5)
    overlap = (data[1] % size) if len(data) > 1 else 0
    offsets = np.asarray([(i, min(i + 2, len(text))) for i in range(0, len(text), 2)], dtype=np.int64).reshape(-1, 2)
    made = make_windows(cut_costs(text, trim_offsets(text, offsets)), size, overlap)
    kept = [i for window in made for i in range(window.keep_start, window.keep_end)]
    assert kept == list(range(len(offsets)))
    assert all(w.start <= w.keep_start < w.keep_end <= w.end and w.end - w.start <= size for w in made)


def quantities(data: bytes) -> None:
    """Quantities lie in the text, apart, and their values can be written."""
    text = decoded(data)
    end = 0
    for quantity in find_quantities(text):
        assert 0 <= quantity.start < quantity.end <= len(text)
        assert end <= quantity.start
        end = quantity.end
        assert exact(quantity.value) is None or float(quantity.value) is not None
        exact(quantity.high)
    exact(read_numeral(text))


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.shown.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment out of source text")

    handle_decl = handle_pi = unknown_decl = handle_comment


def pages(data: bytes) -> None:
    """Pages show source text and never obey it: no element, attribute or comment comes out of it."""
    text = decoded(data).encode("utf-8", "replace").decode()
    third = len(text) // 3
    spans = [(third, 2 * third, "ORG")] if third else []
    document = Document.from_spans(text or "x", text, spans)
    page = "".join(render_tagged([document], "html", SCHEMA.names))
    seen = _Seen()
    seen.feed(page.partition("<body>")[2])
    assert set(seen.tags) <= {("h2", ()), ("div", ("class",)), ("mark", ("class", "title")), ("small", ())}
    assert "".join(seen.shown).count(text) >= (2 if not spans else 1) or not text.strip()
    seen = _Seen()
    shown = str(source(text))
    seen.feed(shown)
    seen.close()
    assert not seen.tags
    assert "".join(seen.shown) == re.sub(r"[\x00-\x08\x0b\x0e-\x1f]", lambda found: chr(0x2400 + ord(found[0])), text)
    for format in ("jsonl", "csv", "table", "label-studio"):
        "".join(render_tagged([document], format, SCHEMA.names)).encode()


def model_files(data: bytes) -> None:
    """Headers of weights and settings of models are read or refused with a message."""
    path = _ROOT / "model.safetensors"
    path.write_bytes(data)
    for read in (read_shapes, read_object):
        try:
            read(path)
        except TopnerError:
            continue


@cache
def _tagger() -> Tagger:
    return Tagger.from_pretrained(device="cpu")


def tagger(data: bytes) -> None:
    """The shipped tagger finds mentions that stand in the raw text, apart, with probabilities, and reads targets in them."""
    document = _tagger()(Document("x", decoded(data)))
    for mention in document.mentions:
        assert mention.score is not None
        assert 0 <= mention.score <= 1
        assert mention.text == document.text[mention.start : mention.end]
    for record in document.targets:
        assert 0 <= record.start < record.end <= len(document.text)
    if any("\ud800" <= char <= "\udfff" for char in document.text):  # no reader gives half a character
        return
    check(document)
    for format in ("jsonl", "csv", "table", "html", "label-studio"):
        "".join(render_tagged([document], format, SCHEMA.names)).encode()


TARGETS: dict[str, Callable[[bytes], None]] = {
    **{format: partial(annotations, format=format) for format in FORMATS},
    "any": partial(annotations, format=None),
    "table": partial(annotations, format=None, name="f.csv"),
    **{name: partial(read_source, name=name) for name in ENDINGS},
    "config": config,
    "text": front_end,
    "decoder": decoder,
    "tags": tag_schemes,
    "windows": windows,
    "quantity": quantities,
    "pages": pages,
    "model": model_files,
    "tagger": tagger,
}
"""The targets by name."""


def promise_of(name: str) -> str:
    """What a target promises: the first line of what is said of it."""
    run = TARGETS[name]
    return str((run.func if isinstance(run, partial) else run).__doc__).splitlines()[0]
