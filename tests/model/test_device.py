import platform
import subprocess
import sys

import pytest
import torch

from topner.errors import TopnerError
from topner.model.device import autocast, bf16_pays, keep_freed_memory, pick_device, training_attention


def test_cpu():
    device = pick_device("cpu")
    assert device.type == "cpu"
    assert bf16_pays(device) in (True, False)
    assert training_attention(device) == "eager"


def test_autocast_only_when_enabled():
    device = torch.device("cpu")
    a = torch.randn(4, 4)
    with autocast(device, True):
        assert (a @ a).dtype == torch.bfloat16
    with autocast(device, False):
        assert (a @ a).dtype == torch.float32


@pytest.mark.parametrize("name", ["quantum", "cuda:97"])
def test_a_device_that_is_not_there(name):
    with pytest.raises(TopnerError, match=name):
        pick_device(name)


def test_freed_memory_is_kept_where_the_library_can():
    """In a process of its own: with it, the second large block is where the first was, and no call to mmap is made."""
    program = """
import sys, torch
from topner.model.device import keep_freed_memory
took = keep_freed_memory() if sys.argv[1] == "keep" else False
places = set()
for _ in range(4):
    block = torch.ones(40_000_000)
    places.add("[heap]" if any(int(low, 16) <= block.data_ptr() < int(high, 16) for low, high in (
        line.split()[0].split("-") for line in open("/proc/self/maps") if "[heap]" in line)) else "mapped")
    assert block.sum() == 40_000_000
    del block
print(took, *places)
"""
    if sys.platform != "linux":
        assert keep_freed_memory() is False
        return
    run = [sys.executable, "-c", program]
    kept, plain = (subprocess.check_output([*run, name], text=True).split() for name in ("keep", "leave"))
    assert plain == ["False", "mapped"]
    assert kept == (["True", "[heap]"] if platform.libc_ver()[0] == "glibc" else plain)


def test_elsewhere_memory_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert keep_freed_memory() is False
