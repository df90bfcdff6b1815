"""Pretrain an encoder with the Hugging Face Trainer: from a configuration to a run folder with a model."""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from topner.dataset.tokens import require_fast
from topner.encoder.locate import cache_folder, find_encoder
from topner.errors import TopnerError
from topner.files import atomic_folder, write_json, write_text
from topner.model.device import bf16_pays, pick_device, training_attention
from topner.model.dropout import use_byte_dropout
from topner.model.memory import GiveBack, keep_freed_memory
from topner.pretraining.card import model_card
from topner.pretraining.config import PretrainConfig
from topner.pretraining.evaluate import evaluate, token_kinds
from topner.pretraining.length import Length, may_change_length
from topner.pretraining.masking import Vocabulary
from topner.pretraining.model import MaskedModel, flops_per_token, masked_model, peak_flops
from topner.pretraining.pack import pack_text
from topner.pretraining.progress import PretrainProgress
from topner.pretraining.sequences import MaskedSequences, Plan
from topner.training.checkpoint import disk_errors
from topner.training.run import RunFolder, versions
from topner.training.trainer import SafeTrainer

if TYPE_CHECKING:
    from accelerate import PartialState
    from transformers import PreTrainedTokenizerBase, TrainingArguments


def pretrain(config: PretrainConfig, resume: bool = False) -> dict[str, float]:
    """Pretrain an encoder and leave a run folder with the model.

    Under ``torchrun`` every process calls this; the first one tokenises, writes and prints.

    Args:
        config: the run.
        resume: go on from the last checkpoint of an earlier, unfinished run of the same configuration; its length may be
            another, see :func:`topner.pretraining.length.may_change_length`.

    Returns:
        Scores on held-out text after the last step; see :func:`topner.pretraining.evaluate.evaluate`.

    Raises:
        TopnerError: configuration, text or encoder are not usable.
    """
    from accelerate import PartialState

    device = pick_device()
    processes = PartialState(cpu=device.type == "cpu")
    run = RunFolder(config.run)
    with run.locked(processes.is_main_process):
        return _pretrain(config, resume, run, device, processes)


