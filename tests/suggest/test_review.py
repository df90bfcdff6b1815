import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from suggest_cases import TEXTS, tagged

from strategies import SCHEMA, documents
from topner.annotation.formats import FORMATS, write_documents
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.suggest.export import SUGGESTION_FORMATS, write_suggestions
from topner.suggest.read import read_review
from topner.suggest.review import BANDS, VERDICTS, review
from topner.suggest.review_report import review_table, write_review

EXPORT = Path(__file__).parent / "label_studio_export.json"
LABELS = LabelSchema()
TEXT = "市科技局争取引进2个团队，办好“科创杯”大赛，推进云湖新城，华远电气力争增长7%。"


def mention(part, label, score=None, text=TEXT):
    start = text.index(part)
    return Mention(start, start + len(part), label, part, score)


BEFORE = Document(
    "甲",
    TEXT,
    (
        mention("市科技局", "ORG", 0.99),
        mention("争取引进2个团队", "TARGET", 0.7),
        mention("“科创杯”大赛", "ORG", 0.4),
        mention("推进云湖新城", "ORG", 0.8),
        mention("力争", "TARGET", 1.0),
    ),
    {"model_version": "topner 0.1.0 3fa94c07", "source": "甲.txt"},
)
AFTER = Document(
    "甲",
    TEXT,
    (
        mention("市科技局", "ORG"),
        mention("引进2个团队", "TARGET"),
        mention("“科创杯”大赛", "PROJECT"),
        mention("云湖新城", "PROJECT"),
        mention("华远电气", "ORG"),
        mention("增长7%", "TARGET"),
    ),
)


def test_every_verdict():
    result = review([BEFORE], [AFTER], LABELS)
    assert [(c.verdict, c.label) for c in result.changes] == [
        ("accepted", "ORG"),
        ("boundary", "TARGET"),
        ("relabelled", "ORG"),
        ("both", "ORG"),
        ("added", "ORG"),
        ("deleted", "TARGET"),
        ("added", "TARGET"),
    ]
    tally = result.by_label()["ORG"]
    assert tally.suggested == 3
    assert tally.acceptance == pytest.approx(1 / 3)
    assert tally.mean_score == pytest.approx((0.99 + 0.4 + 0.8) / 3)
    assert result.by_label()["PROJECT"].acceptance is None
    bands = result.by_score()
    assert [(name, t.suggested, t.counts["accepted"]) for name, t in bands.items()] == [
        ("0-0.5", 1, 0),
        ("0.5-0.8", 1, 0),
        ("0.8-0.95", 1, 0),
        ("0.95-1", 2, 1),
    ]
    assert result.models == ("topner 0.1.0 3fa94c07",)


def test_suggestions_without_a_score_have_a_row_of_their_own():
    bare = BEFORE.with_mentions(Mention(m.start, m.end, m.label, m.text) for m in BEFORE.mentions)
    assert review([bare], [AFTER], LABELS).by_score()["no score"].suggested == 5


@given(documents(id="a"), st.data())
def test_every_mention_of_both_sides_has_exactly_one_verdict(one, data):
    scores = st.none() | st.floats(-1, 2)
    before = one.with_mentions(Mention(*m.span, m.label, m.text, data.draw(scores)) for m in one.mentions)
    after = one.with_mentions(m for m in one.mentions if data.draw(st.booleans()))
    result = review([before], [after], SCHEMA)
    assert sorted(c.before for c in result.changes if c.before) == list(before.mentions)
    assert sorted(c.after for c in result.changes if c.after) == list(after.mentions)
    assert sum(t.suggested for t in result.by_score().values()) == len(before.mentions)
    total = result.by_label()["all"]
    assert total.counts["accepted"] == len(after.mentions)
    assert total.counts["deleted"] == len(before.mentions) - len(after.mentions)
    assert sum(sum(t.counts.values()) for name, t in result.by_label().items() if name != "all") == len(result.changes)


def test_what_did_not_come_back_and_what_came_of_itself():
    other, late = Document("乙", "增长"), Document("丙", "别的")
    result = review([BEFORE, other], [late, AFTER], LABELS)
    assert (result.not_reviewed, result.strangers) == (["乙"], ["丙"])
    table = review_table(result)
    assert "not reviewed: 1 (乙)" in table
    assert "not among the suggested documents, passed over: 1 (丙)" in table


def test_a_tool_that_numbers_documents_anew():
    back = [Document("17", AFTER.text, AFTER.mentions), Document("18", "双"), Document("19", "双")]
    result = review([BEFORE, Document("乙", "双"), Document("丙", "双")], back, LABELS)
    assert result.renamed == {"甲": "17"}
    assert [one.id for one, _ in result.pairs] == ["甲"]
    assert result.not_reviewed == ["乙", "丙"]  # which is which nobody can tell
    assert result.strangers == ["18", "19"]


def test_a_changed_text_is_an_error_that_says_where():
    changed = Document("乙", "第一行\n第二行改了", ())
    with pytest.raises(TopnerError, match=r"'乙' was changed: at character 7, line 2, there is '改了' instead of '。'"):
        review([Document("乙", "第一行\n第二行。")], [changed], LABELS)
    with pytest.raises(TopnerError, match=r"at character 3, line 1, there is '' instead of '。'"):
        review([Document("乙", "第一行。")], [Document("乙", "第一行")], LABELS)


def test_nothing_came_back():
    with pytest.raises(TopnerError, match="none of the suggested documents"):
        review([BEFORE], [Document("乙", "别的")], LABELS)
    with pytest.raises(TopnerError, match="two documents have the id"):
        review([BEFORE, BEFORE], [AFTER], LABELS)


