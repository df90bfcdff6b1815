"""What Label Studio itself exported, see recorded/README.md: documents, offsets, annotators and losses to the letter."""

import importlib.util
import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from topner.annotation import jsonl, label_studio
from topner.annotation.convert import convert
from topner.annotation.formats import read_documents
from topner.annotation.found import Notices
from topner.annotation.settle import settle
from topner.corpus.agreement import agreement
from topner.corpus.annotators import by_annotator
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.suggest.export import labelling
from topner.suggest.read import read_review

RECORDED = Path(__file__).parent / "recorded"
TASKS, FRONT_END = RECORDED / "tasks.json", RECORDED / "front-end.json"
WHOLE = ("export.json", "snapshot.json")
FLAT = ("export.min.json", "export.csv", "export.tsv")
MODEL = "topner 0.1.0 6484a71b"
SCHEMA = LabelSchema()


def export(name):
    return RECORDED / "exports" / name


def read(path, layer="any"):
    ledger, notices = Ledger(), Notices()
    documents = read_documents(path, None, SCHEMA, ledger, notices, layer)
    return {document.id: document for document in documents}, ledger, notices


def people(path):
    ledger, notices = Ledger(), Notices()
    layers = by_annotator(path, SCHEMA, ledger, notices)
    return {who: {one.id: one for one in held} for who, held in layers.items()}, ledger, notices


@cache
def suggested():
    return read(TASKS)[0]


def reviewed(name):
    """What an annotator was to make of the tasks: without the one skipped, with the metadata of the tasks."""
    gold = read(RECORDED / "review" / f"{name}.jsonl")[0]
    return {
        id: Document(id, document.text, document.mentions, suggested()[id].meta)
        for id, document in gold.items()
        if not document.meta.get("skipped")
    }


def scores(documents):
    return {mention.score for document in documents for mention in document.mentions}


def losses(ledger):
    return sorted((x.document, x.action, x.label, x.text, x.reason) for x in ledger)


def edited(id, changed=(), added=()):
    """A suggested document after a person changed some mentions ((text, new label, new text), or gone) and added some."""
    document = suggested()[id]
    mentions = {m.text: (m.label, m.text) for m in document.mentions}
    for text, *new in changed:
        del mentions[text]
        added = [*added, new] if new else added
    spans = []
    for label, text in [*mentions.values(), *added]:
        assert document.text.count(text) == 1
        start = document.text.index(text)
        spans.append(Mention(start, start + len(text), label, text))
    return document.with_mentions(spans)


def by_hand():
    return {
        document.id: document
        for document in (
            edited(
                "08-组合",
                [
                    ("é省卫生健康委", "ORG", "省卫生健康委"),
                    ("孕产妇死亡率降至8/10万以下🇨🇳", "TARGET", "孕产妇死亡率降至8/10万以下"),
                ],
            ),
            edited("02-𠮷山", [("𠮷水河综合治理工程", "TARGET", "𠮷水河综合治理工程"), ("安排资金3000万元",)]),
            edited(
                "01-高铁",
                [
                    ("🚄🚄市交通运输局", "ORG", "市交通运输局"),
                    ("云湖至青岭高速铁路项目", "ORG", "云湖至青岭高速铁路项目"),
                ],
                [("TARGET", "总投资120亿元")],
            ),
            edited("04-空格", [("“智谷”科创园", "PROJECT", "“智谷”科创园建设")], [("TARGET", "安排 ２０００ 万元")]),
            edited("03-换行", [("市工业和信息化局", "ORG", "市工业和信息化局\r\n牵头")]),
            edited(
                "05-标记",
                [("社会消费品零售总额</b>增长6%", "TARGET", "<b>社会消费品零售总额</b>增长6%"), ("网上零售额增长12%",)],
                [("ORG", "市发改委")],
            ),
            edited("07-无"),
        )
    }


def second_by_hand():
    return {
        "02-𠮷山": edited("02-𠮷山", [("“𠮷园”学位供给提高10%", "TARGET", "学位供给提高10%")]),
        "03-换行": edited("03-换行", [("全市规模以上工业增加值增长8%以上", "TARGET", "规模以上工业增加值增长8%以上")]),
    }


def test_the_tasks_recorded_are_those_written_today():
    documents, ledger, _ = read(TASKS)
    assert not ledger.losses
    recorded = json.loads(TASKS.read_text(encoding="utf-8"))
    written = [label_studio.task(document, predicted=True) for document in documents.values()]
    for prediction in (task["predictions"][0] for task in written):
        if "score" in prediction:  # recorded is the mean of the scores as they were before they were rounded
            prediction["score"] = pytest.approx(prediction["score"], abs=1e-4)
    assert recorded == written
    assert labelling(SCHEMA) == (RECORDED / "tasks.json.labels.xml").read_text(encoding="utf-8")
    texts = "".join(document.text for document in documents.values())
    for hard in ("🚄", "👨‍👩‍👧‍👦", "𠮷", "\r\n", "  ", "\u3000", "１２．５", "“", "<script>", "&amp;", "\t"):
        assert hard in texts