def _pretrain(
    config: PretrainConfig, resume: bool, run: RunFolder, device: torch.device, processes: PartialState
) -> dict[str, float]:
    from transformers import AutoTokenizer, set_seed

    if device.type == "cpu":
        keep_freed_memory()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.getLogger("accelerate").setLevel(logging.ERROR)
    options = config.training
    if options.threads:
        torch.set_num_threads(options.threads)
    encoder = find_encoder(config.model.encoder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(encoder, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise TopnerError(f"the tokenizer of {encoder!r} cannot be loaded: {error}") from None
    require_fast(tokenizer)
    with processes.main_process_first():
        packed = pack_text(config.text, config.masking, tokenizer, cache_folder() / "pretraining")

    provenance = {
        "data": packed["train"].digest,
        "processes": processes.num_processes,
        "tokens": {name: len(part.ids) for name, part in packed.items()},
        "seed": config.seed,
        "versions": versions(),
    }
    may_change = partial(may_change_length, run, config, processes.num_processes)
    checkpoint = run.start(config, provenance, resume, may_change) if processes.is_main_process else None
    processes.wait_for_everyone()
    if resume and not processes.is_main_process:
        checkpoint = run.last_checkpoint(quiet=True)

    set_seed(config.seed)
    vocabulary = Vocabulary.of(tokenizer)
    model = masked_model(config.model, options.attention or training_attention(device)).to(device)
    content = options.length - len(vocabulary.lead) - len(vocabulary.tail)
    if options.length > model.network.config.max_position_embeddings:
        raise TopnerError(
            f"training.length is {options.length}, the encoder has "
            f"{model.network.config.max_position_embeddings} positions"
        )
    length = Length.of(config, processes.num_processes)
    total = length.steps * length.tokens
    plans = {name: Plan(part, config.text.sources, content, config.seed) for name, part in packed.items()}
    held_out = min(plans["held_out"].pass_length(), options.evaluate_tokens // content)
    sequences = {
        name: MaskedSequences(plan, count, vocabulary, config.masking, config.seed)
        for (name, plan), count in zip(plans.items(), (total // options.length, held_out), strict=True)
    }
    if not plans["train"].pass_length():
        raise TopnerError("the text is shorter than one sequence", hint="give more text, or a smaller training.length")

    bf16 = bf16_pays(device) if options.bf16 is None else options.bf16
    measure = partial(evaluate, model, sequences["held_out"], token_kinds(tokenizer), options.batch_size, bf16)
    flops = flops_per_token(model.network, options.length, sequences["train"].budget / options.length)
    peak = peak_flops(device, torch.bfloat16 if bf16 else torch.float32) * processes.num_processes
    progress = PretrainProgress(
        run.log, options.checkpoint_minutes, length.tokens, lambda speed: speed * flops / peak, measure
    )
    if device.type == "cpu":
        use_byte_dropout(model)
    trainer = _trainer(config, model, sequences["train"], run, device, bf16, length, progress)
    if processes.process_index:  # dropout of its own; the weights are those of the first process
        set_seed(config.seed + processes.process_index)
    trainer.go_on(checkpoint)
    scores = measure()
    if processes.is_main_process:
        _save(config, model, tokenizer, run, scores, provenance, total)
        print(f"held out: {'  '.join(f'{name} {value:.4f}' for name, value in scores.items())}\nmodel: {run.model}")
    return scores


def _trainer(
    config: PretrainConfig,
    model: MaskedModel,
    sequences: MaskedSequences,
    run: RunFolder,
    device: torch.device,
    bf16: bool,
    length: Length,
    progress: PretrainProgress,
) -> SafeTrainer:
    from transformers import default_data_collator
    from transformers.trainer_callback import PrinterCallback, ProgressCallback

    trainer = SafeTrainer(
        model=model,
        args=_arguments(config, run, device, bf16, length),
        train_dataset=sequences,
        data_collator=default_data_collator,
        callbacks=[progress, GiveBack()],
        optimizers=(_optimizer(model, config), None),
    )
    for callback in (PrinterCallback, ProgressCallback):  # ours takes their place
        trainer.remove_callback(callback)
    return trainer


def _arguments(
    config: PretrainConfig, run: RunFolder, device: torch.device, bf16: bool, length: Length
) -> TrainingArguments:
    from transformers import TrainingArguments

    options = config.training
    level_and_decay = options.schedule == "warmup_stable_decay"
    return TrainingArguments(
        output_dir=str(run.checkpoints),
        max_steps=length.steps,
        per_device_train_batch_size=options.batch_size,
        gradient_accumulation_steps=options.accumulate,
        learning_rate=options.learning_rate,
        lr_scheduler_type=options.schedule,
        lr_scheduler_kwargs={"num_decay_steps": length.decay} if level_and_decay else None,
        warmup_steps=length.warmup,
        max_grad_norm=options.max_grad_norm,
        train_sampling_strategy="sequential",  # the sequences are shuffled already
        eval_strategy="no",
        save_strategy="steps",
        save_steps=length.steps,  # the last one; before it PretrainProgress decides
        logging_strategy="steps",
        logging_steps=options.log_steps,
        bf16=bf16,
        use_cpu=device.type == "cpu",
        torch_compile=options.compile,
        dataloader_num_workers=options.workers,
        dataloader_persistent_workers=options.workers > 0,
        dataloader_pin_memory=device.type == "cuda",
        ddp_find_unused_parameters=False,
        remove_unused_columns=False,
        label_names=["targets"],
        seed=config.seed,
        report_to=[],
        disable_tqdm=True,
    )


def _optimizer(model: MaskedModel, config: PretrainConfig) -> torch.optim.AdamW:
    """AdamW; biases and norms are not decayed."""
    options = config.training
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in trained if p.dim() > 1], "weight_decay": options.weight_decay},
        {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=options.learning_rate, betas=(0.9, options.beta2), eps=1e-6, fused=True)


def _save(
    config: PretrainConfig,
    model: MaskedModel,
    tokenizer: PreTrainedTokenizerBase,
    run: RunFolder,
    scores: dict[str, float],
    provenance: dict[str, Any],
    tokens: int,
) -> None:
    """Write the encoder with its head in half precision, which plain ``transformers`` loads, and its card."""
    tied = getattr(model.network, "all_tied_weights_keys", None) or {}
    state = {
        name: tensor.detach().half().cpu().clone()
        for name, tensor in model.network.state_dict().items()
        if name not in tied
    }
    with disk_errors(run.model, "make room, then call it again with --resume"), atomic_folder(run.model) as folder:
        model.network.save_pretrained(folder, state_dict=state)
        tokenizer.save_pretrained(folder)
        write_text(folder / "README.md", model_card(config, model.network.config, scores, provenance, tokens))
        write_json(folder / "pretraining.json", {"scores": scores, "trained": tokens, **provenance})
