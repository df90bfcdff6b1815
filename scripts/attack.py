"""Give topner files that strangers might make to hurt it: bombs, pickles, entities, paths out of the folder, formulas.

Each attack runs in a process of its own with bounded memory and time; what it must not do is checked from outside.
"""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import pickle
import resource
import struct
import sys
import tempfile
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from topner.annotation.formats import FORMATS, read_documents, write_documents
from topner.cli import run
from topner.document import Document
from topner.errors import TopnerError
from topner.inference.output import render
from topner.inference.sheets import write_xlsx
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.model.folder import PICKLES, check_model_folder
from topner.promises import Count, Promise, conclude
from topner.safe_yaml import FAULTS, load_yaml
from topner.sources.read import read_file
from topner.sources.remarks import Remarks
from topner.targets.table import commitments, write_commitments
from topner.training.checkpoint import what_is_broken

MEMORY, SECONDS = 2**30, 60  # more than the process had before the attack; far less than a bomb unpacks to
SCHEMA = LabelSchema(("TARGET", "PROJECT", "ORG"))
SECRET = "top-secret-line"  # noqa: S105 (in a file that nothing is to read)
NAMES = (
    "../up",
    "../../up",
    "/absolute-name",
    "a/../../b",
    "..",
    ".",
    "",
    "a\\..\\b",
    "C:\\x",
    "\0",
    "~",
    "-rf",
    "长" * 300,
)
CELLS = ("=1+1", "+1+cmd|'/C'!A0", "-1+1", "@SUM(A1)", "＝1+1", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")')
Attack = tuple[str, Callable[[Path], None]]


def guarded(attack: Callable[[Path], None], folder: Path) -> str:
    """Run an attack in a process of its own with bounded memory and time; what went wrong, or the empty string."""
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_attacked, args=(attack, folder))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return f"took longer than {SECONDS} s"
    if process.exitcode == 0:
        return ""
    said = folder / "said"
    return said.read_text(encoding="utf-8") if said.exists() else f"died: {process.exitcode}"


def _attacked(attack: Callable[[Path], None], folder: Path) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        attack(folder)
    except BaseException:
        (folder / "said").write_text(traceback.format_exc(), encoding="utf-8")
        sys.exit(1)


def refused(call: Callable[[], object]) -> None:
    """What must end in a message."""
    try:
        call()
    except TopnerError:
        return
    raise AssertionError("it was not refused")


def read(path: Path, data: bytes, *, text_allowed: bool = False) -> None:
    """A file of texts must end in a message, or, where that is allowed, in texts without the secret."""
    path.write_bytes(data)
    remarks = Remarks()
    documents = list(read_file(path, remarks))
    assert remarks.problems or text_allowed, "it was not refused"
    assert not any(SECRET in document.text for document in documents), "it read another file"


def packed(parts: dict[str, bytes]) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def saved(ending: str) -> dict[str, bytes]:
    """The parts of a good Word or Excel file."""
    out = io.BytesIO()
    if ending == "docx":
        import docx

        docx.Document().save(out)
    else:
        import openpyxl

        openpyxl.Workbook().save(out)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pdf(stream: bytes) -> bytes:
    """A PDF of one page with a packed content stream."""
    body = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    body += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj "
    body += b"4 0 obj<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream endobj\n" % (len(stream), stream)
    return body + b"trailer<</Root 1 0 R>>\n%%EOF"


