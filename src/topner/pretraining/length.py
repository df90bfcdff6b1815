"""The length of a pretraining run: its steps, and how a run that was begun becomes longer or shorter."""

from __future__ import annotations

import json
from dataclasses import dataclass

from topner.configuration import dump_config
from topner.errors import TopnerError
from topner.files import read_text, write_text
from topner.pretraining.config import PretrainConfig, load_pretrain_config
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


def change_length(run: RunFolder, config: PretrainConfig, processes: int) -> None:
    """Let the run in the folder become one of the length that ``config`` asks for, where nothing it did so far would differ.

    That is so while the learning rate is level in both plans (Hu et al. 2024, arXiv:2404.06395, section 4): a run may be
    broken off into its decay, copied and cooled down, or made longer. A configuration that differs in more is left alone;
    :meth:`RunFolder.start` refuses it.

    Args:
        run: with a checkpoint; else nothing is done.
        config: what is asked for now; ``training.tokens``, ``training.decay`` and ``run`` may be others than before.
        processes: of this run.

    Raises:
        TopnerError: the last checkpoint stands before the end of the warmup or in the decay of one of the plans.
    """
    checkpoint = run.last_checkpoint(quiet=True)
    if checkpoint is None or not run.config.is_file():
        return
    before = load_pretrain_config(run.config)
    asked = {"tokens": config.training.tokens, "decay": config.training.decay}
    same = before.model_copy(update={"run": config.run, "training": before.training.model_copy(update=asked)})
    if before == config or same != config or config.training.schedule != "warmup_stable_decay":
        return
    step = json.loads(read_text(checkpoint / "trainer_state.json"))["global_step"]
    for what, plan in (("until now", Length.of(before, processes)), ("from now on", Length.of(config, processes))):
        first, last = plan.warmup, plan.steps - plan.decay
        if not first <= step <= last:
            raise TopnerError(
                f"the last checkpoint is of step {step}; by the plan {what} the learning rate is level from step {first} "
                f"to {last}, and only there can a run change its length",
                path=run.path,
                hint=f"ask for training.tokens and training.decay by which step {step} is level"
                if what == "from now on"
                else "go on with the configuration as it was",
            )
    print(f"the run goes on to {config.training.tokens:,} tokens; until now {before.training.tokens:,} were planned")
    write_text(run.config, dump_config(config))