@pytest.mark.parametrize("format", SUGGESTION_FORMATS)
@pytest.mark.parametrize("back", FORMATS)
def test_from_any_format_into_any_other(format, back, tmp_path):
    before = tagged(0.75)
    write_suggestions(before, tmp_path / "before", format, LABELS, "m")
    # the reviewer deletes the first mention of every document
    after = [
        Document(d.id, d.text, tuple(Mention(m.start, m.end, m.label, m.text) for m in d.mentions[1:])) for d in before
    ]
    write_documents(after, tmp_path / "after", back, LABELS)
    result, _ = read_review(tmp_path / "before", tmp_path / "after", LABELS)
    total = result.by_label()["all"]
    assert total.counts["deleted"] == sum(bool(d.mentions) for d in before)
    assert total.counts["accepted"] == sum(len(d.mentions[1:]) for d in before)
    assert total.mean_score == pytest.approx(0.75)
    assert (len(result.pairs), result.not_reviewed) == (len(TEXTS), [])


def test_files_of_a_review(tmp_path):
    write_suggestions([BEFORE], tmp_path / "before.jsonl", "jsonl", LABELS, "m")
    after = AFTER.with_mentions(
        [*AFTER.mentions[:-1], Mention(*AFTER.mentions[-1].span, "指标", AFTER.mentions[-1].text)]
    )
    write_documents([after], tmp_path / "after.jsonl", "jsonl", LabelSchema(("TARGET", "PROJECT", "ORG", "指标")))
    result, read = read_review(tmp_path / "before.jsonl", tmp_path / "after.jsonl", LABELS)
    write_review(tmp_path / "out", result, {side: ledger for side, (ledger, _) in read.items()})
    record = json.loads((tmp_path / "out/review.json").read_text(encoding="utf-8"))
    assert record["schema_version"] == 1
    assert record["losses"] == {
        "before": {"seen": 5, "dropped": 0, "rows": 0},
        "after": {"seen": 6, "dropped": 1, "rows": 1},
    }
    assert set(record["by_score"]) == {f"{low:g}-{high:g}" for low, high in BANDS}
    assert record["documents"][0]["id"] == "甲"
    assert {*VERDICTS, "suggested", "acceptance", "mean_score"} == set(record["by_label"]["all"])
    with (tmp_path / "out/changes.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [(row["verdict"], row["text_before"], row["text_after"], row["score"]) for row in rows] == [
        ("boundary", "争取引进2个团队", "引进2个团队", "0.7"),
        ("relabelled", "“科创杯”大赛", "“科创杯”大赛", "0.4"),
        ("both", "推进云湖新城", "云湖新城", "0.8"),
        ("added", "", "华远电气", ""),
        ("deleted", "力争", "", "1.0"),
    ]
    with (tmp_path / "out/losses.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert [row["reason"] for row in csv.DictReader(handle)] == ["unknown label 指标"]


def test_an_export_of_label_studio_alone():
    """Task 1: predictions and two annotations; 2: the prediction by number, and in the annotation; 3: skipped; 4: untouched."""
    result, read = read_review(EXPORT, None, LABELS)
    assert [one.id for one, _ in result.pairs] == ["sl-01", "kj-02"]
    assert result.not_reviewed == ["gy-03", "gy-04"]
    assert [(c.document, c.verdict, c.label) for c in result.changes] == [
        ("sl-01", "accepted", "ORG"),
        ("sl-01", "boundary", "PROJECT"),
        ("kj-02", "accepted", "ORG"),
        ("kj-02", "added", "TARGET"),
    ]
    assert [c.before.score for c in result.changes if c.before] == [0.98, 0.61, 0.9]
    assert result.models == ("topner 0.1.0 3fa94c07",)
    ledger, notices = read["after"]
    assert [(loss.document, loss.reason) for loss in ledger] == [
        ("sl-01", "annotation of annotator li@example.org, another was taken"),
        ("gy-03", "cancelled annotation"),
    ]
    assert "several annotations: ground truth or the latest taken" in notices.summary()


def test_an_export_that_has_only_numbers_of_predictions(tmp_path):
    tasks = json.loads(EXPORT.read_text(encoding="utf-8"))
    for task in tasks:
        task["predictions"] = [task["id"]]
        for annotation in task["annotations"]:
            annotation["prediction"] = {}
    (tmp_path / "e.json").write_text(json.dumps(tasks), encoding="utf-8")
    with pytest.raises(TopnerError, match=r"e\.json: holds no labelled documents \(no prediction is in it"):
        read_review(tmp_path / "e.json", None, LABELS)
    # the file that was imported knows them
    write_suggestions([BEFORE], tmp_path / "tasks.json", "label-studio", LABELS, "m")
    with pytest.raises(TopnerError, match="none of the suggested documents came back"):
        read_review(tmp_path / "tasks.json", tmp_path / "e.json", LABELS)


def test_tasks_that_nobody_opened_are_no_review(tmp_path):
    write_suggestions([BEFORE], tmp_path / "tasks.json", "label-studio", LABELS, "m")
    with pytest.raises(TopnerError, match="nobody has annotated a task"):
        read_review(tmp_path / "tasks.json", tmp_path / "tasks.json", LABELS)


def test_one_file_of_another_format_is_not_enough(tmp_path):
    write_suggestions([BEFORE], tmp_path / "b.jsonl", "jsonl", LABELS, "m")
    for path in (tmp_path / "b.jsonl", tmp_path):
        with pytest.raises(TopnerError, match="is no export of Label Studio"):
            read_review(path, None, LABELS)
