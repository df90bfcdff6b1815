"""A training step on the cores of a CPU: each takes a part of the batch through the network, forth and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn

from topner.model.cores import single_cores
from topner.model.dropout import dropout_seed

Batch = Mapping[str, Tensor]
SHAPES = 16
"""Lengths of batches are multiples of this, so that few shapes come often."""


def lanes(model: nn.Module, device: torch.device, processes: int, compiled: bool) -> int:
    """How many parts a batch is to be cut into: one a core, where the parts are sure to be independent of each other.

    They are not where masks of dropout are drawn by something else than :class:`~topner.model.dropout.ByteDropout`, from one
    generator by several threads: a run could not be repeated. Attention draws its own: that of BERT and its kin takes the
    probability from a module beside ``query``, that of DistilBERT and ModernBERT from the configuration.
    """
    parts = list(model.modules())
    plain = any(isinstance(part, nn.Dropout) and part.p for part in parts)
    kin = any(hasattr(part, "query") and getattr(getattr(part, "dropout", None), "p", 0.0) for part in parts)
    others = getattr(getattr(model, "config", None), "attention_dropout", 0.0)
    if device.type != "cpu" or processes > 1 or compiled or plain or kin or others:
        return 1
    return torch.get_num_threads()


def multiple(window: int) -> int | None:
    """To a multiple of which length batches are padded; ``None``: not at all, where that could exceed the window.

    The matrix library of a CPU prepares itself for every shape it has not met lately, and freed memory fits the next batch
    where shapes come again.
    """
    return SHAPES if window % SHAPES == 0 else None


def split(batch: Batch, parts: int) -> list[dict[str, Tensor]]:
    """Every row of a batch in one part, rows of all lengths in each; padding beyond the next of :data:`SHAPES` is cut off.

    Args:
        batch: tensors of shape ``(rows, tokens)``, padded at either end by ``attention_mask``; without one there is no padding.
        parts: as many, or fewer when there are fewer rows.
    """
    mask = batch.get("attention_mask")
    if mask is None:
        count = len(next(iter(batch.values())))
        return [{name: values[i::parts] for name, values in batch.items()} for i in range(min(parts, count))]
    order = torch.argsort(mask.sum(dim=1), stable=True)
    found = []
    for first in range(min(parts, len(order))):
        rows = order[first::parts]
        needed = mask[rows].any(dim=0)
        width = min(-(-int(needed.sum()) // SHAPES) * SHAPES, len(needed))
        kept = slice(width) if needed[0] else slice(len(needed) - width, None)
        found.append({name: values[rows, kept] for name, values in batch.items()})
    return found


def step_side_by_side(
    model: nn.Module,
    parts: list[dict[str, Tensor]],
    loss_of: Callable[[Batch], Tensor],
    context: Callable[[], AbstractContextManager[object]],
) -> Tensor:
    """Add the gradients of the losses of all parts to the parameters.

    Each part's dropout has a generator of its own, seeded from the global one, so that chance does not depend on which core is
    the faster.

    Args:
        model: whose parameters have gradients.
        parts: of a batch.
        loss_of: the loss of a part; the losses add up to that of the batch.
        context: entered around it, in the thread that computes it.

    Returns:
        The sum of the losses, without a graph.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    seeds = torch.randint(2**62, (len(parts),)).tolist()

    def lane(part: Batch, seed: int) -> tuple[Tensor, tuple[Tensor | None, ...]]:
        with dropout_seed(seed), context():
            loss = loss_of(part)
        return loss.detach(), torch.autograd.grad(loss, parameters, allow_unused=True)

    with single_cores(len(parts)) as pool:
        done = list(pool.map(lane, parts, seeds))
    for place, parameter in enumerate(parameters):
        for _, gradients in done:
            if (gradient := gradients[place]) is not None:
                parameter.grad = gradient if parameter.grad is None else parameter.grad.add_(gradient)
    return torch.stack([loss for loss, _ in done]).sum()
