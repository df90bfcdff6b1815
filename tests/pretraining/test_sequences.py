import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from topner.pretraining.config import MaskConfig, SourceConfig
from topner.pretraining.masking import IGNORED, Vocabulary
from topner.pretraining.pack import Packed
from topner.pretraining.sequences import MaskedSequences, Plan


@pytest.fixture
def vocabulary(encoder):
    return Vocabulary.of(AutoTokenizer.from_pretrained(encoder))


def plan(ids, ranges, repeats, content=10, seed=3):
    packed = Packed(ids, np.ones(len(ids), dtype=bool), ranges, "")
    sources = [SourceConfig(path="x", name=name, repeat=repeat) for name, repeat in repeats.items()]
    return Plan(packed, sources, content, seed)


def test_a_pass_takes_each_source_as_often_as_it_says():
    ids = np.arange(1000)
    whole = plan(ids, {"gov": (0, 300), "laws": (300, 1000)}, {"gov": 2.5, "laws": 0.5})
    assert whole.pass_length() == round(29 * 2.5) + round(69 * 0.5)
    for number in (0, 1):
        starts = whole.starts(number)
        assert len(starts) == whole.pass_length()
        assert (starts < 300).sum() == round(29 * 2.5)
        assert starts.min() >= 0
        assert starts.max() + 10 <= 1000
        assert not ((starts < 300) & (starts + 10 > 300)).any()  # none reaches into another source
    assert sorted(whole.starts(0)) != sorted(whole.starts(1))
    assert (whole.starts(0) == whole.starts(0)).all()


def test_an_item_is_a_function_of_its_number_alone(vocabulary):
    rng = np.random.default_rng(0)
    ids = rng.choice(vocabulary.plain, 500)
    masked = MaskedSequences(plan(ids, {"a": (0, 500)}, {"a": 1}), 200, vocabulary, MaskConfig(rate=0.3), 3)
    ahead = [masked[number] for number in (150, 7, 51, 7)]
    again = MaskedSequences(plan(ids, {"a": (0, 500)}, {"a": 1}), 200, vocabulary, MaskConfig(rate=0.3), 3)
    for number, item in zip((150, 7, 51, 7), ahead, strict=True):
        assert all(torch.equal(item[name], again[number][name]) for name in item)
    assert not torch.equal(ahead[0]["input_ids"], ahead[1]["input_ids"])


def test_targets_are_what_stood_at_the_positions(vocabulary):
    rng = np.random.default_rng(1)
    ids = rng.choice(vocabulary.plain, 300)
    whole = plan(ids, {"a": (0, 300)}, {"a": 1})
    masked = MaskedSequences(whole, 50, vocabulary, MaskConfig(rate=0.4), 3)
    for number, first in enumerate(whole.starts(0)):
        item = masked[number]
        assert item["input_ids"].shape == (12,)
        assert item["positions"].shape == item["targets"].shape == (4,)
        original = np.concatenate([vocabulary.lead, ids[first : first + 10], vocabulary.tail])
        restored = item["input_ids"].clone()
        kept = item["targets"] != IGNORED
        restored[item["positions"][kept]] = item["targets"][kept]
        assert restored.tolist() == original.tolist()


def test_what_cannot_be_hidden_fills_up_with_ignored_targets(vocabulary, encoder):
    newline = AutoTokenizer.from_pretrained(encoder).convert_tokens_to_ids("\n")
    ids = np.full(100, newline)
    ids[::10] = vocabulary.plain[0]
    item = MaskedSequences(plan(ids, {"a": (0, 100)}, {"a": 1}), 9, vocabulary, MaskConfig(rate=0.5), 3)[4]
    assert (item["targets"] != IGNORED).sum() == 1
    assert item["targets"].shape == (5,)
