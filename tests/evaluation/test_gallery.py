"""The gallery of failures: causes, counts, examples that are quoted safely."""

import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner
from evaluation_cases import SCHEMA, data_sets, document
from hypothesis import given

from topner.annotation.formats import write_documents
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.evaluation.errors import disagreements
from topner.evaluation.gallery import PLACE_AS_ZONE, ZONE_AS_PLACE, failures, markdown
from topner.evaluation.predictions import write_predictions

TEXT = "支持云湖新区建设，融入粤港澳大湾区。\n力争规上工业增加值*增长6%*。"
GOLD = document("甲", TEXT, ("云湖新区", "PROJECT"), ("规上工业增加值*增长6%", "TARGET"))


def answer(gold, *mentions):
    return gold.with_mentions(
        Mention(gold.text.index(t), gold.text.index(t) + len(t), label, t, score) for t, label, score in mentions
    )


FOUND = answer(GOLD, ("粤港澳大湾区", "PROJECT", 0.8), ("增长6%", "TARGET", 0.9))


def test_zones_and_places_are_told_apart_from_other_misses():
    causes = {f.cause.id for f in failures([GOLD], [FOUND], SCHEMA)}
    assert causes == {ZONE_AS_PLACE.id, PLACE_AS_ZONE.id, "modifier_missing"}
    org = document("乙", "云湖新区管委会说", ("云湖新区管委会", "ORG"))
    assert [f.cause.id for f in failures([org], [answer(org)], SCHEMA)] == ["missed"]


def test_markdown_counts_and_marks():
    page = markdown(failures([GOLD], [FOUND], SCHEMA), SCHEMA.names, 1)
    assert "3 errors in 1 documents" in page
    assert "| modifier missing 缺修饰语 | 1 | 0 | 0 | 1 |" in page
    assert "力争【规上工业增加值\\*〔增长6%〕】\\*。 (TARGET, 甲)" in page
    assert "支持【云湖新区】建设" in page
    assert "融入〔粤港澳大湾区〕。 力争" in page  # a line end is a space


def test_surest_first_and_one_a_document():
    gold, predicted = [], []
    for i in range(5):
        text = f"去年完成投资{i}亿元，去年新开工{i}个。"
        gold.append(Document(f"文{i}", text))
        predicted.append(
            answer(gold[-1], (f"完成投资{i}亿元", "TARGET", 0.5 + i / 10), (f"新开工{i}个", "TARGET", 0.4))
        )
    gold[0] = document("文0", gold[0].text + "增长9%", ("增长9%", "TARGET"))
    predicted[0] = Document("文0", gold[0].text, predicted[0].mentions)
    page = markdown(failures(gold, predicted, SCHEMA), SCHEMA.names, 5, examples=2)
    achieved = [line for line in page.splitlines() if line.startswith("- ") and "文" in line and "〔" in line]
    assert [line[-3:-1] for line in achieved] == ["文4", "文3"]


@given(data_sets())
def test_every_error_is_counted_once_and_no_line_breaks_out(sets):
    gold, predicted = sets
    found = failures(gold, predicted, SCHEMA)
    assert [f.error for f in found] == list(disagreements(gold, predicted, SCHEMA))
    page = markdown(found, SCHEMA.names, len(gold))
    rows = [line for line in page.splitlines() if line.startswith("| ")][1:]
    assert sum(int(line.rstrip("| ").rpartition("| ")[2]) for line in rows) == len(found)
    assert all(line[:2] in ("", "- ", "| ", "|-", "**") or "errors in" in line for line in page.split("\n"))


@pytest.fixture
def script():
    path = Path(__file__).parents[2] / "scripts" / "failure_gallery.py"
    spec = importlib.util.spec_from_file_location("failure_gallery", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_only_documents_of_the_corpus_are_quoted(tmp_path, script):
    other = document("丙", "秘密：县委去年完成了5件事。", ("县委", "ORG"))
    write_predictions(tmp_path / "predictions.jsonl", [GOLD, other], [FOUND, answer(other)])
    write_documents([GOLD, Document("丙", "别的文字")], tmp_path / "corpus", "inline", SCHEMA)
    call = [str(tmp_path), "--corpus", str(tmp_path / "corpus"), "-o", str(tmp_path / "g.md")]
    done = CliRunner().invoke(script.main, call, catch_exceptions=False)
    assert "1 documents are not of" in done.output
    page = (tmp_path / "g.md").read_text(encoding="utf-8")
    assert "云湖新区" in page
    assert "秘密" not in page
    write_predictions(tmp_path / "predictions.jsonl", [other], [answer(other)])
    with pytest.raises(TopnerError, match="no document"):
        script.main.callback(tmp_path, tmp_path / "corpus", 3, None)
