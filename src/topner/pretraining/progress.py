"""What a person sees while an encoder pretrains, when it is saved and when it is measured."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import distributed
from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from topner.training.progress import append_record, forget_after, step_bar


class PretrainProgress(TrainerCallback):
    """A bar, ``log.jsonl`` with speed and loss, and a checkpoint every few minutes with scores on held-out text.

    Checkpoints fall on logged steps, so that the curve of a resumed run has the same points as one never broken off.
    """

    def __init__(
        self,
        log: Path,
        minutes: float,
        step_tokens: int,
        utilisation: Callable[[float], float],
        measure: Callable[[], dict[str, float]],
    ) -> None:
        """Set it up.

        Args:
            log: file that records are appended to; those after the step of a resumed checkpoint are dropped.
            minutes: between checkpoints.
            step_tokens: tokens of one step.
            utilisation: share of the device's speed from tokens a second.
            measure: scores on held-out text.
        """
        self._log, self._minutes, self._step_tokens = log, minutes, step_tokens
        self._utilisation, self._measure = utilisation, measure
        self._bar: tqdm[Any] | None = None
        self._saved = self._marked = time.perf_counter()
        self._marked_step = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Open the bar; forget what was logged after the checkpoint that the run goes on from."""
        self._saved = self._marked = time.perf_counter()
        self._marked_step = state.global_step
        if not state.is_world_process_zero:
            return
        forget_after(self._log, state.global_step)
        self._bar = step_bar(state, "pretraining")

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Move the bar; save when it is time."""
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)
        at_log = state.global_step % int(args.logging_steps) == 0
        if at_log and _of_the_first(time.perf_counter() - self._saved >= self._minutes * 60, args.device):
            control.should_save = True

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Keep loss, rate and speed."""
        if not logs or "loss" not in logs:
            return
        now = time.perf_counter()
        speed = (state.global_step - self._marked_step) * self._step_tokens / (now - self._marked)
        self._marked, self._marked_step = now, state.global_step
        record = {
            "step": state.global_step,
            "tokens": state.global_step * self._step_tokens,
            "loss": logs["loss"],
            "learning_rate": logs["learning_rate"],
            "tokens_per_second": round(speed, 1),
            "utilisation": round(self._utilisation(speed), 4),
        }
        if state.is_world_process_zero:
            append_record(self._log, record)
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {logs['loss']:.3f}, {speed:,.0f} tokens/s")

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Measure what was saved."""
        if state.is_world_process_zero:
            scores = self._measure()
            tokens = state.global_step * self._step_tokens
            append_record(self._log, {"step": state.global_step, "tokens": tokens, **scores})
            shown = (
                f"perplexity {scores['held_out_perplexity']:.2f}  accuracy {scores['accuracy']:.3f}" if scores else ""
            )
            tqdm.write(f"step {state.global_step:7}  {tokens / 1e6:8.1f} M tokens  {shown}", file=sys.stdout)
            sys.stdout.flush()
        self._saved = self._marked = time.perf_counter()  # the measurement is not counted in the speed
        self._marked_step = state.global_step

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()


def _of_the_first(decision: bool, device: torch.device) -> bool:
    """What the first process decided: clocks differ, and all must write a checkpoint together."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return decision
    told = torch.tensor([int(decision)], device=device)
    distributed.broadcast(told, 0)
    return bool(told.item())
