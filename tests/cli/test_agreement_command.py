import json

import pytest
from test_commands import topner

from topner.corpus.adjudication import version_hash
from topner.document import Document

TEXT = "---\nid: {id}\ntitle: 通稿\n---\n[市科技局](ORG)力争{rest}，深江铁路、[深江铁路](PROJECT)𠮷。\n"
PLAIN = "市科技局力争引进20个团队，深江铁路、深江铁路𠮷。"


@pytest.fixture
def layers(tmp_path):
    for who, rest in (("one", "[引进20个团队](TARGET)"), ("two", "引进[20个团队](TARGET)")):
        (tmp_path / who).mkdir()
        (tmp_path / who / "a.txt").write_text(TEXT.format(id="a", rest=rest), encoding="utf-8")
    return tmp_path / "one", tmp_path / "two"


def decisions(path, annotator, end=13):
    one = Document.from_spans("a", PLAIN, [(0, 4, "ORG"), (6, 13, "TARGET"), (19, 23, "PROJECT")])
    two = Document.from_spans("a", PLAIN, [(0, 4, "ORG"), (8, 13, "TARGET"), (19, 23, "PROJECT")])
    value = {
        "schema_version": 1,
        "annotators": ["one", "two"],
        "documents": {"a": version_hash({"one": one, "two": two})},
        "decisions": [{"document": "a", "start": 6, "end": end, "annotator": annotator}] if end else [],
    }
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_report_folder(layers, tmp_path):
    done = topner("data", "agreement", *layers, "-o", tmp_path / "report")
    assert done.returncode == 0, done.stderr.decode()
    out = done.stdout.decode()
    assert "one : two  (1 documents)" in out
    assert "agreement.html" in out
    assert {p.name for p in (tmp_path / "report").iterdir()} == {"agreement.html", "agreement.json", "disputes.csv"}
    assert json.loads((tmp_path / "report" / "agreement.json").read_text(encoding="utf-8"))["disputes"] == 1


def test_decisions_are_merged(layers, tmp_path):
    path = decisions(tmp_path / "decisions.json", "two")
    done = topner("data", "agreement", *layers, "--decisions", path, "--merge", tmp_path / "merged")
    assert done.returncode == 0, done.stderr.decode()
    assert "1 documents, 3 mentions; 1 of 1 disputes decided" in done.stdout.decode()
    merged = (tmp_path / "merged" / "a.txt").read_text(encoding="utf-8")
    assert merged == TEXT.format(id="a", rest="引进[20个团队](TARGET)")


def test_undecided_disputes_are_listed_and_nothing_is_written(layers, tmp_path):
    path = decisions(tmp_path / "decisions.json", None, end=None)
    arguments = ("data", "agreement", *layers, "--decisions", path, "--merge", tmp_path / "merged")
    done = topner(*arguments)
    assert done.returncode == 1
    assert "undecided: a [6, 13) boundary TARGET" in done.stderr.decode()
    assert "1 of 1 disputes are not decided, nothing was written" in done.stderr.decode()
    assert not (tmp_path / "merged").exists()
    done = topner(*arguments, "--undecided", "first")
    assert done.returncode == 0, done.stderr.decode()
    assert "[引进20个团队](TARGET)" in (tmp_path / "merged" / "a.txt").read_text(encoding="utf-8")
    done = topner(*arguments[:-1], tmp_path / "dropped", "--undecided", "drop")
    assert "TARGET" not in (tmp_path / "dropped" / "a.txt").read_text(encoding="utf-8")


def test_stale_decisions_are_refused(layers, tmp_path):
    path = decisions(tmp_path / "decisions.json", "two")
    (layers[1] / "a.txt").write_text(TEXT.format(id="a", rest="引进20个团队"), encoding="utf-8")
    done = topner("data", "agreement", *layers, "--decisions", path, "--merge", tmp_path / "merged")
    assert done.returncode == 1
    assert "document 'a' has changed since it was decided" in done.stderr.decode()
    assert not (tmp_path / "merged").exists()


def test_decisions_without_merge(layers, tmp_path):
    done = topner("data", "agreement", *layers, "--decisions", tmp_path / "decisions.json")
    assert done.returncode == 2
    assert "go with --merge" in done.stderr.decode()


def test_one_export_of_several_annotators(tmp_path):
    def version(start, who):
        value = {"start": start, "end": 13, "text": PLAIN[start:13], "labels": ["TARGET"]}
        return {"completed_by": who, "result": [{"type": "labels", "value": value}]}

    lost = version(8, 1)
    lost["result"][0]["value"]["labels"] = ["政策"]
    versions = [version(6, 1), version(8, {"id": 2, "email": "li@x.cn"})]
    tasks = [{"id": 7, "data": {"text": PLAIN}, "annotations": versions},
             {"id": 8, "data": {"text": PLAIN}, "annotations": [lost, version(6, 3)]}]  # fmt: skip
    (tmp_path / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    done = topner("data", "agreement", tmp_path / "export.json", "-o", tmp_path / "report")
    assert done.returncode == 0, done.stderr.decode()
    assert "annotator-1 : li@x.cn  (1 documents)" in done.stdout.decode()
    assert "annotator-3 : li@x.cn  (0 documents)" in done.stdout.decode()
    assert "1 dropped" in done.stderr.decode()  # the unknown label
    assert "政策" in (tmp_path / "report" / "ledger.csv").read_text(encoding="utf-8-sig")
    tasks[0]["annotations"].pop()
    (tmp_path / "export.json").write_text(json.dumps(tasks[:1]), encoding="utf-8")
    done = topner("data", "agreement", tmp_path / "export.json")
    assert done.returncode == 1
    assert "only one annotator was found: annotator-1 (1 documents)" in done.stderr.decode()
