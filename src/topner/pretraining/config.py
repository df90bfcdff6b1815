"""The configuration of a pretraining run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from topner.configuration import Section, read_config


class SourceConfig(Section):
    """Plain text, one paragraph a line.

    Attributes:
        path: a file (``.txt``, ``.zst``), or a folder of them.
        name: how reports call it; the path's stem when left out.
        lines: only the lines ``[first, last)`` of a file, counted from 0.
        repeat: times that one pass over the data goes through this source; 0.5 takes half of it, another half each pass.
        without: standoff annotations of a file (JSON lines with ``lines: [first, last]``, as in ``data/real``) whose lines are
            not read, so that what is later measured there was not seen.
    """

    path: Path
    name: str = ""
    lines: tuple[int, int] | None = None
    repeat: float = Field(1.0, gt=0)
    without: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, values: object) -> object:
        if isinstance(values, dict) and values.get("path") and not values.get("name"):
            values = {**values, "name": Path(values["path"]).name.partition(".")[0]}
        return values


class TextConfig(Section):
    """What is read: ``held_out`` is the share of the documents that is never trained on.

    A document ends at an empty line, at the end of its file, and after ``document`` paragraphs.
    """

    sources: list[SourceConfig] = Field(min_length=1)
    held_out: float = Field(0.005, ge=0, lt=0.5)
    document: int = Field(100, ge=1)

    @model_validator(mode="after")
    def _apart(self) -> TextConfig:
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have one name: give each its own")
        return self


class MaskConfig(Section):
    """What is hidden: ``rate`` of the characters, in spans of 1 to ``longest`` (geometric with ``stop``) or whole words."""

    rate: float = Field(0.2, gt=0, lt=0.9)
    unit: Literal["span", "word"] = "span"
    longest: int = Field(4, ge=1)
    stop: float = Field(0.4, gt=0, le=1)


class PretrainModelConfig(Section):
    """The network.

    Attributes:
        encoder: ``embedded``, a folder or a hub id of a BERT encoder.
        layers: its layers that are kept, counted from 0; all when left out.
        from_scratch: fresh weights instead of the encoder's (its shape and tokenizer stay).
        dropout: while pretraining; the written model keeps the encoder's own for fine-tuning.
    """

    encoder: str = "embedded"
    layers: list[int] | None = None
    from_scratch: bool = False
    dropout: float = Field(0.0, ge=0, lt=1)


class PretrainingConfig(Section):
    """How it is trained: ``tokens`` in all, in sequences of ``length``, ``batch_size`` of them a device, ``accumulate`` a step.

    ``warmup`` and ``decay`` are shares of the steps; the rate stays level between them with ``warmup_stable_decay``.
    """

    tokens: int = Field(gt=0)
    length: int = Field(128, ge=8)
    batch_size: int = Field(32, ge=1)
    accumulate: int = Field(1, ge=1)
    learning_rate: float = Field(5e-4, gt=0)
    schedule: Literal["linear", "cosine", "warmup_stable_decay"] = "warmup_stable_decay"
    warmup: float = Field(0.02, ge=0, lt=1)
    decay: float = Field(0.2, ge=0, le=1)
    weight_decay: float = Field(0.01, ge=0)
    beta2: float = Field(0.98, gt=0, lt=1)
    max_grad_norm: float = Field(1.0, gt=0)
    bf16: bool | None = None
    attention: Literal["eager", "sdpa"] | None = None
    compile: bool = False
    threads: int | None = Field(None, ge=1)
    workers: int = Field(0, ge=0)
    checkpoint_minutes: float = Field(10.0, ge=0)
    log_steps: int = Field(20, ge=1)
    evaluate_tokens: int = Field(200_000, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> PretrainingConfig:
        if self.warmup + self.decay > 1:
            raise ValueError("warmup and decay together are more than the whole run")
        return self


class PretrainConfig(Section):
    """A pretraining run."""

    run: Path
    seed: int = 13
    text: TextConfig
    masking: MaskConfig = MaskConfig()
    model: PretrainModelConfig = PretrainModelConfig()
    training: PretrainingConfig


def load_pretrain_config(path: Path, overrides: Sequence[str] = ()) -> PretrainConfig:
    """Read a pretraining configuration; see :func:`topner.configuration.read_config`."""
    return read_config(path, overrides, PretrainConfig, "configs/pretrain.yaml")