@pytest.mark.parametrize("name", [*WHOLE, *FLAT])
def test_an_export_is_the_review_that_was_made(name):
    documents, ledger, notices = read(export(name))
    first, second = reviewed("first"), reviewed("second")
    # Marked as ground truth, the first annotator's 03 counts, though the second's is younger; flat exports have no such mark.
    expected = {**first, **second, **({"03-换行": first["03-换行"]} if name in WHOLE else {})}
    predicted = documents.pop("09-未审", None)
    assert documents == expected
    assert scores(documents.values()) == {None}
    assert {document.meta["model_version"] for document in documents.values()} == {MODEL}
    assert notices.notes["task with several annotations: ground truth or the latest taken"] == 2
    if name == "snapshot.json":  # holds the predictions of tasks that nobody labelled
        assert predicted == suggested()["09-未审"]
        assert sorted(scores([predicted])) == [0.9758, 0.9854, 0.9889]
    else:
        assert predicted is None
        assert notices.notes["task left out, nobody has labelled it"] == 1
    assert notices.notes["task left out, its annotation was cancelled"] == (name in WHOLE)

    one, other = ("first@example.org", "reviewer-2@example.org") if name == "snapshot.json" else ("1", "2")
    taken = f"annotation of annotator {one}, another was taken"
    nested = "overlaps a PROJECT: '“夜市 & 早市”焕新工程' at [79, 92) stays"
    lost = [
        ("02-𠮷山", "dropped", "PROJECT", "𠮷水河综合治理工程", taken),
        ("02-𠮷山", "dropped", "TARGET", "“𠮷园”学位供给提高10%", taken),
        ("05-标记", "dropped", "PROJECT", "“夜市 & 早市”", nested),
    ]
    if name in WHOLE:
        taken = f"annotation of annotator {other}, another was taken"
        lost += [
            ("03-换行", "dropped", "ORG", "市工业和信息化局\r\n牵头", taken),
            ("03-换行", "dropped", "TARGET", "规模以上工业增加值增长8%以上", taken),
        ]
        lost += [
            ("06-跳过", "dropped", m.label, m.text, "cancelled annotation") for m in suggested()["06-跳过"].mentions
        ]
    else:
        lost += [
            ("03-换行", "dropped", "ORG", "市工业和信息化局", taken),
            ("03-换行", "dropped", "TARGET", "全市规模以上工业增加值增长8%以上", taken),
        ]
    assert losses(ledger) == sorted(lost)


@pytest.mark.parametrize("name", [*WHOLE, *FLAT])
def test_annotators_are_told_apart(name):
    layers, ledger, _ = people(export(name))
    names = (
        ["first@example.org", "reviewer-2@example.org"] if name == "snapshot.json" else ["annotator-1", "annotator-2"]
    )
    assert list(layers) == names
    assert layers == dict(zip(names, (reviewed("first"), reviewed("second")), strict=True))
    assert Counter(reason for *_, reason in losses(ledger)) == {
        "overlaps a PROJECT: '“夜市 & 早市”焕新工程' at [79, 92) stays": 1,
        **({"cancelled annotation": 3} if name in WHOLE else {}),
    }
    result = agreement({who: list(held.values()) for who, held in layers.items()}, SCHEMA)
    assert (result.documents, result.alone, len(result.disagreements)) == (2, 5, 9)


@pytest.mark.parametrize("name", [*WHOLE, *FLAT])
def test_the_review_is_told_from_the_suggestions(name):
    result, _ = read_review(TASKS, export(name), SCHEMA)
    assert result.models == (MODEL,)
    assert result.not_reviewed == ["09-未审", "06-跳过"]
    assert not result.renamed
    assert not result.strangers
    counts = result.by_label()["all"].counts
    boundary = 6 if name in WHOLE else 8  # the second annotator's two in 03
    expected = {"boundary": boundary, "relabelled": 2, "both": 0, "deleted": 1, "added": 3}
    assert counts == {"accepted": 29 - boundary - 3, **expected}


def test_an_export_holds_the_suggestions_that_annotators_began_with():
    alone, read_alone = read_review(export("export.json"), None, SCHEMA)
    beside, _ = read_review(TASKS, export("export.json"), SCHEMA)
    assert list(alone.changes) == list(beside.changes)
    assert [one for one, _ in alone.pairs] == [one for one, _ in beside.pairs]
    assert [scores([one]) for one, _ in alone.pairs] == [scores([one]) for one, _ in beside.pairs]
    assert read_alone["before"][1].notes == {"task left out, it holds no prediction": 1}
    snapshot, _ = read_review(export("snapshot.json"), None, SCHEMA)
    assert snapshot.not_reviewed == ["09-未审", "06-跳过"]
    assert [one for one, _ in snapshot.pairs] == [one for one, _ in beside.pairs]


