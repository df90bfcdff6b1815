import json

import pytest
from evaluation_cases import document
from hypothesis import HealthCheck, given, settings

from strategies import content, sets
from topner.document import Mention
from topner.errors import TopnerError
from topner.evaluation.predictions import PREDICTIONS, read_answers, read_predictions, write_predictions

TEXT = "“𠮷县”要求，２０２６年新增公园12座😀。"


def pair():
    gold = document("吉-1", TEXT, ("𠮷县", "ORG"), ("新增公园12座", "TARGET"), title="公告", year=2026)
    return gold, gold.with_mentions([Mention(1, 3, "ORG", "𠮷县", 0.87654321)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(sets(), sets())
def test_round_trip(tmp_path, gold, layers):
    predicted = [
        one.with_mentions(m for m in other.mentions if one.text[m.start : m.end] == m.text)
        for one, other in zip(gold, [*layers, *gold], strict=False)
    ]
    write_predictions(tmp_path / PREDICTIONS, gold, predicted)
    kept, answers = read_predictions(tmp_path)
    assert [content(document) for document in kept] == [content(document) for document in gold]
    assert [content(document) for document in answers] == [content(document) for document in predicted]
    assert [document.meta for document in kept] == [document.meta for document in gold]


def test_layout_of_a_record(tmp_path):
    gold, predicted = pair()
    write_predictions(tmp_path / PREDICTIONS, [gold], [predicted])
    record = json.loads((tmp_path / PREDICTIONS).read_text(encoding="utf-8"))
    assert record == {
        "id": "吉-1",
        "text": TEXT,
        "entities": [{"start": 1, "end": 3, "label": "ORG", "text": "𠮷县", "score": 0.8765}],
        "gold": [
            {"start": 1, "end": 3, "label": "ORG", "text": "𠮷县"},
            {"start": 12, "end": 19, "label": "TARGET", "text": "新增公园12座"},
        ],
        "meta": {"title": "公告", "year": 2026},
    }
    assert read_predictions(tmp_path / PREDICTIONS)[1][0].mentions[0].score == 0.8765
    assert read_answers(tmp_path / PREDICTIONS) == [predicted]


def test_no_documents(tmp_path):
    write_predictions(tmp_path / PREDICTIONS, [], [])
    assert read_predictions(tmp_path) == ([], [])


def test_the_two_must_be_the_same_documents(tmp_path):
    gold, predicted = pair()
    with pytest.raises(ValueError, match="stands beside"):
        write_predictions(tmp_path / PREDICTIONS, [gold], [document("吉-2", TEXT)])
    with pytest.raises(ValueError, match="longer"):
        write_predictions(tmp_path / PREDICTIONS, [gold], [predicted, predicted])
    assert list(tmp_path.iterdir()) == []


ENTITY = {"start": 0, "end": 3, "label": "ORG", "text": "省政府"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": None}, "a document with a text"),
        ({"meta": []}, "a document with a text"),
        ({"gold": None}, "has no list 'gold'.*--gold"),
        ({"entities": {}}, "has no list 'entities'"),
        ({"entities": ["省政府"]}, "an object with start, end and label was expected, found '省政府'"),
        ({"entities": [{"start": 0, "end": 3}]}, "an object with start, end and label"),
        ({"entities": [{**ENTITY, "start": "0"}]}, "whole numbers"),
        ({"entities": [{**ENTITY, "end": True}]}, "whole numbers"),
        ({"entities": [{**ENTITY, "end": 4}]}, "'省政府' does not stand at"),
        ({"gold": [{**ENTITY, "start": -3}]}, "does not stand at"),
        ({"gold": [{"start": 3, "end": 3, "label": "ORG"}]}, "does not stand at"),
    ],
)
def test_what_is_wrong_and_where(tmp_path, change, message):
    good = {"id": "甲", "text": "省政府印发通知。", "entities": [ENTITY], "gold": [ENTITY]}
    bad = {**good, "id": "乙", **change}
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in (good, bad)]
    (tmp_path / PREDICTIONS).write_text("".join(lines), encoding="utf-8")
    with pytest.raises(TopnerError, match=f"(?s)predictions.jsonl, line 2: .*{message}"):
        read_predictions(tmp_path)


def test_id_twice(tmp_path):
    line = json.dumps({"id": "甲", "text": "", "entities": [], "gold": []})
    (tmp_path / PREDICTIONS).write_text(f"{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(TopnerError, match="line 2: a second document has the id '甲'"):
        read_predictions(tmp_path)


def test_folder_without_predictions(tmp_path):
    with pytest.raises(TopnerError, match=r"holds no predictions.jsonl \(evaluate again"):
        read_predictions(tmp_path)
    with pytest.raises(TopnerError, match="no such file"):
        read_predictions(tmp_path / "none.jsonl")
    (tmp_path / PREDICTIONS).write_text('{"id": "甲", "text": "省政府", \n', encoding="utf-8")
    with pytest.raises(TopnerError, match="is not JSON"):
        read_predictions(tmp_path)
