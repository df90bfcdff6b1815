import json
import os
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from strategies import SCHEMA, content, documents, sets
from topner.annotation.formats import FORMATS, detect, read_documents, write_documents
from topner.annotation.found import Notices
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger

CORPUS = Path(__file__).parents[2] / "data" / "corpus"
BENCHMARKS = Path(__file__).parents[3] / "shared" / "benchmarks"
TEXT = "据新华社报道，𠮷林省发展改革委要求GDP增长５％以上。\r\n“园区再造”工程 年底开工。🏭"
GOLD = Document.from_spans(
    "jilin", TEXT, [(7, 15, "ORG"), (17, 26, "TARGET"), (29, 37, "PROJECT")], {"title": "通稿", "year": 2026}
)


def written(folder: str | Path, docs: list[Document], format: str, name: str = "out") -> Path:
    target = Path(folder) / name
    write_documents(docs, target, format, SCHEMA)
    return target


def reread(path: Path, format: str | None = None) -> list[Document]:
    ledger = Ledger()
    docs = read_documents(path, format, SCHEMA, ledger)
    assert list(ledger) == []
    assert ledger.seen == sum(len(d.mentions) for d in docs)
    return docs


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=80, deadline=None)
@given(docs=sets())
def test_whatever_is_written_is_read_again(format, docs):
    with TemporaryDirectory() as folder:
        found = reread(written(folder, docs, format))
    by_id = {d.id: d for d in found}
    assert len(found) == len(docs)
    for d in docs:
        assert content(by_id[d.id]) == content(d)
        if format != "brat":
            assert dict(by_id[d.id].meta) == dict(d.meta)


@pytest.mark.parametrize(("first", "second"), product(FORMATS, FORMATS))
@settings(max_examples=6, deadline=None)
@given(docs=sets(meta=False))
def test_every_pair_of_formats(first, second, docs):
    with TemporaryDirectory() as folder:
        middle = reread(written(folder, docs, first, "middle"), first)
        found = reread(written(folder, middle, second, "end"), second)
    assert sorted(map(content, found)) == sorted(map(content, docs))


@pytest.mark.parametrize("format", FORMATS)
def test_the_format_is_told_by_content(format, tmp_path):
    path = written(tmp_path, [GOLD], format, "out")
    for file in [path] if path.is_file() else sorted(path.iterdir()):
        assert detect(file) == format
    if format != "brat":
        disguised = tmp_path / "x.csv.conf"
        (path if path.is_file() else next(path.iterdir())).rename(disguised)
        assert detect(disguised) == format


def test_scores_survive_where_the_format_has_room(tmp_path):
    scored = GOLD.with_mentions(m.__class__(m.start, m.end, m.label, m.text, 0.75) for m in GOLD.mentions)
    for format in ("jsonl", "label-studio"):
        assert {m.score for m in reread(written(tmp_path, [scored], format, format))[0].mentions} == {0.75}


def test_a_folder_of_mixed_formats(tmp_path):
    for format in FORMATS:
        doc = Document(f"{format}-1", GOLD.text, GOLD.mentions)
        written(tmp_path / "mixed" / "deep", [doc], format, f"{format}.x")
    (tmp_path / "mixed" / ".DS_Store").write_bytes(b"\x00\xff")
    (tmp_path / "mixed" / "old.jsonl.losses.csv").write_text("document\n")
    (tmp_path / "mixed" / "annotation.conf").write_text("[entities]\n")
    notices = Notices()
    ledger = Ledger()
    docs = read_documents(tmp_path / "mixed", None, SCHEMA, ledger, notices)
    assert sorted(d.id for d in docs) == sorted(f"{format}-1" for format in FORMATS)
    assert {content(d)[1:] for d in docs} == {content(GOLD)[1:]}
    assert sum(notices.shapes.values()) == len(FORMATS)
    assert "CoNLL IOB2" in notices.summary()
    assert "brat pair" in notices.summary()
    assert not ledger.losses


