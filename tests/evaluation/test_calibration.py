import numpy as np
import pytest
from evaluation_cases import SCHEMA, document
from hypothesis import given
from hypothesis import strategies as st

from topner.document import Mention
from topner.evaluation.calibration import calibration, measure


def test_hand_computed():
    scores = np.asarray([0.95, 0.95, 0.65, 0.05])
    right = np.asarray([True, True, False, False])
    found = measure(scores, right)
    assert found.error == pytest.approx((2 * 0.05 + 0.65 + 0.05) / 4)
    assert found.brier == pytest.approx((2 * 0.05**2 + 0.65**2 + 0.05**2) / 4)
    assert [(b.count, b.precision) for b in found.bins if b.count] == [(1, 0), (1, 0), (2, 1)]
    by_share = {load.share: load for load in found.loads}
    assert by_share[0.0].precision == 0.5
    assert by_share[0.25].precision == pytest.approx(2 / 3)
    assert by_share[0.25].caught == 0.5
    assert (by_share[0.5].precision, by_share[0.5].caught, by_share[0.5].threshold) == (1, 1, 0.95)


def test_by_label_and_without_scores():
    text = "省政府，市政府"
    gold = document("a", text, (0, 3, "ORG"), (4, 7, "ORG"))
    answer = gold.with_mentions([Mention(0, 3, "ORG", "省政府", 0.8), Mention(4, 7, "PROJECT", "市政府")])
    found = calibration([gold], [answer], SCHEMA.names)
    assert found["ORG"].count == found["micro"].count == 1
    assert found["ORG"].error == pytest.approx(0.2)
    assert found["PROJECT"].count == 0
    assert found["PROJECT"].loads == ()


def test_honest_scores_have_no_error():
    rng = np.random.default_rng(0)
    scores = rng.random(200_000)
    assert measure(scores, rng.random(200_000) < scores).error < 0.01


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_invariants(rows):
    scores, right = (np.asarray(column) for column in zip(*rows, strict=True))
    found = measure(scores.astype(float), right.astype(bool))
    assert sum(b.count for b in found.bins) == len(rows)
    assert 0 <= found.error <= 1
    assert found.loads[0].precision == pytest.approx(right.mean())
    assert all(0 <= load.precision <= 1 and 0 <= load.caught <= 1 for load in found.loads)
    assert all(a.caught <= b.caught for a, b in zip(found.loads, found.loads[1:], strict=False))
