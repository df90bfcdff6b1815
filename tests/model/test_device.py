import pytest
import torch

from topner.errors import TopnerError
from topner.model.device import autocast, bf16_pays, pick_device, training_attention


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
