"""The length of a pretraining run: its steps, and how a run that was begun becomes longer or shorter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from topner.errors import TopnerError
from topner.pretraining.config import PretrainConfig, load_pretrain_config
from topner.training.checkpoint import step_of
from topner.training.progress import append_record
from topner.training.run import RunFolder


@dataclass(frozen=True, slots=True)
class Length:
    """Of a run: ``tokens`` of a step, ``steps`` in all, the first ``warmup`` and the last ``decay`` of them."""

    tokens: int
    steps: int
    warmup: int
    decay: int

    @classmethod
    def of(cls, config: PretrainConfig, processes: int) -> Length:
        """What the configuration comes to with so many processes."""
        options = config.training
        tokens = options.length * options.batch_size * options.accumulate * processes
        steps = -(-options.tokens // tokens)
        return cls(tokens, steps, round(options.warmup * steps), round(options.decay * steps))

    def level(self) -> tuple[int, int]:
        """The first and the last step after which the learning rate is level."""
        return self.warmup, self.steps - max(self.decay, 1)


def may_change_length(run: RunFolder, config: PretrainConfig, processes: int, checkpoint: Path) -> bool:
    """Whether the run in the folder may go on by ``config``, which is not written as the one before was.

    It may where only the folder's name is another; and with another length while the learning rate is level in both plans
    (Hu et al. 2024, arXiv:2404.06395, section 4): a run may be made longer, or a copy be cooled down. The warmup is over and
    stays what it was. The change is printed and noted in the run's log.

    Args:
        run: with a checkpoint.
        config: what is asked for now; ``training.tokens``, ``training.decay`` and ``run`` may be others than before.
        processes: of this run and the one before.
        checkpoint: that the run goes on from.

    Raises:
        TopnerError: the length is another, and the checkpoint stands in the warmup or in the decay of one of the plans.
    """
    before = load_pretrain_config(run.config).model_copy(update={"run": config.run})
    if before == config:
        return True
    asked = {"tokens": config.training.tokens, "decay": config.training.decay}
    longer = before.model_copy(update={"training": before.training.model_copy(update=asked)})
    if longer != config or config.training.schedule != "warmup_stable_decay":
        return False
    step = step_of(checkpoint)
    plans = {"until now": before, "from now on": config}
    for when, plan in plans.items():
        first, last = Length.of(plan, processes).level()
        if not first <= step <= last:
            raise TopnerError(
                f"the last checkpoint is of step {step}; by the plan {when} the learning rate is level from step {first} "
                f"to {last}, and only there can a run change its length",
                path=run.path,
                hint="go on with the configuration as it was"
                if plan is before
                else f"ask for training.tokens and training.decay by which it is level at step {step}",
            )
    old, new = (
        f"{plan.training.tokens:,} tokens, the last {plan.training.decay:.0%} in decay" for plan in plans.values()
    )
    print(f"the run goes on to {new}; until now: {old}")
    append_record(run.log, {"step": step, "planned_tokens": config.training.tokens, "decay": config.training.decay})
    return True
