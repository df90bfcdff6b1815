import pytest
import torch
from torch import nn

from topner.model.dropout import ByteDropout, use_byte_dropout


def test_rate_and_scale():
    torch.manual_seed(0)
    dropout = ByteDropout(0.1).train()
    out = dropout(torch.ones(1000, 101))
    assert float((out == 0).float().mean()) == pytest.approx(dropout.p, abs=0.003)
    assert float(out.mean()) == pytest.approx(1.0, abs=0.004)
    assert dropout.p == pytest.approx(0.1, abs=1 / 256)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_keeps_type_and_shape_and_passes_the_gradient_of_what_it_kept(dtype):
    values = torch.randn(3, 7, 5, dtype=dtype, requires_grad=True)
    out = ByteDropout(0.5).train()(values)
    assert out.shape == values.shape
    assert out.dtype == dtype
    out.sum().backward()
    assert ((values.grad == 0) == (out == 0)).all()


def test_does_nothing_in_evaluation_or_without_probability():
    values = torch.randn(4, 4)
    assert ByteDropout(0.5).eval()(values) is values
    assert ByteDropout(0.0).train()(values) is values


def test_replaces_every_dropout_of_a_network():
    network = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.25), nn.Sequential(nn.Dropout(0.5)))
    use_byte_dropout(network)
    assert isinstance(network[1], ByteDropout)
    assert network[2][0].p == 0.5
