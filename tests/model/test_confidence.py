"""Maps of scores: they rise, survive JSON, and only ever drop mentions."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.document import Mention
from topner.errors import TopnerError
from topner.model.confidence import Curve, Knots, apply, check_thresholds, maps_from_json, maps_to_json

shares = st.floats(0, 1)
curves = st.builds(Curve, st.floats(0, 20), st.floats(0, 20), st.floats(-20, 20))


@st.composite
def knots(draw):
    scores = sorted(draw(st.lists(shares, min_size=1, max_size=8, unique=True)))
    return Knots(tuple(scores), tuple(sorted(draw(shares) for _ in scores)))


maps = curves | knots()


@given(maps, st.lists(shares, min_size=2, max_size=30))
def test_maps_rise_and_stay_between_0_and_1(found, scores):
    values = found(sorted(scores))
    assert (np.diff(values) >= -1e-12).all()
    assert ((values >= 0) & (values <= 1)).all()


@given(st.dictionaries(st.sampled_from(["TARGET", "ORG", "政策"]), maps))
def test_json_keeps_them_to_the_last_bit(found):
    assert maps_from_json(json.loads(json.dumps(maps_to_json(found)))) == found


@given(st.floats(0.001, 0.999))
def test_the_plain_curve_leaves_scores_alone(score):
    assert float(Curve()(score)) == pytest.approx(score, abs=1e-9)


def test_temperature_two_halves_the_log_odds():
    assert float(Curve(0.5, 0.5)(0.9)) == pytest.approx(0.75)  # odds 9 become odds 3


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"ORG": None},
        {"ORG": {"kind": "beta", "a": 1, "b": 1}},
        {"ORG": {"kind": "beta", "a": -1, "b": 1, "c": 0}},
        {"ORG": {"kind": "beta", "a": "1", "b": 1, "c": 0}},
        {"ORG": {"kind": "beta", "a": float("nan"), "b": 1, "c": 0}},
        {"ORG": {"kind": "isotonic", "scores": [], "probabilities": []}},
        {"ORG": {"kind": "isotonic", "scores": [0.1, 0.1], "probabilities": [0.1, 0.2]}},
        {"ORG": {"kind": "isotonic", "scores": [0.1, 0.2], "probabilities": [0.3, 0.2]}},
        {"ORG": {"kind": "isotonic", "scores": [0.1], "probabilities": [1.2]}},
        {"ORG": {"kind": "isotonic", "scores": 3, "probabilities": [0.2]}},
        {"ORG": {"kind": "模型"}},
    ],
)
def test_what_is_no_map_is_refused(value):
    with pytest.raises(ValueError, match="confidence"):
        maps_from_json(value)


def test_nothing_is_no_map():
    assert maps_from_json(None) == {}


MENTIONS = [
    Mention(0, 3, "ORG", "县水务", 0.5),
    Mention(4, 9, "TARGET", "增长10%", 0.9),
    Mention(9, 12, "ORG", "市委办", 0.6),
    Mention(13, 15, "ORG", "县委"),
]


def test_thresholds_are_on_calibrated_scores_and_equal_is_enough():
    kept = apply(MENTIONS, {"ORG": Knots((0.5, 0.6), (0.2, 0.7))}, {"ORG": 0.7, "TARGET": 0.9})
    assert [(m.text, m.score) for m in kept] == [("增长10%", 0.9), ("市委办", 0.7), ("县委", None)]


@given(maps, st.dictionaries(st.sampled_from(["ORG", "TARGET"]), shares))
def test_spans_labels_and_order_never_change(found, thresholds):
    kept = apply(MENTIONS, {"ORG": found}, thresholds)
    keys = [m.key for m in MENTIONS]
    assert [m.key for m in kept] == [key for key in keys if key in {m.key for m in kept}]
    assert all(m.score is None or m.score >= thresholds.get(m.label, 0) for m in kept)


def test_without_maps_and_thresholds_nothing_happens():
    assert apply(MENTIONS, {}) == MENTIONS
    assert [m.score for m in apply(MENTIONS, {})] == [m.score for m in MENTIONS]


@pytest.mark.parametrize("thresholds", [{"POLICY": 0.5}, {"ORG": 1.5}, {"ORG": -0.1}, {"ORG": "0.5"}, {"ORG": True}])
def test_thresholds_out_of_range_or_of_unknown_labels_are_refused(thresholds):
    with pytest.raises(TopnerError, match="threshold"):
        check_thresholds(thresholds, ["TARGET", "ORG"])


def test_good_thresholds_pass():
    assert check_thresholds({"ORG": 1}, ["ORG"]) == {"ORG": 1.0}
