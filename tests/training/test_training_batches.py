from itertools import chain

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from topner.errors import TopnerError
from topner.training.batches import EpochLoader, SharedBatches

LENGTHS = st.lists(st.integers(3, 64), min_size=4, max_size=90)


def shares(lengths, batch, accumulate, processes, epoch=0, seed=3):
    found = []
    for rank in range(processes):
        batches = SharedBatches(lengths, batch, accumulate, seed, rank, processes)
        batches.set_epoch(epoch)
        torch.rand(rank)  # the global generators of the processes differ
        found.append(list(batches))
        assert len(found[-1]) == len(batches)
    return found


@given(LENGTHS, st.integers(1, 7), st.integers(1, 3), st.integers(1, 4))
def test_every_window_is_in_exactly_one_batch_of_one_process(lengths, batch, accumulate, processes):
    found = shares(lengths, batch, accumulate, processes)
    assert len({len(own) for own in found}) == 1  # else one would wait for the others for ever
    assert sorted(i for own in found for rows in own for i in rows) == list(range(len(lengths)))
    assert all(rows for own in found for rows in own)


@given(LENGTHS, st.integers(1, 3))
def test_a_step_takes_the_same_windows_however_they_are_shared(lengths, batch):
    whole = [sorted(rows) for rows in shares(lengths, batch * 4, 1, 1)[0]]
    halves = shares(lengths, batch * 2, 1, 2)
    together = [sorted(first + second) for first, second in zip(*halves, strict=True)]
    quarters = shares(lengths, batch, 4, 1)[0]
    assert [sorted(chain(*quarters[i : i + 4])) for i in range(0, len(quarters), 4)] == whole
    if len(lengths) % (batch * 4) != 1:  # one window left cannot be shared by two: the step before takes it
        assert together == whole


def test_orders_differ_by_epoch_and_seed():
    lengths = list(range(3, 60))
    assert shares(lengths, 4, 1, 1, epoch=0) != shares(lengths, 4, 1, 1, epoch=1)
    assert shares(lengths, 4, 1, 1, seed=3) != shares(lengths, 4, 1, 1, seed=4)
    assert shares(lengths, 4, 1, 1, epoch=2) == shares(lengths, 4, 1, 1, epoch=2)


def test_the_loader_hands_the_epoch_on():
    lengths = [5] * 20
    loader = EpochLoader(list(range(20)), batch_sampler=SharedBatches(lengths, 4, 1, 3, 0, 1))
    first = [rows.tolist() for rows in loader]
    loader.set_epoch(1)
    assert [rows.tolist() for rows in loader] != first


def test_fewer_windows_than_processes():
    with pytest.raises(TopnerError, match="3 windows cannot be shared by 4 processes"):
        SharedBatches([5, 5, 5], 2, 1, 3, 0, 4)
