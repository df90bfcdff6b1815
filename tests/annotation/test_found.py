import pytest

from topner.annotation.found import Candidate, Notices, drop_all, flat, offset, score, scrub
from topner.ledger import Ledger


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (3.0, 3), ("12", 12), (2.5, -1), ("/p[1]", -1), (None, -1), (True, -1), (float("nan"), -1),
     (float("inf"), -1), ([], -1), ("", -1), ("²", -1)],
)  # fmt: skip
def test_offset(value, number):
    assert offset(value) == number


def test_score():
    assert [score(value) for value in (0.5, 1, "0.5", True, None)] == [0.5, 1.0, None, None, None]


def test_metadata_is_made_flat():
    values = {"id": 3, "title": "通\ud842稿", "tags": ["国", 1], "n": None, "ok": True}
    assert flat(values) == {"source_id": 3, "title": "通\ufffd稿", "tags": '["国", 1]', "n": None, "ok": True}


def test_scrub_leaves_whole_characters_alone():
    assert scrub("𠮷🏭省") == "𠮷🏭省"
    assert scrub("\ud842\udfb7") == "\ufffd\ufffd"


def test_another_version_is_lost_only_where_it_differs():
    kept, other = [Candidate(0, 2, "ORG")], [Candidate(0, 2, "ORG", "省厅"), Candidate(0, 2, "PROJECT", "省厅")]
    ledger = Ledger()
    drop_all("d", other, kept, "why", ledger)
    assert [(x.label, x.reason) for x in ledger] == [("PROJECT", "why")]
    assert ledger.seen == 2


def test_summary_names_shapes_and_remarks():
    notices = Notices()
    notices.shapes["brat pair"] += 2
    notices.notes["left out"] += 1
    assert notices.summary() == "2 x brat pair; left out (1)"