def test_a_file_in_no_format_stops_a_folder(tmp_path):
    written(tmp_path, [GOLD], "jsonl", "a.jsonl")
    (tmp_path / "README.md").write_text("说明：先读这里。\n", encoding="utf-8")
    with pytest.raises(TopnerError, match=r"README\.md: is in none of the annotation formats"):
        read_documents(tmp_path, None, SCHEMA, Ledger())


def test_a_missing_source_an_empty_folder_and_an_empty_file(tmp_path):
    with pytest.raises(TopnerError, match="nowhere: no such file or folder"):
        read_documents(tmp_path / "nowhere", None, SCHEMA, Ledger())
    with pytest.raises(TopnerError, match="has no annotation files"):
        read_documents(tmp_path, None, SCHEMA, Ledger())
    (tmp_path / "a.jsonl").write_text("\n")
    with pytest.raises(TopnerError, match=r"a\.jsonl: is empty"):
        read_documents(tmp_path, None, SCHEMA, Ledger())
    with pytest.raises(TopnerError, match="holds no labelled documents"):
        read_documents(tmp_path / "a.jsonl", "jsonl", SCHEMA, Ledger())


def test_an_unknown_format_is_named_with_the_known_ones(tmp_path):
    with pytest.raises(TopnerError, match=r"no annotation format 'bio'.*one of inline, label-studio"):
        read_documents(tmp_path, "bio", SCHEMA, Ledger())
    with pytest.raises(TopnerError, match="no annotation format"):
        write_documents([GOLD], tmp_path / "x", "bio", SCHEMA)


def test_numbered_documents_of_several_files_get_names_of_their_own(tmp_path):
    for name, text in (("a", "甲局"), ("b", "乙局")):
        row = {"id": 1, "text": text, "label": [[0, 2, "ORG"]]}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    notices = Notices()
    docs = read_documents(tmp_path, None, SCHEMA, Ledger(), notices)
    assert [(d.id, d.text, d.meta["source_id"]) for d in docs] == [("a-1", "甲局", "1"), ("b-1", "乙局", "1")]
    assert "renamed" in notices.summary()


@pytest.mark.parametrize(("id", "other_text"), [("1", "甲局"), ("doc", "乙局")])
def test_the_same_document_twice_is_an_error(tmp_path, id, other_text):
    for name, text in (("a", "甲局"), ("b", other_text)):
        row = {"id": id, "text": text, "label": [[0, 2, "ORG"]]}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(TopnerError, match=r"two documents have the id .*a\.jsonl and .*b\.jsonl"):
        read_documents(tmp_path, None, SCHEMA, Ledger())


def test_brat_asked_for_takes_the_pairs_only(tmp_path):
    written(tmp_path, [GOLD], "brat", "pairs")
    (tmp_path / "pairs" / "unlabelled.txt").write_text("全文")
    assert [d.id for d in read_documents(tmp_path / "pairs", "brat", SCHEMA, Ledger())] == ["jilin"]


def test_a_format_that_is_named_is_not_forced_on_brat_pairs(tmp_path):
    written(tmp_path, [GOLD], "brat", "pairs")
    with pytest.raises(TopnerError, match=r"jilin\.ann: is one of a brat pair, not inline"):
        read_documents(tmp_path / "pairs", "inline", SCHEMA, Ledger())


@pytest.mark.parametrize("format", ["inline", "brat"])
def test_no_id_leads_out_of_the_folder(tmp_path, format):
    names = ["../up", "/etc/x", "..", ".", "C:\\x", "a/../../b", "x" * 500, "长" * 200, "NUL\0"]
    docs = [Document.from_spans(name, "省发改委", [(0, 4, "ORG")]) for name in names]
    target = written(tmp_path / "deep", docs, format)
    files = [Path(root) / f for root, _, found in os.walk(tmp_path) for f in found]
    assert len(files) == len(docs) * (2 if format == "brat" else 1)
    assert {f.parent for f in files} == {target}
    assert not any(f.name.startswith(".") for f in files)
    assert len(read_documents(target, None, SCHEMA, Ledger())) == len(docs)


