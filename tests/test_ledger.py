import csv

import pytest

from topner.errors import TopnerError
from topner.ledger import Ledger


def ledger():
    found = Ledger(seen=50)
    found.add("d1", "overlap", "dropped", "ORG", 3, 7, "=市科技局", "overlaps a stronger mention: 增长5%")
    found.add("d1", "overlap", "dropped", "ORG", 9, 12, "县政府", "overlaps a stronger mention: 达到3家")
    found.add("d2", "align", "moved", "TARGET", 0, 4, "增长5%", "boundary inside a token, snapped outward")
    return found


def test_the_summary_counts_by_action_and_reason():
    assert (
        ledger()
        .summary()
        .startswith("50 annotations, 2 dropped, 1 moved, 0 repaired (2 x overlaps a stronger mention;")
    )
    assert Ledger(seen=4).summary() == "4 annotations, nothing lost"


def test_the_threshold_is_on_what_was_dropped():
    ledger().check(0.04)
    with pytest.raises(TopnerError, match=r"2 of 50 annotations were dropped \(4\.00%\)"):
        ledger().check(0.039)
    Ledger().check(0.0)


def test_the_table_opens_in_a_spreadsheet_and_runs_nothing(tmp_path):
    ledger().write(tmp_path / "losses.csv")
    assert (tmp_path / "losses.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "losses.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["text"] for row in rows] == ["'=市科技局", "县政府", "增长5%"]
    assert rows[2]["document"] == "d2"


def test_ledgers_add_up():
    total = ledger()
    total.extend(ledger())
    assert (len(total), total.seen, total.dropped) == (6, 100, 4)
