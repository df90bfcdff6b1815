"""Fitting maps of scores on documents with gold."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.evaluation.fit_confidence import LEAST, fit, right_and_wrong, threshold_for


def scored(rows, documents=10, label="ORG"):
    """Gold and predictions: one mention a row of score and whether it is right, dealt out to documents."""
    gold, predicted = [], []
    for d in range(documents):
        mine = rows[d::documents]
        text = "县委。" * max(1, len(mine))
        spans = [Mention(3 * i, 3 * i + 2, label, "县委", score) for i, (score, _) in enumerate(mine)]
        predicted.append(Document(f"文{d}", text, tuple(spans)))
        gold.append(
            Document(
                f"文{d}", text, tuple(replace(m, score=None) for m, (_, ok) in zip(spans, mine, strict=True) if ok)
            )
        )
    return gold, predicted


def drawn(number, chance, seed=0):
    rng = random.Random(seed)
    scores = [round(rng.random(), 4) for _ in range(number)]
    return [(score, rng.random() < chance(score)) for score in scores]


@pytest.mark.parametrize(
    "chance",
    [
        lambda p: p**3 / (p**3 + (1 - p) ** 3 + 1e-9),  # too timid
        lambda p: 0.3 + 0.4 * p,  # too sure at both ends
        lambda p: p**4,  # too sure throughout
        lambda p: 0.1 if p < 0.8 else 0.9,  # a step
    ],
)
def test_error_falls_where_scores_lie(chance):
    gold, predicted = scored(drawn(1500, chance))
    found = fit(gold, predicted, ["ORG"]).labels["ORG"]
    assert found.kind != "identity"
    assert found.after.error < 0.5 * found.before.error
    assert found.after.brier < found.before.brier
    fresh = right_and_wrong(*scored(drawn(1500, chance, seed=1)), {"ORG": found.map})["ORG"]
    assert np.abs(fresh[0].mean() - fresh[1].mean()) < 0.05


def test_honest_scores_are_hardly_touched():
    fits = fit(*scored(drawn(2000, lambda p: p)), ["ORG"])
    assert float(fits.labels["ORG"].map(0.7)) == pytest.approx(0.7, abs=0.05)
    assert fits.after.error < fits.before.error + 0.02


def test_step_is_best_met_by_isotonic_and_power_by_beta():
    step = fit(*scored(drawn(3000, lambda p: 0.1 if p < 0.6 else 0.9)), ["ORG"]).labels["ORG"]
    assert step.kind == "isotonic"
    power = fit(*scored(drawn(3000, lambda p: p**4)), ["ORG"]).labels["ORG"]
    assert power.kind == "beta"
    assert min(power.losses, key=power.losses.__getitem__) == "beta"


rows = st.lists(st.tuples(st.floats(0, 1).map(lambda x: round(x, 4)), st.booleans()), min_size=LEAST, max_size=50)


@settings(max_examples=6, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_maps_rise_and_do_not_depend_on_the_order_of_documents(rows, rng):
    gold, predicted = scored(rows, documents=6)
    found = fit(gold, predicted, ["ORG"])
    values = found.labels["ORG"].map(np.linspace(0, 1, 101))
    assert (np.diff(values) >= -1e-9).all()
    assert ((values >= 0) & (values <= 1)).all()
    order = list(range(6))
    rng.shuffle(order)
    again = fit([gold[i] for i in order], [predicted[i] for i in order], ["ORG"])
    assert again == found


def test_scarce_labels_are_left_alone_and_say_so():
    fits = fit(*scored(drawn(LEAST - 1, lambda p: 0.5)), ["ORG", "TARGET"])
    assert [found.kind for found in fits.labels.values()] == ["identity", "identity"]
    assert fits.maps == {}
    assert fits.labels["TARGET"].before.count == 0


def test_all_right_does_not_make_certain():
    found = fit(*scored([(0.8, True)] * 60), ["ORG"]).labels["ORG"]
    assert 0.8 < float(found.map(0.8)) < 1


def test_unscored_mentions_and_single_documents_are_refused():
    gold, predicted = scored(drawn(40, lambda p: p))
    bare = [d.with_mentions(replace(m, score=None) for m in d.mentions) for d in predicted]
    with pytest.raises(TopnerError, match="score"):
        fit(gold, bare, ["ORG"])
    with pytest.raises(TopnerError, match="two documents"):
        fit(gold[:1], predicted[:1], ["ORG"])
    with pytest.raises(ValueError, match="beside the gold"):
        fit(gold, predicted[::-1], ["ORG"])


def test_threshold_is_the_least_that_reaches_the_precision():
    scores = np.asarray([0.9, 0.8, 0.8, 0.7, 0.2])
    right = np.asarray([True, True, False, True, False])
    assert threshold_for(scores, right, 0.75) == 0.7
    assert threshold_for(scores, right, 0.9) == 0.9
    assert threshold_for(scores, right, 0.0) == 0.2
    assert threshold_for(scores[1:], right[1:], 0.9) is None  # equal scores pass together
    assert threshold_for(scores[:0], right[:0], 0.5) is None
