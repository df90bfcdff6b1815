from itertools import product

import numpy as np
import pytest

from topner.evaluation import paired
from topner.evaluation.paired import paired_tests


def counts(documents, skill, seed, pairs=1):
    """Counts of a system that finds a share ``skill`` of the gold; gold is the same for every seed."""
    support = np.random.default_rng(99).integers(1, 12, size=(documents, 2))
    rng = np.random.default_rng(seed)
    tables = []
    for _ in range(pairs):
        correct = rng.binomial(support, skill)
        tables.append(np.stack([correct, correct + rng.poisson(1.0, size=support.shape), support], axis=-1))
    return np.stack(tables)


def f1(rows):
    correct, predicted, gold = (sum(row[i] for row in rows) for i in range(3))
    return 2 * correct / (predicted + gold) if predicted + gold else 0.0


def quantile(values, share):
    """Linear interpolation between order statistics."""
    values = sorted(values)
    at = share * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def plain_interval(a, b, column, resamples, seed):
    """The same draws, scored one by one without numpy."""
    documents = a.shape[1]
    draws = np.random.default_rng(seed).multinomial(documents, [1 / documents] * documents, size=resamples).tolist()
    values = []
    for weights in draws:
        rows = [[], []]
        difference = 0.0
        for pair in range(a.shape[0]):
            for side, table in enumerate((a, b)):
                rows[side] = [
                    table[pair, i, column].tolist() for i, weight in enumerate(weights) for _ in range(weight)
                ]
            difference += (f1(rows[1]) - f1(rows[0])) / a.shape[0]
        values.append(difference)
    return quantile(values, 0.025), quantile(values, 0.975)


def exact_p(a, b, column):
    """Share of all ways to swap documents that differ at least as much; all of them are counted."""
    pairs, documents = a.shape[:2]

    def difference(swaps):
        total = 0.0
        for pair in range(pairs):
            one = [(b if swap else a)[pair, i, column].tolist() for i, swap in enumerate(swaps)]
            other = [(a if swap else b)[pair, i, column].tolist() for i, swap in enumerate(swaps)]
            total += (f1(other) - f1(one)) / pairs
        return abs(total)

    values = [difference(swaps) for swaps in product((False, True), repeat=documents)]
    return sum(value >= values[0] - 1e-12 for value in values) / len(values)


@pytest.mark.parametrize("pairs", [1, 3])
def test_agrees_with_plain_python(pairs):
    a, b = counts(8, 0.6, 1, pairs), counts(8, 0.75, 2, pairs)
    tests = paired_tests(a, b, resamples=20_000, seed=5)
    for column, test in enumerate(tests):
        assert test.p == pytest.approx(exact_p(a, b, column), abs=0.012)
    short = paired_tests(a, b, resamples=300, seed=5)
    for column, test in enumerate(short):
        assert (test.interval.low, test.interval.high) == pytest.approx(plain_interval(a, b, column, 300, 5), abs=1e-12)
        rows = [[f1(side[pair, :, column].tolist()) for pair in range(pairs)] for side in (a, b)]
        assert test.difference == pytest.approx((sum(rows[1]) - sum(rows[0])) / pairs)


def test_identical_systems():
    a = counts(20, 0.7, 1)
    for test in paired_tests(a, a.copy(), resamples=500):
        assert (test.difference, test.p, test.interval.low, test.interval.high) == (0.0, 1.0, 0.0, 0.0)
        assert (test.interval.level, test.interval.resamples, test.interval.documents) == (0.95, 500, 20)


def test_clearly_better_system():
    for test in paired_tests(counts(40, 0.5, 1), counts(40, 0.9, 2), resamples=999):
        assert test.p == pytest.approx(1 / 1000)  # no shuffle reaches it: the least p there is
        assert 0 < test.interval.low < test.difference < test.interval.high


def test_swapped():
    a, b = counts(15, 0.6, 1, pairs=2), counts(15, 0.7, 2, pairs=2)
    for one, other in zip(paired_tests(a, b, resamples=700), paired_tests(b, a, resamples=700), strict=True):
        assert one.p == other.p
        assert one.difference == pytest.approx(-other.difference)
        assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))


def test_seeded_and_independent_of_the_size_of_the_blocks(monkeypatch):
    a, b = counts(9, 0.6, 1), counts(9, 0.7, 2)
    first = paired_tests(a, b, resamples=301, seed=3)
    assert paired_tests(a, b, resamples=301, seed=3) == first
    assert paired_tests(a, b, resamples=301, seed=4) != first
    monkeypatch.setattr(paired, "_CELLS", 50)
    assert paired_tests(a, b, resamples=301, seed=3) == first


def test_p_is_uniform_where_nothing_differs():
    """Both systems are of one kind, so p should be at most x in a share x of the experiments."""
    experiments = [paired_tests(counts(20, 0.7, 2 * i), counts(20, 0.7, 2 * i + 1), resamples=199) for i in range(300)]
    p = np.sort([test.p for test, _ in experiments])
    assert np.abs(p - (np.arange(300) + 0.5) / 300).max() < 0.09  # Kolmogorov and Smirnov: 0.079 at the 5% level
    assert 0.02 <= (p <= 0.05).mean() <= 0.085
    covered = [test.interval.low <= 0 <= test.interval.high for test, _ in experiments]
    assert 0.88 <= np.mean(covered) <= 0.98


def test_draws_documents_not_mentions():
    """A hundred mentions in two documents, A right in one and B in the other: swapping cannot tell the two apart."""
    a = np.array([[[[50, 50, 50]], [[0, 50, 50]]]])
    b = a[:, ::-1]
    (test,) = paired_tests(a, b, resamples=999)
    assert (test.difference, test.p) == (0.0, 1.0)
    assert (test.interval.low, test.interval.high) == (-1.0, 1.0)


def test_draws_without_mentions_are_left_out():
    """One document in three has mentions: draws without it say nothing; with it, the difference is 0.2."""
    a, b = (np.zeros((1, 3, 1, 3), dtype=np.int64) for _ in range(2))
    a[0, 1, 0], b[0, 1, 0] = (3, 5, 5), (4, 5, 5)
    (test,) = paired_tests(a, b, resamples=500)
    assert (test.interval.low, test.interval.high) == pytest.approx((0.2, 0.2))
    assert test.p == 1.0  # one document: either way round the difference is as large


@pytest.mark.parametrize("documents", [0, 1, 4])
def test_nothing_to_find(documents):
    empty = np.zeros((2, documents, 3, 3), dtype=np.int64)
    tests = paired_tests(empty, empty, resamples=50)
    assert [(test.difference, test.p, test.interval.low, test.interval.high) for test in tests] == [(0, 1, 0, 0)] * 3


@pytest.mark.parametrize("bad", [{"level": 0}, {"level": 1}, {"level": 95}, {"resamples": 0}])
def test_out_of_range(bad):
    with pytest.raises(ValueError, match="level"):
        paired_tests(counts(2, 0.5, 1), counts(2, 0.5, 2), **bad)
    with pytest.raises(ValueError, match="shapes"):
        paired_tests(counts(2, 0.5, 1), counts(3, 0.5, 2))
