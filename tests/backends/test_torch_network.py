import numpy as np
import pytest
import torch

from topner.backends.network import Pass
from topner.backends.torch_network import TorchNetwork

RNG = np.random.default_rng(0)


class Embedding(torch.nn.Module):
    """Scores that depend on id and mask; notes how many threads computed them; fails at an id of 99."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.nn.Embedding(100, 3)
        self.threads: list[int] = []

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        self.threads.append(torch.get_num_threads())
        if (input_ids == 99).any():
            raise RuntimeError("99")
        return self.table(input_ids) * attention_mask[..., None]


def passes(count: int) -> list[Pass]:
    shapes = [(1 + i % 3, 1 + i) for i in range(count)]
    return [(RNG.integers(0, 90, shape), np.ones(shape, dtype=np.int64)) for shape in shapes]


@pytest.fixture
def network(monkeypatch):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield TorchNetwork(Embedding(), torch.device("cpu"), "fp32")
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 11])
def test_several_passes_are_as_one_by_one(network, count):
    several = passes(count)
    wanted = [network(*one) for one in several]
    found = network.each(several)
    assert len(found) == count
    assert all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True))
    assert torch.get_num_threads() == 2


def test_few_passes_have_all_cores_and_many_one_each(network):
    network.each(passes(3))
    assert network.module.threads == [2, 2, 2]
    network.module.threads.clear()
    network.each(passes(6))
    assert network.module.threads == [1] * 6


def test_a_pass_that_fails_leaves_the_threads_as_they_were(network):
    several = passes(6)
    several[2][0][0, 0] = 99
    with pytest.raises(RuntimeError, match="99"):
        network.each(several)
    assert torch.get_num_threads() == 2