def bombs() -> Iterator[Attack]:
    """Small files that unpack, expand or nest to far more than they are."""
    laughs = "a0: &a0 [省]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
    deep = 200_000

    def office(folder: Path, ending: str, part: str, dense: bool) -> None:
        parts = {part: bytes(2**28)} if dense else {part: b"x", **{f"{part}{i}": b"" for i in range(20_001)}}
        read(folder / f"a.{ending}", packed(parts))

    def file(folder: Path, name: str, parts: tuple[bytes, int, bytes], text_allowed: bool = False) -> None:
        head, times, part = parts
        read(folder / name, head + part * times, text_allowed=text_allowed)

    def annotations(folder: Path, format: str) -> None:
        (folder / "a.txt").write_bytes(b"[" * deep)
        refused(lambda: list(read_documents(folder / "a.txt", format, SCHEMA, Ledger())))

    for ending, part in (("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml")):
        yield f"{ending} of one dense part", partial(office, ending=ending, part=part, dense=True)
        yield f"{ending} of 20,002 parts", partial(office, ending=ending, part=part, dense=False)
    for name, parts, allowed in (
        ("a.pdf", (pdf(zlib.compress(bytes(2**30), 9)), 1, b""), False),
        ("a.jsonl", (b'{"text": ', deep, b"["), False),
        ("a.html", (b"<html><body>", deep, b"<div>x"), True),
        ("a.html", (b"<html><body><p ", deep, b"a=1 "), True),
        ("a.csv", (b'text\n"', 65 * 2**20, b"x"), False),
    ):
        shown = f"{parts[0][:20]!r} and {parts[1]} times {parts[2]!r}"
        yield f"{name}: {shown}", partial(file, name=name, parts=parts, text_allowed=allowed)
    yield "yaml: a billion laughs", partial(yaml_refused, text=laughs)
    yield "yaml nested deep", partial(yaml_refused, text="[" * deep)
    for format in ("label-studio", "doccano", "jsonl", "inline"):
        yield f"{format} nested deep", partial(annotations, format=format)
    for length in (2**62, 2**31, 100_000_001):
        yield f"safetensors header of {length} bytes", partial(weights_refused, data=struct.pack("<Q", length) + b"{}")
    huge = {"a": {"dtype": "F32", "shape": [2**31, 2**31], "data_offsets": [0, 8]}}
    yield "safetensors of huge shapes", partial(weights_refused, data=header(huge) + bytes(8))
    config = {"vocab_size": 10**9, "hidden_size": 10**6, "num_hidden_layers": 10**5}
    yield "configuration of a huge network", partial(weights_refused, data=header({}), config=config)


def header(tensors: dict[str, Any]) -> bytes:
    """The head of a safetensors file."""
    head = json.dumps(tensors).encode()
    return struct.pack("<Q", len(head)) + head


def yaml_refused(_: Path, text: str) -> None:
    """YAML that must not be built."""
    try:
        load_yaml(text)
    except FAULTS:
        return
    raise AssertionError("it was built")


def weights_refused(folder: Path, data: bytes, config: dict[str, Any] | None = None) -> None:
    """A model folder that must not be loaded."""
    (folder / "config.json").write_text(json.dumps(config or {}), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(data)
    refused(lambda: check_model_folder(folder))


class Bomb:
    """Unpickled, it leaves a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def pickles() -> Iterator[Attack]:
    """Folders with pickles, under the names that programs give them and under others; and code of the model's own."""

    def model(folder: Path, name: str, protocol: int) -> None:
        weights = header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}) + bytes(8)
        (folder / "config.json").write_text("{}", encoding="utf-8")
        (folder / "model.safetensors").write_bytes(weights)
        check_model_folder(folder)  # good so far
        (folder / name).write_bytes(pickle.dumps(Bomb(folder / "ran"), protocol))
        refused(lambda: check_model_folder(folder))
        assert not (folder / "ran").exists(), "it ran"

    def checkpoint(folder: Path, name: str) -> None:
        (folder / name).write_bytes(pickle.dumps(Bomb(folder / "ran")))
        with suppress(TopnerError):
            assert what_is_broken(folder) is not None, "it was taken for whole"
        assert not (folder / "ran").exists(), "it ran"

    def code(folder: Path, name: str) -> None:
        (folder / "config.json").write_text("{}", encoding="utf-8")
        (folder / name).write_text('{"auto_map": {"AutoModel": "evil.Evil"}}', encoding="utf-8")
        refused(lambda: check_model_folder(folder))

    for suffix in sorted(PICKLES):
        for protocol in (0, 4):
            yield (
                f"model folder with x{suffix}, protocol {protocol}",
                partial(model, name=f"x{suffix}", protocol=protocol),
            )
    for name in ("model.safetensors", "crf.safetensors.bin", "optimizer.PT"):
        yield f"a pickle called {name}", partial(model, name=name, protocol=4)
    for name in ("optimizer.pt", "rng_state.pth", "training_args.bin", "optimizer.safetensors", "state"):
        yield f"checkpoint with a pickle called {name}", partial(checkpoint, name=name)
    for name in ("config.json", "tokenizer_config.json"):
        yield f"code named in {name}", partial(code, name=name)


