"""The configuration of a training run: one YAML file, checked before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from topner.configuration import Section, read_config
from topner.dataset.noise import NoiseConfig
from topner.labels import DEFAULT_LABELS
from topner.model.head import Head
from topner.text.clean import CleanConfig


class DataConfig(Section):
    """Where the annotated documents are and how they are split.

    Either ``path`` with ``shares`` or a frozen ``splits`` file, or ``train`` and ``dev`` (and ``test``) paths. With
    ``train_share`` below 1 only that share of the training documents is used, for learning curves; a smaller share is part
    of a larger one. ``extra`` documents are trained on as well, whatever the split and the share.
    """

    path: Path | None = None
    splits: Path | None = None
    shares: dict[str, float] = Field(default_factory=lambda: {"train": 0.8, "dev": 0.1, "test": 0.1})
    train: Path | None = None
    dev: Path | None = None
    test: Path | None = None
    extra: Path | None = None
    train_share: float = Field(1.0, gt=0, le=1)
    format: str | None = None
    max_loss: float = Field(0.02, ge=0, le=1)

    @model_validator(mode="after")
    def _one_source(self) -> DataConfig:
        if (self.path is None) == (self.train is None):
            raise ValueError("name either data.path (to be split) or data.train and data.dev")
        if self.train is not None and self.dev is None:
            raise ValueError("data.dev is needed beside data.train: training stops by its F1")
        if self.path is not None and self.splits is None and not {"train", "dev"} <= set(self.shares):
            raise ValueError("data.shares must name train and dev")
        return self


class WindowConfig(Section):
    """Windows in tokens, special tokens included; ``overlap`` is what neighbours share at inference."""

    size: int = Field(256, ge=8)
    overlap: int = Field(64, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> WindowConfig:
        if self.overlap * 2 >= self.size:
            raise ValueError("window.overlap must be less than half of window.size")
        return self


class ModelConfig(Section):
    """The network; a dropout left out is the encoder's own."""

    encoder: str = "embedded"
    head: Head = "crf"
    dropout: float | None = Field(None, ge=0, lt=1)
    attention_dropout: float | None = Field(None, ge=0, lt=1)


class OptimizationConfig(Section):
    """How it is trained.

    With ``evaluate: epoch`` the model of the best epoch on dev is kept and training stops after ``patience`` epochs without
    a better one; with ``end`` it runs through and the last model is kept.
    """

    epochs: float = Field(10, gt=0)
    batch_size: int = Field(16, ge=1)
    accumulate: int = Field(1, ge=1)
    learning_rate: float = Field(1e-4, gt=0)
    head_learning_rate: float = Field(1e-3, gt=0)
    layer_decay: float = Field(0.95, gt=0, le=1)
    weight_decay: float = Field(0.01, ge=0)
    warmup: float = Field(0.1, ge=0, lt=1)
    schedule: Literal["linear", "cosine", "constant_with_warmup"] = "linear"
    max_grad_norm: float = Field(1.0, gt=0)
    patience: int = Field(5, ge=1)
    evaluate: Literal["epoch", "end"] = "epoch"
    bf16: bool | None = None
    attention: Literal["eager", "sdpa"] | None = None
    compile: bool = False
    threads: int | None = Field(None, ge=1)


class TrainConfig(Section):
    """A training run."""

    run: Path
    seed: int = 13
    labels: list[str] = Field(default_factory=lambda: list(DEFAULT_LABELS))
    data: DataConfig
    noise: NoiseConfig = NoiseConfig()
    text: CleanConfig = CleanConfig()
    window: WindowConfig = WindowConfig()
    model: ModelConfig = ModelConfig()
    training: OptimizationConfig = OptimizationConfig()
    tensorboard: bool = False


def load_config(path: Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read a training configuration; see :func:`topner.configuration.read_config`."""
    return read_config(path, overrides, TrainConfig, "configs/embedded.yaml")
