"""What a person sees while a model trains: a bar on a terminal, one line an epoch everywhere, and a log file."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


def step_bar(state: TrainerState, name: str) -> tqdm[Any]:
    """A bar over the steps of a run, from where it goes on; quiet when standard error is no terminal."""
    return tqdm(
        total=state.max_steps,
        initial=state.global_step,
        unit="step",
        desc=name,
        disable=not sys.stderr.isatty(),
    )


class Progress(TrainerCallback):
    """Shows progress and appends what the Trainer logs to ``log.jsonl``."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._bar: tqdm[Any] | None = None
        self._began = time.perf_counter()
        self._loss = float("nan")

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Open the bar."""
        self._began = time.perf_counter()
        self._bar = step_bar(state, "training")

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Keep every log record."""
        if not logs or not state.is_world_process_zero:
            return
        self._loss = logs.get("loss", self._loss)
        record = {"step": state.global_step, "seconds": round(time.perf_counter() - self._began, 1), **logs}
        with self._log.open("a", encoding="utf-8") as out:
            out.write(json.dumps(record) + "\n")

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """One line for the epoch: loss, strict scores on dev, time."""
        if not metrics or not state.is_world_process_zero:
            return
        epoch = metrics.get("epoch", state.epoch or 0)
        scores = " ".join(f"{name} {metrics.get(f'eval_{name}', 0):.4f}" for name in ("precision", "recall", "f1"))
        elapsed = time.perf_counter() - self._began
        tqdm.write(f"epoch {epoch:5.1f}  loss {self._loss:.4f}  dev {scores}  {elapsed:6.0f} s", file=sys.stdout)
        sys.stdout.flush()

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()