def entities() -> Iterator[Attack]:
    """Entities that name other files, or grow, in files that are good otherwise."""
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    names = "http://schemas.openxmlformats.org"
    bodies = {
        "word/document.xml": f'<w:document xmlns:w="{names}/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>&a1;</w:t></w:r></w:p></w:body></w:document>",
        "word/styles.xml": f'<w:styles xmlns:w="{names}/wordprocessingml/2006/main">&a1;</w:styles>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{names}/spreadsheetml/2006/main"><sheetData><row><c t="inlineStr">'
        '<is><t>text</t></is></c></row><row><c t="inlineStr"><is><t>&a1;</t></is></c></row></sheetData></worksheet>',
    }

    def office(folder: Path, part: str, doctype: str, codec: str) -> None:
        (folder / "secret").write_text(SECRET, encoding="utf-8")
        ending = "docx" if part.startswith("word") else "xlsx"
        parts = saved(ending)
        assert part in parts
        xml = f'<?xml version="1.0"?>{{}}{bodies[part]}'
        plain = xml.format("").replace("&a1;", "省")
        (folder / f"good.{ending}").write_bytes(packed({**parts, part: plain.encode(codec)}))
        assert list(read_file(folder / f"good.{ending}", Remarks())) or part == "word/styles.xml", (
            "the file is not good"
        )
        attack = xml.format(doctype.format(secret=folder / "secret"))
        read(folder / f"a.{ending}", packed({**parts, part: attack.encode(codec)}))

    def page(folder: Path, doctype: str) -> None:
        (folder / "secret").write_text(SECRET, encoding="utf-8")
        text = f"{doctype.format(secret=folder / 'secret')}<html><body><p>省厅&a1;</p></body></html>"
        read(folder / "a.html", text.encode(), text_allowed=True)

    doctypes = {
        "another file": '<!DOCTYPE x [<!ENTITY a1 SYSTEM "file://{secret}">]>',
        "another file by parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file://{secret}"> %p;]>',
        "another file as type": '<!DOCTYPE x SYSTEM "{secret}">',
        "a billion laughs": f'<!DOCTYPE x [<!ENTITY a0 "省">{laughs}]>',
    }
    for what, doctype in doctypes.items():
        for part in bodies:
            for codec in ("utf-8", "utf-16"):
                yield f"{part} in {codec} names {what}", partial(office, part=part, doctype=doctype, codec=codec)
        yield f"page names {what}", partial(page, doctype=doctype)


