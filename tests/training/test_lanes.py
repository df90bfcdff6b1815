from contextlib import nullcontext

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from transformers import BertConfig, BertForTokenClassification, DistilBertConfig, DistilBertModel

from topner.model.dropout import ByteDropout, use_byte_dropout
from topner.training.lanes import SHAPES, lanes, multiple, split, step_side_by_side

CPU = torch.device("cpu")


def batch_of(lengths):
    width = max(lengths)
    mask = torch.tensor([[1] * n + [0] * (width - n) for n in lengths])
    ids = torch.arange(len(lengths) * width).view(len(lengths), width) % 50
    return {"input_ids": ids * mask, "attention_mask": mask, "labels": torch.where(mask > 0, ids % 3, -100)}


def network(dropout=0.0, attention=0.0):
    torch.manual_seed(0)
    sizes = {
        "vocab_size": 50,
        "hidden_size": 8,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 16,
    }
    config = BertConfig(**sizes, num_labels=3, hidden_dropout_prob=dropout, attention_probs_dropout_prob=attention)
    model = BertForTokenClassification(config).train()
    use_byte_dropout(model)
    return model


def summed(model):
    def loss_of(part):
        logits = model(input_ids=part["input_ids"], attention_mask=part["attention_mask"]).logits
        return nn.functional.cross_entropy(logits.flatten(0, 1), part["labels"].flatten(), reduction="sum")

    return loss_of


@settings(max_examples=40)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=9), st.integers(1, 4))
def test_every_row_is_in_one_part_with_all_its_tokens(lengths, count):
    batch = batch_of(lengths)
    parts = split(batch, count)
    assert len(parts) == min(count, len(lengths))
    rows = [
        tuple(row[mask > 0].tolist())
        for p in parts
        for row, mask in zip(p["input_ids"], p["attention_mask"], strict=True)
    ]
    whole = [
        tuple(row[mask > 0].tolist()) for row, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True)
    ]
    assert sorted(rows) == sorted(whole)
    for part in parts:
        longest, width = part["attention_mask"].sum(dim=1).max(), part["labels"].shape[1]
        assert longest <= width < longest + SHAPES
        assert width % SHAPES == 0 or width == max(lengths)


@given(st.integers(1, 10_000))
def test_padding_never_exceeds_the_window(window):
    assert (multiple(256), multiple(250)) == (SHAPES, None)
    step = multiple(window) or 1
    assert -(-window // step) * step == window


def test_padding_at_the_front_is_cut_off_there():
    batch = {name: values.flip(1) for name, values in batch_of([2, 45, 3, 30]).items()}
    parts = split(batch, 2)
    assert sorted(part["labels"].shape[1] for part in parts) == [32, 45]
    rows = [
        row[mask > 0].tolist() for p in parts for row, mask in zip(p["input_ids"], p["attention_mask"], strict=True)
    ]
    whole = [row[mask > 0].tolist() for row, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True)]
    assert sorted(rows) == sorted(whole)


@pytest.mark.parametrize(("rows", "count"), [(5, 2), (1, 2), (4, 4)])
def test_rows_without_padding_are_dealt_out(rows, count):
    batch = {"input_ids": torch.arange(rows * 3).view(rows, 3), "positions": torch.arange(rows).view(rows, 1)}
    parts = split(batch, count)
    assert len(parts) == min(rows, count)
    dealt = {name: torch.cat([part[name] for part in parts])[:, :1].flatten().tolist() for name in batch}
    assert sorted(dealt["positions"]) == list(range(rows))
    assert dealt["input_ids"] == [3 * row for row in dealt["positions"]]  # what belongs together stays together


@pytest.mark.parametrize("count", [2, 3])
def test_gradients_are_those_of_the_whole_batch(count):
    batch, model = batch_of([9, 3, 7, 7, 1]), network()
    wanted = summed(model)(batch)
    wanted.backward()
    gradients = {
        name: parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None
    }
    model.zero_grad(set_to_none=True)
    before = torch.get_num_threads()
    for times in (1, 2):  # gradients add up, as with accumulated batches
        found = step_side_by_side(model, split(batch, count), summed(model), nullcontext)
        assert float(found) == pytest.approx(wanted.item(), rel=1e-5)
        for name, parameter in model.named_parameters():
            if parameter.grad is not None:
                assert torch.allclose(parameter.grad, gradients[name] * times, atol=1e-5), name
    assert torch.get_num_threads() == before


def test_chance_is_the_same_whichever_core_is_faster():
    batch, model = batch_of([9, 3, 7, 7, 1]), network(dropout=0.3)
    losses = set()
    for _ in range(8):
        torch.manual_seed(5)
        losses.add(float(step_side_by_side(model, split(batch, 4), summed(model), nullcontext)))
    assert len(losses) == 1
    torch.manual_seed(6)
    assert float(step_side_by_side(model, split(batch, 4), summed(model), nullcontext)) not in losses


def test_a_fault_in_a_part_is_raised():
    model = network()
    part = {"input_ids": torch.tensor([[50]]), "attention_mask": torch.ones(1, 1)}
    with pytest.raises(IndexError):
        step_side_by_side(model, [part], summed(model), nullcontext)


def test_one_lane_where_threads_would_draw_from_one_generator(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    assert lanes(network(0.1), CPU, 1, compiled=False) == 2
    assert lanes(network(0.1, attention=0.1), CPU, 1, compiled=False) == 1
    distil = DistilBertConfig(vocab_size=30, dim=8, hidden_dim=16, n_layers=1, n_heads=2, attention_dropout=0.1)
    other = DistilBertModel(distil)
    use_byte_dropout(other)
    assert lanes(other, CPU, 1, compiled=False) == 1
    assert lanes(nn.Sequential(nn.Dropout(0.1)), CPU, 1, compiled=False) == 1
    assert lanes(nn.Sequential(ByteDropout(0.1)), CPU, 1, compiled=False) == 2
    assert lanes(network(), CPU, 2, compiled=False) == 1
    assert lanes(network(), CPU, 1, compiled=True) == 1
    assert lanes(network(), torch.device("cuda"), 1, compiled=False) == 1
