"""The Hugging Face Trainer with checkpoints that survive faults, and a loss that does not depend on how a batch is shared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerState, TrainingArguments
from transformers.trainer_callback import ExportableState

from topner.errors import TopnerError
from topner.files import read_text, write_json
from topner.model.tagger_model import IGNORED
from topner.training.batches import EpochLoader, SharedBatches
from topner.training.checkpoint import drop_old, new_checkpoint, what_is_broken
from topner.training.lanes import Batch, lanes, split, step_side_by_side
from topner.training.states import load_optimizer, random_state, save_optimizer, set_random_state

_WEIGHTS, _OPTIMIZER, _RANDOM = "model.safetensors", "optimizer.safetensors", "random.safetensors"
_SCHEDULE, _STATE = "scheduler.json", "trainer_state.json"


class SafeTrainer(Trainer):
    """A Trainer whose checkpoints hold safetensors and JSON alone, are whole or absent, and carry their sums.

    The loss is the mean over the labelled tokens of the whole step: of all processes and all accumulated batches. The
    Trainer's own takes the mean of the batches' means, in which a token of a short batch weighs more.
    """

    def __init__(self, *, args: TrainingArguments, batches: SharedBatches | None = None, **options: Any) -> None:
        """Set it up.

        Args:
            args: as of the Trainer; one process uses one device.
            batches: of the training data; those of the Trainer when left out.
            options: further arguments of the Trainer.

        Raises:
            TopnerError: the launcher asks for sharded weights.
        """
        if args.n_gpu > 1:
            args._n_gpu = 1  # torchrun is the way to several; DataParallel would weigh their losses wrongly
        super().__init__(args=args, **options)
        if self.is_deepspeed_enabled or self.is_fsdp_enabled:
            raise TopnerError("sharded weights (FSDP, DeepSpeed) are not supported", hint="use plain data parallelism")
        self._batches = batches
        self.model_accepts_loss_kwargs = True  # makes the Trainer count the tokens of a step
        self.loss_is_scaled_for_ga = True

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The loader of this process's share."""
        if self._batches is None:
            return super().get_train_dataloader()
        dataset = self._remove_unused_columns(self.train_dataset, description="training")
        return EpochLoader(
            dataset,
            batch_sampler=self._batches,
            collate_fn=self.data_collator,
            pin_memory=self.args.dataloader_pin_memory,
        )

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """One batch forth and back; on a CPU its rows are dealt out to the cores."""
        count = lanes(model, self.args.device, self.args.world_size, bool(self.args.torch_compile))
        if count == 1 or len(inputs["input_ids"]) == 1 or num_items_in_batch is None:
            loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
            return loss
        model.train()

        def loss_of(part: Batch) -> Tensor:
            own: Tensor = self.compute_loss(model, dict(part), num_items_in_batch=num_items_in_batch)
            return own.div(self.accelerator.gradient_accumulation_steps)

        parts = split(self._prepare_inputs(inputs), count)
        return step_side_by_side(model, parts, loss_of, self.compute_loss_context_manager)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """This batch's part of the mean over all labelled tokens of the step.

        Gradients are averaged over processes afterwards, hence the factor.
        """
        outputs = model(**inputs)
        loss = outputs["loss"]
        if num_items_in_batch is not None:
            here = (inputs[self.label_names[0]] != IGNORED).sum()
            loss = loss * (here * self.accelerator.num_processes / num_items_in_batch)
        return (loss, outputs) if return_outputs else loss

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: torch.device) -> Tensor | None:
        """Labelled tokens of a step in all processes."""
        if not batch_samples:
            return None
        count = sum(int((batch[self.label_names[0]] != IGNORED).sum()) for batch in batch_samples)
        total: Tensor = self.accelerator.reduce(torch.tensor(count, device=device), "sum")
        return total.clamp(min=1)

    def go_on(self, checkpoint: Path | None) -> None:
        """Train, from the checkpoint if there is one; when that was written as training stopped, only take the best weights.

        The Trainer itself would forget that patience had run out, and train on.
        """
        if checkpoint is not None:
            state = TrainerState.load_from_json(str(checkpoint / _STATE))
            callbacks: Any = state.stateful_callbacks
            stopped = callbacks.get("TrainerControl", {}).get("args", {}).get("should_training_stop")
            if stopped and state.best_global_step:
                self.state = state
                self._load_best_model()
                return
        self.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)

    def _best_folder(self) -> Path | None:
        best = self.state.best_global_step
        return Path(str(self.args.output_dir)) / f"checkpoint-{best}" if best else None

    def _init_training_state(self, *args: Any) -> tuple[int, int]:
        trained: tuple[int, int] = super()._init_training_state(*args)
        self.state.compute_steps(self.args, self.state.max_steps)  # those of the checkpoint may be of another length
        best = self._best_folder()  # the run folder may have been moved since
        self.state.best_model_checkpoint = str(best) if best and best.is_dir() else None
        return trained

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        self.store_flos()
        folder = Path(str(self.args.output_dir)) / f"checkpoint-{self.state.global_step}"
        best = self._best_folder()
        self.state.best_model_checkpoint = str(best) if best else None
        own = {name: value[None].to(self.args.device) for name, value in random_state().items()}
        generators: dict[str, Tensor] = self.accelerator.gather(own)
        if self.args.should_save:
            with new_checkpoint(folder) as temporary:
                self._write(temporary, {name: rows.cpu().contiguous() for name, rows in generators.items()})
            drop_old(folder.parent, self.state.global_step)
        self.accelerator.wait_for_everyone()

    def _write(self, folder: Path, generators: dict[str, Tensor]) -> None:
        network = self.accelerator.unwrap_model(self.model, keep_torch_compile=False)
        state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
        save_file(state, folder / _WEIGHTS, metadata={"format": "pt"})
        assert self.optimizer is not None
        assert self.lr_scheduler is not None
        save_optimizer(self.optimizer, folder / _OPTIMIZER)
        save_file(generators, folder / _RANDOM)
        write_json(folder / _SCHEDULE, self.lr_scheduler.state_dict())
        callbacks: Any = self.state.stateful_callbacks
        for part in (*self.callback_handler.callbacks, self.control):
            if isinstance(part, ExportableState):
                callbacks[type(part).__name__] = part.state()
        self.state.save_to_json(str(folder / _STATE))

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            assert self.optimizer is not None
            assert self.lr_scheduler is not None
            load_optimizer(self.optimizer, Path(checkpoint) / _OPTIMIZER)
            self.lr_scheduler.load_state_dict(json.loads(read_text(Path(checkpoint) / _SCHEDULE)))

    def _load_rng_state(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            rows = load_file(Path(checkpoint) / _RANDOM)
            set_random_state({name: values[self.args.process_index] for name, values in rows.items()})

    def _load_best_model(self) -> None:
        best = self._best_folder()
        if best is None:
            return
        if wrong := what_is_broken(best):
            raise TopnerError(f"the best checkpoint is broken: {wrong}", path=best, hint="train on with --resume")
        assert self.model is not None
        self.model.load_state_dict(load_file(best / _WEIGHTS), strict=False)  # tied copies are not stored