def paths() -> Iterator[Attack]:
    """Names that lead out of the folder that is written to."""

    def written(folder: Path, name: str, format: str) -> None:
        target = folder / "inner" / "out"
        target.mkdir(parents=True)
        documents = [Document.from_spans(name, "省科技局", [(0, 4, "ORG")]), Document("b", "市")]
        with suppress(TopnerError):
            write_documents(documents, target / "x", format, SCHEMA)
        outside = [path for path in folder.rglob("*") if path.is_file() and target not in path.parents]
        assert not outside, f"wrote {outside}"
        assert not list(Path("/").glob("absolute-name*")), "wrote into the root"

    def archive(folder: Path, name: str) -> None:
        place = folder / "inner" / "a.docx"
        place.parent.mkdir()
        read(place, packed({"word/document.xml": b"<x/>", name or "x": b"y"}))
        assert [path for path in folder.rglob("*") if path.is_file()] == [place], "it was unpacked"

    def shard(folder: Path, name: str) -> None:
        (folder / "config.json").write_text("{}", encoding="utf-8")
        index = json.dumps({"weight_map": {"a": f"{name}.safetensors"}})
        (folder / "model.safetensors.index.json").write_text(index, encoding="utf-8")
        refused(lambda: check_model_folder(folder))

    for name in NAMES:
        for format in FORMATS:
            yield f"document {name[:9]!r} written as {format}", partial(written, name=name, format=format)
        yield f"archive with an entry {name[:9]!r}", partial(archive, name=name.replace("\0", "/"))
        yield f"weights in {name[:9]!r}", partial(shard, name=name)


def formulas() -> Iterator[Attack]:
    """Texts that a spreadsheet would work out."""

    def harmless(value: object) -> bool:
        return not isinstance(value, str) or not value.startswith(tuple("=+-@\t\r\n＝＋－＠")) or value in ("-", "")

    def checked(folder: Path, cell: str, writer: str) -> None:
        text = f"{cell}增长10%"
        document = Document.from_spans(cell, text, [(0, len(text), "TARGET")], {cell: cell})
        path = folder / ("x.xlsx" if "xlsx" in writer else "x.csv")
        if writer == "mentions as csv":
            path.write_text("".join(render([document], "csv")), encoding="utf-8", newline="")
        elif writer == "mentions as xlsx":
            write_xlsx([document], path)
        elif writer == "losses as csv":
            ledger = Ledger()
            ledger.add(cell, "convert", "dropped", cell, 0, 3, cell, cell)
            ledger.write(path)
        else:
            write_commitments(path, commitments(document))
        if path.suffix == ".csv":
            rows: list[list[Any]] = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        else:
            import openpyxl

            sheets = openpyxl.load_workbook(path).worksheets
            assert not any(c.data_type == "f" for sheet in sheets for row in sheet.iter_rows() for c in row), (
                "a formula"
            )
            rows = [list(row) for sheet in sheets for row in sheet.iter_rows(values_only=True)]
        bad = [value for row in rows for value in row if not harmless(value)]
        assert len(rows) > 1, "nothing was written"
        assert not bad, f"cells {bad}"

    for cell in CELLS:
        for writer in ("mentions as csv", "mentions as xlsx", "losses as csv", "targets as csv", "targets as xlsx"):
            yield f"{cell[:12]!r} in {writer}", partial(checked, cell=cell, writer=writer)


KINDS: dict[str, Callable[[], Iterator[Attack]]] = {
    "a bomb ends in a message, within 1 GiB and a minute": bombs,
    "nothing is unpickled, no code of a model runs": pickles,
    "XML entities are not expanded, no other file is read": entities,
    "nothing is written or read outside its folder": paths,
    "no cell of a table is a formula": formulas,
}
"""Promises, and the attacks on them."""


@click.command()
@click.option("--results", type=click.Path(path_type=Path), help="JSON lines for scripts/trust.py.")
def main(results: Path | None) -> None:
    """Attack; print promise, how it was tested, tries and failures; exit with status 1 when an attack succeeds."""
    for loaded in ("docx", "openpyxl", "pypdf", "trafilatura", "reportlab"):  # once, for all the forked processes
        with suppress(ImportError):
            __import__(loaded)
    rows: list[Promise] = []
    for promise, attacks in KINDS.items():
        count = Count(promise, str(attacks.__doc__).splitlines()[0].rstrip("."))
        for what, attack in attacks():
            with tempfile.TemporaryDirectory(prefix="attack-") as name:
                said = guarded(attack, Path(name))
            count(not said, what, said)
        rows.append(count.row())
    conclude(rows, results, Path(__file__).name)


if __name__ == "__main__":
    run(main)
