"""The model card that a pretrained encoder carries."""

from __future__ import annotations

from typing import Any

from topner.pretraining.config import PretrainConfig


def model_card(
    config: PretrainConfig, network: Any, scores: dict[str, float], provenance: dict[str, Any], tokens: int
) -> str:
    """Markdown: what from, trained on what, how, and how it fills in held-out text.

    Args:
        config: the run.
        network: the ``transformers`` configuration of the encoder.
        scores: on held-out text.
        provenance: what the run folder's ``run.json`` holds.
        tokens: that were trained on, repeats counted.
    """
    options, masking = config.training, config.masking
    start = "fresh weights in the shape of" if config.model.from_scratch else "the weights of"
    layers = f", its layers {config.model.layers}" if config.model.layers is not None else ""
    unit = "whole words" if masking.unit == "word" else f"spans of 1 to {masking.longest} characters"
    sources = "\n".join(f"| {source.name} | {source.repeat:g} |" for source in config.text.sources)
    measured = "\n".join(f"| {name} | {value:.4f} |" for name, value in scores.items())
    return f"""---
language: zh
library_name: transformers
pipeline_tag: fill-mask
---
# BERT encoder pretrained by topner

{network.num_hidden_layers} layers, hidden size {network.hidden_size}, {network.vocab_size} tokens in the vocabulary.
Weights are in half precision.

- From: {start} `{config.model.encoder}`{layers}.
- Masked-language-model training on {tokens:,} tokens, repeats counted, of {provenance["tokens"]["train"]:,} different ones,
  in sequences of {options.length}; {masking.rate:.0%} hidden, in {unit};
  learning rate {options.learning_rate:g}, {options.schedule}; seed {config.seed}.

| source | times in one pass |
|---|---:|
{sources}

On {provenance["tokens"]["held_out"]:,} tokens of held-out documents of the same sources:

| measure | value |
|---|---:|
{measured}

Made by `topner pretrain`; `pretraining.json` holds data hash and versions.
"""