@pytest.mark.parametrize("name", FLAT)
def test_a_flat_export_holds_no_suggestions(name):
    with pytest.raises(TopnerError, match="name the file that topner suggest choose wrote as BEFORE"):
        read_review(export(name), None, SCHEMA)


def test_reviewed_documents_go_back_to_label_studio_as_annotations(tmp_path):
    convert(export("export.json"), tmp_path / "tasks.json", None, "label-studio", SCHEMA)
    tasks = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    assert [set(task) for task in tasks] == [{"data", "annotations"}] * 7
    assert not any("score" in region for task in tasks for made in task["annotations"] for region in made["result"])


def test_the_script_sends_what_was_recorded():
    place = Path(__file__).parents[2] / "scripts" / "label_studio_round_trip.py"
    spec = importlib.util.spec_from_file_location(place.stem, place)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    tasks = {
        task["data"]["topner_id"]: task for task in json.loads(export("snapshot.json").read_text(encoding="utf-8"))
    }
    made = 0
    for number, name in ((1, "first"), (2, "second")):
        for document in jsonl.read(RECORDED / "review" / f"{name}.jsonl", Ledger(), Notices()):
            task = tasks[document.id]
            sent = script.annotation(document, task["predictions"][0])
            [kept] = [a for a in task["annotations"] if a["completed_by"]["id"] == number]
            assert {key: kept[key] for key in sent} == sent
            made += 1
    assert made == sum(len(task["annotations"]) for task in tasks.values())


def test_what_a_mouse_marks_in_the_front_end():
    layers, ledger, notices = people(FRONT_END)
    assert layers == {"annotator-1": by_hand(), "annotator-3": second_by_hand()}
    assert scores(document for held in layers.values() for document in held.values()) == {None}
    assert notices.notes["draft passed over, nobody has submitted it"] == 1
    differs, trimmed = "white space in its text differs", "white space at its ends taken off"
    assert losses(ledger) == sorted(
        [
            ("02-𠮷山", "dropped", "ORG", "𠮷水河", "overlaps a TARGET: '𠮷水河综合治理工程' at [28, 37) stays"),
            ("03-换行", "repaired", "ORG", r"市工业和信息化局\n\n牵头", differs),
            ("04-空格", "moved", "TARGET", "安排 ２０００ 万元 ", trimmed),
            ("04-空格", "moved", "TARGET", "研发投入强度 达到 3.2% ", trimmed),
            ("04-空格", "repaired", "TARGET", "研发投入强度 达到 3.2% ", differs),
            *(("06-跳过", "dropped", m.label, m.text, "cancelled annotation") for m in suggested()["06-跳过"].mentions),
        ]
    )


def test_what_the_front_end_sends_counts_code_points():
    """Every span is where its offsets say, but for white space, so nothing had to be searched or recounted."""
    found = label_studio.read_annotators(FRONT_END, Ledger(), Notices())
    spans = [(one.text, c) for _, one in found for c in one.candidates]
    nested = 1
    assert len(spans) == sum(len(d.mentions) for d in (*by_hand().values(), *second_by_hand().values())) + nested
    for text, c in spans:
        shown = c.text.replace("\\n", "\n")
        assert "".join(text[c.start : c.end].split()) == "".join(shown.split())


def test_a_review_in_the_front_end():
    documents, _, notices = read(FRONT_END)
    assert documents == {**by_hand(), **second_by_hand()}
    assert notices.notes["draft passed over, nobody has submitted it"] == 1
    result, read_both = read_review(FRONT_END, None, SCHEMA)
    assert result.by_label()["all"].counts == {
        "accepted": 20, "boundary": 7, "relabelled": 1, "both": 0, "deleted": 1, "added": 3,
    }  # fmt: skip
    assert "draft passed over, nobody has submitted it" not in read_both["before"][1].notes


def test_label_studios_conll_has_lost_chinese_spans():
    """It cuts tokens at spaces and names each after the last span in it: no text comes back, so the others are to be used."""
    documents, _, _ = read(export("export.conll"))
    assert not {document.text for document in documents.values()} & {document.text for document in suggested().values()}
    long = [m.text for document in documents.values() for m in document.mentions if "，" in m.text]
    assert len(long) > 5


def test_one_unit_for_the_whole_file():
    """Without their texts the spans of the front end still read as code points, beside emoji and rare characters."""
    ledger, notices = Ledger(), Notices()
    found = [one for who, one in label_studio.read_annotators(FRONT_END, ledger, notices) if who == "1"]
    bare = [type(one)(one.id, one.text, [c._replace(text=None) for c in one.candidates], one.meta) for one in found]
    assert {document.id: document for document in settle(bare, SCHEMA, ledger, notices)} == by_hand()