def test_inline_makes_one_file_of_one_document_when_told_so(tmp_path):
    target = written(tmp_path, [GOLD], "inline", "one.txt")
    assert target.is_file()
    assert content(reread(target)[0]) == content(GOLD)
    with pytest.raises(TopnerError, match=r"two\.txt: 2 documents for one file"):
        written(tmp_path, [GOLD, Document("b", "x")], "inline", "two.txt")
    assert not (tmp_path / "two.txt").exists()


@pytest.mark.parametrize("format", FORMATS)
def test_what_cannot_be_written_leaves_the_old_output_as_it_was(tmp_path, format):
    target = written(tmp_path, [GOLD], format)
    before = {f: f.read_bytes() for f in tmp_path.rglob("*") if f.is_file()}
    foreign = Document.from_spans("x", "张三", [(0, 2, "PERSON")])
    for wrong, message in (([GOLD, GOLD], "the id 'jilin'"), ([GOLD, foreign], "'PERSON'")):
        with pytest.raises(TopnerError, match=message):
            write_documents(wrong, target, format, SCHEMA)
    assert {f: f.read_bytes() for f in tmp_path.rglob("*") if f.is_file()} == before


@pytest.mark.parametrize("format", ["inline", "conll"])
def test_overlapping_mentions_have_no_flat_form(tmp_path, format):
    crossing = Document.from_spans("x", "省发改委", [(0, 3, "ORG"), (1, 4, "ORG")])
    with pytest.raises(TopnerError, match="overlaps the mention before it"):
        written(tmp_path, [crossing], format)
    assert list(tmp_path.iterdir()) == []


def test_files_and_folders_are_not_taken_for_each_other(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(TopnerError, match="is a folder; jsonl makes one file"):
        write_documents([GOLD], tmp_path / "folder", "jsonl", SCHEMA)
    with pytest.raises(TopnerError, match="is a file, a folder was expected"):
        write_documents([GOLD], tmp_path / "file", "brat", SCHEMA)
    with pytest.raises(TopnerError, match="cannot be written"):
        write_documents([GOLD], tmp_path / "file" / "x.jsonl", "jsonl", SCHEMA)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=10, deadline=None)
@given(doc=documents(id="a"))
def test_writing_again_gives_the_same_bytes(format, doc):
    with TemporaryDirectory() as folder:
        first, second = (written(folder, [doc], format, name) for name in ("a", "b"))
        one, two = ([p] if p.is_file() else sorted(p.iterdir()) for p in (first, second))
        assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def test_the_corpus_goes_through_every_format_unharmed(tmp_path):
    corpus = read_documents(CORPUS, None, LabelSchema(), Ledger())
    assert len(corpus) >= 10
    for format in FORMATS:
        target = tmp_path / format
        write_documents(corpus, target, format, LabelSchema())
        assert sorted(map(content, reread(target))) == sorted(map(content, corpus))


@pytest.mark.parametrize("name", ["cluener", "msra", "peoples_daily", "resume", "weibo"])
def test_public_sets_read_whole(name):
    paths = sorted((BENCHMARKS / name).glob("*.txt"))
    if not paths:
        pytest.skip("the public sets are not beside the repository")
    path = min(paths, key=lambda p: p.stat().st_size)
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    schema = LabelSchema(tuple(sorted({tag[2:] for _, tag in rows} - {""})))
    ledger = Ledger()
    docs = read_documents(path, None, schema, ledger)
    assert not ledger.losses
    assert "".join(d.text for d in docs).replace(" ", "") == "".join(char for char, _ in rows)
    assert sum(len(d.mentions) for d in docs) == sum(tag.startswith("B-") for _, tag in rows)


def test_a_prediction_without_mentions_is_no_finished_annotation(tmp_path):
    found = Document.from_spans("a", "省政府", [(0, 3, "ORG")])
    scored = found.with_mentions([Mention(0, 3, "ORG", "省政府", 0.9)])
    nothing = Document("b", "没有")
    for held, key in (([scored, nothing], "predictions"), ([found, nothing], "annotations")):
        write_documents(held, tmp_path / "t.json", "label-studio", LabelSchema())
        tasks = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
        assert all(task.get(key) for task in tasks)
        assert all(not task.get("annotations" if key == "predictions" else "predictions") for task in tasks)
