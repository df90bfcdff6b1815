import json
from pathlib import Path
from typing import Any

import pytest

from topner.annotation import jsonl
from topner.annotation.detect import detect
from topner.annotation.found import Notices
from topner.annotation.settle import settle
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger

TEXT = "由省发改委牵头，报省发改委"


def read(tmp_path: Path, *rows: Any) -> tuple[list[Document], Ledger, Notices]:
    path = tmp_path / "dev.jsonl"
    path.write_text("\ufeff" + "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    ledger, notices = Ledger(), Notices()
    found = jsonl.read(path, ledger, notices)
    assert detect(path) == "jsonl"
    return settle(found, LabelSchema(), ledger, notices), ledger, notices


def test_the_contract(tmp_path):
    span = {"start": 1, "end": 5, "label": "ORG", "text": "省发改委", "score": 0.5}
    [one], ledger, _ = read(tmp_path, {"id": "a", "text": TEXT, "entities": [span], "meta": {"year": 2026}})
    assert one.to_json() == {"id": "a", "text": TEXT, "entities": [span], "meta": {"year": 2026}}
    assert not ledger.losses


def test_ids_may_be_numbers_or_missing(tmp_path):
    rows = [
        {"id": 0, "text": "一", "entities": []},
        {"text": "二", "entities": []},
        {"id": "", "text": "三", "entities": []},
    ]
    documents, _, _ = read(tmp_path, *rows)
    assert [d.id for d in documents] == ["0", "dev-2", "dev-3"]


def test_spans_of_prodigy_and_its_rejected_documents(tmp_path):
    spans = [{"start": 1, "end": 5, "label": "ORG", "token_start": 1, "token_end": 4}]
    rows = [
        {"text": TEXT, "spans": spans, "answer": "accept"},
        {"text": TEXT, "spans": spans, "answer": "reject"},
        {"text": TEXT, "spans": [], "answer": "ignore"},
    ]
    documents, ledger, notices = read(tmp_path, *rows)
    assert [[m.text for m in d.mentions] for d in documents] == [["省发改委"]]
    assert [(x.document, x.reason) for x in ledger] == [("dev-2", "the annotator's answer was reject")]
    assert sum(notices.notes.values()) == 2


def test_cluener_with_its_inclusive_ends_and_every_occurrence(tmp_path):
    row = {"text": TEXT, "label": {"ORG": {"省发改委": [[1, 4], [9, 12]]}}}
    [one], ledger, notices = read(tmp_path, row)
    assert [m.span for m in one.mentions] == [(1, 5), (9, 13)]
    assert not ledger.losses
    assert "CLUENER" in notices.summary()


def test_an_inclusive_end_shows_by_the_text(tmp_path):
    span = {"start": 1, "end": 4, "label": "ORG", "text": "省发改委"}
    [one], ledger, _ = read(tmp_path, {"text": TEXT, "entities": [span]})
    assert [m.span for m in one.mentions] == [(1, 5)]
    assert [x.reason for x in ledger] == ["end was inclusive"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"entities": []}, "no text"),
        ({"text": ["省"], "entities": []}, "no text"),
        ({"text": "省"}, "no list 'entities'"),
        ({"text": "省", "entities": {}}, "not a list of objects"),
        ({"text": "省", "entities": [[0, 1, "ORG"]]}, "not a list of objects"),
        ({"text": "省", "entities": [{"start": 0, "end": 1}]}, "not a list of objects"),
        ({"text": "省", "entities": [{"start": "a", "end": 1, "label": "ORG"}]}, "a span without start and end"),
        ({"text": "省", "entities": [{"start": True, "end": 1.5, "label": "ORG"}]}, "a span without start and end"),
        ({"text": "省", "label": {"ORG": ["省"]}}, "'label' is not"),
        (3, "a JSON object was expected, found int"),
    ],
)
def test_errors_name_the_line(tmp_path, row, message):
    with pytest.raises(TopnerError, match=message) as error:
        read(tmp_path, {"text": TEXT, "entities": []}, row)
    assert (error.value.path, error.value.where) == (tmp_path / "dev.jsonl", "line 3")
