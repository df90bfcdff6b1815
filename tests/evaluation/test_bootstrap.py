import numpy as np
import pytest
from evaluation_cases import SCHEMA

from topner.evaluation import bootstrap
from topner.evaluation.bootstrap import bootstrap_f1


def random_counts(documents, seed=1):
    rng = np.random.default_rng(seed)
    support = rng.integers(0, 12, size=(documents, 3))
    correct = rng.binomial(support, 0.7)
    return np.stack([correct, correct + rng.integers(0, 4, size=support.shape), support], axis=-1)


def naive(counts, resamples, seed):
    """F1 of resamples drawn one by one."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        correct, predicted, support = counts[rng.integers(len(counts), size=len(counts))].sum(axis=(0, 1))
        values.append(2 * correct / (predicted + support))
    return np.quantile(values, [0.025, 0.975])


def test_same_distribution_as_drawing_one_by_one():
    counts = random_counts(30)
    interval = bootstrap_f1(counts, SCHEMA, resamples=4000).micro
    assert (interval.low, interval.high) == pytest.approx(naive(counts, 4000, 5), abs=0.006)
    assert (interval.level, interval.resamples, interval.documents) == (0.95, 4000, 30)


def test_seeded_and_independent_of_the_size_of_the_blocks(monkeypatch):
    counts = random_counts(9)
    first = bootstrap_f1(counts, SCHEMA, resamples=301, seed=3)
    assert bootstrap_f1(counts, SCHEMA, resamples=301, seed=3) == first
    assert bootstrap_f1(counts, SCHEMA, resamples=301, seed=4) != first
    monkeypatch.setattr(bootstrap, "_CELLS", 50)
    assert bootstrap_f1(counts, SCHEMA, resamples=301, seed=3) == first


def test_covers_the_point_and_widens_with_the_level():
    counts = random_counts(25)
    narrow, wide = (bootstrap_f1(counts, SCHEMA, level=level) for level in (0.5, 0.99))
    for i, name in enumerate(SCHEMA.names):
        correct, predicted, support = counts[:, i].sum(axis=0)
        assert wide.labels[name].low < 2 * correct / (predicted + support) < wide.labels[name].high
        assert wide.labels[name].low < narrow.labels[name].low < narrow.labels[name].high < wide.labels[name].high


def test_draws_documents_not_mentions():
    """A hundred mentions in two documents, one all right and one all wrong: the interval is all there is."""
    counts = np.array([[[50, 50, 50]], [[0, 50, 50]]])
    interval = bootstrap_f1(counts, type(SCHEMA)(("ORG",))).micro
    assert (interval.low, interval.high) == (0.0, 1.0)


def test_perfect_prediction_has_no_width():
    counts = np.repeat(random_counts(8)[..., :1], 3, axis=2)
    interval = bootstrap_f1(counts, SCHEMA).micro
    assert (interval.low, interval.high) == (1.0, 1.0)


def test_resamples_without_mentions_are_left_out():
    """One document in three has mentions: resamples without it have no F1; with it, it is 0.8."""
    counts = np.zeros((3, 1, 3), dtype=np.int64)
    counts[1, 0] = (4, 5, 5)
    interval = bootstrap_f1(counts, type(SCHEMA)(("ORG",))).micro
    assert (interval.low, interval.high) == pytest.approx((0.8, 0.8))


@pytest.mark.parametrize("documents", [0, 1, 4])
def test_nothing_to_draw_from(documents):
    intervals = bootstrap_f1(np.zeros((documents, 3, 3), dtype=np.int64), SCHEMA)
    assert (intervals.micro.low, intervals.micro.high, intervals.micro.documents) == (0.0, 0.0, documents)
    assert list(intervals.labels) == list(SCHEMA.names)


@pytest.mark.parametrize("bad", [{"level": 0}, {"level": 1}, {"level": 95}, {"resamples": 0}])
def test_out_of_range(bad):
    with pytest.raises(ValueError, match="level"):
        bootstrap_f1(random_counts(2), SCHEMA, **bad)
