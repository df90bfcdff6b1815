from itertools import pairwise, product

import pytest
import torch

from topner.labels import LabelSchema
from topner.model.chain import iob2_chain
from topner.model.crf import CRF

TAGS = LabelSchema(("TARGET", "ORG")).tags


def crf(seed: int = 0) -> CRF:
    torch.manual_seed(seed)
    model = CRF(TAGS)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
    return model


def brute_force(model, emissions, gold):
    chain = model.chain()

    def score(path):
        total = chain.begin[path[0]] + chain.end[path[-1]] + sum(float(emissions[t, tag]) for t, tag in enumerate(path))
        return total + sum(chain.transitions[a, b] for a, b in pairwise(path))

    scores = torch.tensor([score(path) for path in product(range(len(TAGS)), repeat=len(gold))])
    return float(torch.logsumexp(scores, 0)) - score(gold)


@pytest.mark.parametrize("gold", [(0, 1, 2, 0), (3, 4, 4, 1), (0,), (1, 3)])
def test_loss_is_the_negative_log_likelihood(gold):
    model = crf()
    emissions = torch.randn(1, len(gold), len(TAGS))
    loss = model(emissions, torch.tensor([gold]))
    assert float(loss) * len(gold) == pytest.approx(brute_force(model, emissions[0], gold), abs=1e-4)


def test_special_tokens_and_padding_are_no_part_of_the_chain():
    model = crf(1)
    emissions = torch.randn(1, 3, len(TAGS))
    bare = model(emissions, torch.tensor([[1, 2, 0]]))
    padded = torch.cat([torch.randn(1, 1, len(TAGS)), emissions, torch.randn(1, 3, len(TAGS))], dim=1)
    framed = model(padded, torch.tensor([[-100, 1, 2, 0, -100, -100, -100]]))
    assert float(framed) == pytest.approx(float(bare), abs=1e-5)


def test_the_mean_is_over_tokens_of_all_rows():
    model = crf(2)
    a, b = torch.randn(1, 4, len(TAGS)), torch.randn(1, 4, len(TAGS))
    ya, yb = torch.tensor([[0, 1, 2, 2]]), torch.tensor([[3, 4, -100, -100]])
    both = model(torch.cat([a, b]), torch.cat([ya, yb]))
    assert float(both) == pytest.approx((float(model(a, ya)) * 4 + float(model(b, yb)) * 2) / 6, abs=1e-5)


def test_a_row_without_labels_costs_nothing_and_gradients_stay_finite():
    model = crf(3)
    emissions = torch.randn(2, 3, len(TAGS), requires_grad=True)
    loss = model(emissions, torch.tensor([[-100, -100, -100], [1, 2, 0]]))
    loss.backward()
    assert torch.isfinite(emissions.grad).all()
    assert not emissions.grad[0].any()
    assert float(model(emissions, torch.full((2, 3), -100))) == 0.0


def test_the_chain_forbids_what_iob2_forbids():
    chain, legal = crf(4).chain(), iob2_chain(TAGS)
    assert ((chain.transitions == float("-inf")) == (legal.transitions < 0)).all()
    assert ((chain.begin == float("-inf")) == (legal.begin < 0)).all()
