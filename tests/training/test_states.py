import random

import numpy as np
import torch

from topner.training.states import load_optimizer, random_state, save_optimizer, set_random_state


def draw() -> list[float]:
    return [random.random(), random.gauss(0, 1), *np.random.normal(size=3), *torch.randn(3).tolist()]


def test_generators_go_on_where_they_were():
    random.gauss(0, 1)  # leaves its twin for the next call
    np.random.normal()
    state = random_state()
    first = draw()
    assert draw() != first
    set_random_state(state)
    assert draw() == first


def test_each_process_takes_its_row():
    firsts, states = [], []
    for seed in (3, 4):
        torch.manual_seed(seed)
        states.append(random_state())
        firsts.append(torch.randn(3))
    gathered = {name: torch.stack([state[name] for state in states]) for name in states[0]}
    for rank, first in enumerate(firsts):
        set_random_state({name: rows[rank] for name, rows in gathered.items()})
        assert torch.equal(torch.randn(3), first)


def test_an_optimizer_goes_on_where_it_was(tmp_path):
    def step(optimizer, weight):
        optimizer.zero_grad()
        (weight.sin() * torch.arange(6.0)).sum().backward()
        optimizer.step()

    def make():
        weight, bias = torch.nn.Parameter(torch.linspace(-1, 1, 6)), torch.nn.Parameter(torch.zeros(2))
        groups = [{"params": [weight], "lr": 0.1, "weight_decay": 0.01}, {"params": [bias], "lr": 0.3}]
        return weight, torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)

    weight, optimizer = make()
    for _ in range(3):
        step(optimizer, weight)
    save_optimizer(optimizer, tmp_path / "optimizer.safetensors")
    copy, other = make()
    copy.data.copy_(weight.data)
    load_optimizer(other, tmp_path / "optimizer.safetensors")
    assert [group["lr"] for group in other.param_groups] == [0.1, 0.3]
    step(optimizer, weight)
    step(other, copy)
    assert torch.equal(weight, copy)
