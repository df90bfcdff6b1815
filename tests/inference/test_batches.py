from hypothesis import given
from hypothesis import strategies as st

from topner.inference.batches import batches


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 900))
def test_batches_hold_every_index_once_within_the_budget(sizes, budget):
    groups = list(batches(sizes, budget))
    assert sorted(i for group in groups for i in group) == list(range(len(sizes)))
    for group in groups:
        longest = max(sizes[i] for i in group)
        assert longest * len(group) <= budget or len(group) == 1


def test_equal_sizes_share_a_batch():
    assert list(batches([5, 9, 5, 9], 18)) == [[0, 2], [1, 3]]
