"""What a person sees while a model trains: a bar on a terminal, one line an epoch everywhere, and a log file."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from topner.errors import TopnerError
from topner.files import write_text
from topner.training.checkpoint import disk_errors


def step_bar(state: TrainerState, name: str) -> tqdm[Any]:
    """A bar over the steps of a run, from where it goes on; quiet when standard error is no terminal."""
    return tqdm(
        total=state.max_steps,
        initial=state.global_step,
        unit="step",
        desc=name,
        disable=not sys.stderr.isatty(),
    )


def append_record(log: Path, record: dict[str, Any]) -> None:
    """Add a line of JSON to a log.

    Raises:
        TopnerError: it cannot be written.
    """
    with disk_errors(log), log.open("a", encoding="utf-8") as out:
        out.write(json.dumps(record) + "\n")


def forget_after(log: Path, step: int) -> None:
    """Drop the records of a log that were made after a step, and a line that was cut off: the run goes back to it.

    Raises:
        TopnerError: the log is broken or cannot be written.
    """
    if not log.is_file():
        return
    kept = []
    for number, line in enumerate(log.read_bytes().decode("utf-8", "replace").splitlines(keepends=True), 1):
        try:
            if line.endswith("\n") and json.loads(line)["step"] <= step:
                kept.append(line)
        except (ValueError, KeyError, TypeError):
            raise TopnerError("is no record of a run", path=log, where=number, hint="delete the file") from None
    write_text(log, "".join(kept))


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
        """Open the bar; forget what was logged after the checkpoint that the run goes on from."""
        self._began = time.perf_counter()
        if not state.is_world_process_zero:
            return
        forget_after(self._log, state.global_step)
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
        append_record(self._log, record)

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
