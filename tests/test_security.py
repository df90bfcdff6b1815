"""Promises of SECURITY.md that the source itself must keep: nothing unpickled, nothing run, no cell that is a formula."""

import ast
import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from topner.document import Document
from topner.evaluation.evaluate import evaluate_documents
from topner.evaluation.report import write_errors
from topner.inference.output import render as render_tagged
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.targets.table import commitments, write_commitments

SOURCE = Path(__file__).parents[1] / "src" / "topner"
SCRIPTS = SOURCE.parents[1] / "scripts"
SCHEMA = LabelSchema(("TARGET", "PROJECT", "ORG"))
FORMULA = '=HYPERLINK("http://evil.example","增长10%")'
# Modules that hand cells of tables to a file; all others go through topner.ledger.write_table.
WRITERS = {"ledger.py", "evaluation/report.py", "inference/output.py", "inference/sheets.py", "targets/table.py"}
FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def modules(folder=SOURCE):
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def names(tree):
    """Dotted names of everything that is called, with the keyword arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords if word.arg}


def test_nothing_is_unpickled_or_run():
    for module, tree in modules():
        for node in ast.walk(tree):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            imported += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not FORBIDDEN & {name.partition(".")[0] for name in imported}, module
        for called, words in names(tree):
            assert called not in (
                "eval",
                "exec",
                "torch.load",
                "yaml.load",
                "yaml.unsafe_load",
                "np.load",
                "os.system",
            ), module
            assert words.get("trust_remote_code", "False") == "False", module
            assert words.get("allow_pickle", "False") == "False", module
            assert words.get("shell", "False") == "False", module
            assert not called.endswith(("extractall", ".extract")) or called.startswith("self."), module


def test_whatever_transformers_loads_is_neither_code_nor_pickled():
    found = 0
    for module, tree in (*modules(), *modules(SCRIPTS)):
        for called, words in names(tree):
            owner, _, method = called.rpartition(".")
            if method != "from_pretrained" or owner in ("Tagger", "cls"):
                continue
            found += 1
            assert words.get("trust_remote_code") == "False", f"{module}: {called}"
            if "Tokenizer" not in owner and "Config" not in owner:
                assert words.get("use_safetensors") == "True", f"{module}: {called}"
    assert found > 10


def test_tables_are_written_by_few_modules():
    found = set()
    for module, tree in modules():
        called = {name for name, _ in names(tree)}
        if any(name.endswith(("csv.writer", "DictWriter", "Workbook", "to_csv", "to_excel")) for name in called):
            found.add(module)
    assert found <= WRITERS, "a new writer of tables: make its cells inert, try it below, name it in WRITERS"


@pytest.fixture
def documents():
    spans = [(0, len(FORMULA), "TARGET")]
    return [Document.from_spans(f"={i}+1", f"{FORMULA}，@省政府 +1\n-2", spans, {"year": 2026}) for i in range(3)]


def cells(path):
    with path.open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.reader(handle):
            yield from row


def harmless(cell):
    if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell):
        return True
    return not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))


def test_no_cell_of_any_csv_is_a_formula(documents, tmp_path):
    bare = [document.with_mentions(()) for document in documents]
    write_errors(tmp_path / "errors.csv", evaluate_documents(documents, bare, SCHEMA, Ledger()))
    ledger = Ledger()
    ledger.add("=1", "convert", "dropped", "@ORG", 0, 3, FORMULA, "-1")
    ledger.write(tmp_path / "ledger.csv")
    write_commitments(tmp_path / "targets.csv", [row for document in documents for row in commitments(document)])
    (tmp_path / "tagged.csv").write_text("".join(render_tagged(documents, "csv")), encoding="utf-8")
    written = sorted(tmp_path.rglob("*.csv"))
    assert len(written) == 4
    for path in written:
        found = list(cells(path))
        assert any(FORMULA in cell or "=1" in cell for cell in found), path
        assert not [cell for cell in found if not harmless(cell)], path


def test_no_cell_of_a_workbook_is_a_formula(documents, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    write_commitments(tmp_path / "targets.xlsx", [row for document in documents for row in commitments(document)])
    for row in openpyxl.load_workbook(tmp_path / "targets.xlsx").worksheets[0].iter_rows(min_row=2):
        for cell in row:
            assert cell.data_type != "f"
            assert not isinstance(cell.value, str) or harmless(cell.value)


def test_every_page_names_what_it_may_do():
    base = (SOURCE / "pages/templates/base.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in base
    assert "unsafe" not in base
    for path in (SOURCE / "pages/templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert path.name == "base.html" or '{% extends "base.html" %}' in text
        assert not re.search(
            r"\|\s*safe|autoescape false|\son\w+=|javascript:|<style|<script src", text.replace("<style>{{", "")
        ), path
    tagged = "".join(render_tagged([Document("x", "省")], "html"))
    assert "default-src 'none'" in tagged
    assert "<script" not in tagged


def test_a_name_that_is_no_text_ends_in_words(tmp_path):
    name = "省\udcff.txt"
    code = "from topner.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "convert", str(tmp_path / name), "--to", "jsonl", "-o", str(tmp_path / "o.jsonl")],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"topner: ")
    assert b"Traceback" not in done.stderr
