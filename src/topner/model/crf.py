"""Linear-chain conditional random field over token tags (Lafferty, McCallum and Pereira 2001)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from topner.model.chain import Chain, iob2_chain, learned_chain

_FORBIDDEN = -1e4  # finite, so that gradients stay finite in half precision


class CRF(nn.Module):
    """Transition scores between tags, learned; transitions that IOB2 forbids are fixed at a very low score.

    Attributes:
        transitions: score of tag ``j`` after tag ``i``, shape ``(tags, tags)``.
        begin: score of a tag at the start of a sequence, shape ``(tags,)``.
        end: likewise at its end.
    """

    illegal: Tensor
    illegal_begin: Tensor

    def __init__(self, tags: tuple[str, ...]) -> None:
        super().__init__()
        self.tags = tags
        self.transitions = nn.Parameter(torch.zeros(len(tags), len(tags)))
        self.begin = nn.Parameter(torch.zeros(len(tags)))
        self.end = nn.Parameter(torch.zeros(len(tags)))
        chain = iob2_chain(tags)
        self.register_buffer("illegal", torch.as_tensor(chain.transitions) < 0, persistent=False)
        self.register_buffer("illegal_begin", torch.as_tensor(chain.begin) < 0, persistent=False)

    def chain(self) -> Chain:
        """The learned scores as a chain for decoding; forbidden moves at minus infinity."""
        parts = (self.transitions, self.begin, self.end)
        return learned_chain(self.tags, *(part.detach().double().cpu().numpy() for part in parts))

    def forward(self, emissions: Tensor, labels: Tensor, ignored: int = -100) -> Tensor:
        """Negative log-likelihood of the labels, the mean over all labelled tokens.

        Args:
            emissions: shape ``(batch, tokens, tags)``.
            labels: tag ids, shape ``(batch, tokens)``; ``ignored`` where a position is no part of the chain (special tokens,
                padding). The chain runs over the remaining positions of a row as if they stood side by side.
            ignored: the id that marks such positions.

        Returns:
            A scalar in single precision; 0 when no token is labelled.
        """
        mask = labels != ignored
        emissions, labels, mask = _left_align(emissions.float(), labels, mask)
        transitions = self.transitions.float().masked_fill(self.illegal, _FORBIDDEN)
        begin = self.begin.float().masked_fill(self.illegal_begin, _FORBIDDEN)
        end = self.end.float()
        rows = mask.any(dim=1)
        gold = labels.clamp(min=0)

        emitted = emissions.gather(2, gold.unsqueeze(2)).squeeze(2) * mask
        moved = transitions[gold[:, :-1], gold[:, 1:]] * mask[:, 1:]
        last = gold.gather(1, (mask.sum(dim=1) - 1).clamp(min=0).unsqueeze(1)).squeeze(1)
        score = begin[gold[:, 0]] + emitted.sum(dim=1) + moved.sum(dim=1) + end[last]

        alpha = begin + emissions[:, 0]
        for t in range(1, emissions.shape[1]):
            following = torch.logsumexp(alpha.unsqueeze(2) + transitions, dim=1) + emissions[:, t]
            alpha = torch.where(mask[:, t].unsqueeze(1), following, alpha)
        total = torch.logsumexp(alpha + end, dim=1)
        loss = torch.where(rows, total - score, torch.zeros_like(total)).sum()
        return loss / mask.sum().clamp(min=1)


def _left_align(emissions: Tensor, labels: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Move the positions under the mask to the front of each row, in order, and cut off what no row needs."""
    order = torch.argsort(mask.int(), dim=1, descending=True, stable=True)
    longest = max(int(mask.sum(dim=1).max()), 1)
    order = order[:, :longest]
    return (
        emissions.gather(1, order.unsqueeze(2).expand(-1, -1, emissions.shape[2])),
        labels.gather(1, order),
        mask.gather(1, order),
    )
