"""Train a tagger with the Hugging Face Trainer: from a configuration to a run folder with a model."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch

from topner.dataset.build import build_dataset
from topner.dataset.noise import add_noise
from topner.dataset.tags import decode_tags
from topner.dataset.tokens import check_tokenizer, require_fast
from topner.document import Document, documents_hash
from topner.encoder.locate import cache_folder, cached_tagger, find_encoder
from topner.errors import TopnerError
from topner.evaluation.evaluate import Evaluation
from topner.evaluation.judge import judge
from topner.evaluation.report import write_report
from topner.evaluation.scores import Score
from topner.files import atomic_folder
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.model.chain import viterbi
from topner.model.device import bf16_pays, pick_device, training_attention
from topner.model.dropout import use_byte_dropout
from topner.model.tagger_model import IGNORED, TaggerModel, new_model, quiet_transformers, save_model
from topner.training.config import TrainConfig
from topner.training.data import load_splits
from topner.training.optimizer import make_optimizer
from topner.training.progress import Progress
from topner.training.run import RunFolder, versions

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import EvalPrediction, PreTrainedTokenizerBase, Trainer, TrainingArguments


def train(config: TrainConfig, resume: bool = False) -> tuple[RunFolder, dict[str, list[Document]]]:
    """Train a tagger and leave a run folder with the model.

    Args:
        config: the run.
        resume: go on from the last checkpoint of an earlier, unfinished run of the same configuration.

    Returns:
        The run folder and the documents of each split, so that the caller may evaluate on them.

    Raises:
        TopnerError: configuration, data or encoder are not usable, or more annotations were lost than allowed.
    """
    from transformers import AutoTokenizer, set_seed

    _quiet()
    if config.training.threads:
        torch.set_num_threads(config.training.threads)
    schema = LabelSchema.of(config.labels)
    encoder = find_encoder(config.model.encoder)
    ledger = Ledger()
    splits = load_splits(config.data, schema, config.seed, ledger)
    ledger.check(config.data.max_loss)
    try:
        tokenizer = AutoTokenizer.from_pretrained(encoder)
    except (OSError, ValueError) as error:
        raise TopnerError(f"the tokenizer of {encoder!r} cannot be loaded: {error}") from None
    require_fast(tokenizer)
    check_tokenizer([document.text for document in splits["train"]], tokenizer)

    run = RunFolder(config.run)
    everything = [document for name in sorted(splits) for document in splits[name]]
    provenance = {
        "data": documents_hash(everything),
        "splits": {name: sorted(document.id for document in members) for name, members in splits.items()},
        "encoder": config.model.encoder,
        "seed": config.seed,
        "versions": versions(),
    }
    checkpoint = run.start(config, provenance, resume)
    shown = {"train": add_noise(splits["train"], config.noise, config.seed), "dev": splits["dev"]}
    datasets = {}
    for name, documents in shown.items():
        datasets[name], lost = build_dataset(
            documents, tokenizer, schema, config.text, config.window.size, cache_folder() / "datasets"
        )
        ledger.losses += lost.losses  # the annotations themselves were counted when they were read
    ledger.write(run.losses)
    print(f"{ledger.summary()}: {run.losses}")

    set_seed(config.seed)
    device = pick_device()
    attention = config.training.attention or training_attention(device)
    options = config.model
    model = new_model(encoder, schema, options.head, attention, options.dropout, options.attention_dropout)
    if device.type == "cpu":
        use_byte_dropout(model)
    trainer = _trainer(config, model, tokenizer, datasets, run, device)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    settings = settings_of(config.text, config.window.size, config.window.overlap)
    save_model(model, tokenizer, run.model, {**settings, "labels": list(schema.names), "versions": versions()})
    return run, splits


def train_and_evaluate(config: TrainConfig, resume: bool = False) -> dict[str, Evaluation]:
    """Train, then judge the model on the documents of ``dev`` and ``test``; print the scores and where all lies.

    With ``install`` in the configuration the model becomes this user's default tagger.

    Returns:
        The evaluation by split name.

    Raises:
        TopnerError: see :func:`train`.
    """
    run, splits = train(config, resume)
    tagger = Tagger.from_pretrained(run.model)
    results = {}
    for name in ("dev", "test"):
        if splits.get(name):
            results[name] = judge(tagger, splits[name], data=name, model=str(run.model))
            write_report(results[name], run.evaluation / name)
            print(f"\n{name}: {len(splits[name])} documents\n{results[name].table()}")
            print(f"report: {run.evaluation / name / 'report.html'}")
    print(f"model: {run.model}")
    if config.install:
        target = cached_tagger()
        with atomic_folder(target) as folder:
            shutil.copytree(run.model, folder, dirs_exist_ok=True)
        print(f"installed as the default tagger: {target}")
    return results


def _trainer(
    config: TrainConfig,
    model: TaggerModel,
    tokenizer: PreTrainedTokenizerBase,
    datasets: dict[str, Dataset],
    run: RunFolder,
    device: torch.device,
) -> Trainer:
    from transformers import DataCollatorForTokenClassification, EarlyStoppingCallback, Trainer
    from transformers.trainer_callback import PrinterCallback, ProgressCallback

    stopping = [EarlyStoppingCallback(config.training.patience)] if config.training.evaluate == "epoch" else []
    trainer = Trainer(
        model=model,
        args=_arguments(config, run, device),
        train_dataset=datasets["train"],
        eval_dataset=datasets["dev"],
        data_collator=DataCollatorForTokenClassification(tokenizer),
        compute_metrics=_window_scores(model),
        callbacks=[Progress(run.log), *stopping],
        optimizers=(make_optimizer(model, config.training), None),
    )
    for callback in (PrinterCallback, ProgressCallback):  # Progress takes their place
        trainer.remove_callback(callback)
    return trainer


def _arguments(config: TrainConfig, run: RunFolder, device: torch.device) -> TrainingArguments:
    from transformers import TrainingArguments

    options = config.training
    return TrainingArguments(
        output_dir=str(run.checkpoints),
        num_train_epochs=options.epochs,
        per_device_train_batch_size=options.batch_size,
        per_device_eval_batch_size=options.batch_size * 2,
        gradient_accumulation_steps=options.accumulate,
        learning_rate=options.learning_rate,
        lr_scheduler_type=options.schedule,
        warmup_steps=options.warmup,
        max_grad_norm=options.max_grad_norm,
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        eval_strategy="epoch" if options.evaluate == "epoch" else "no",
        save_strategy="epoch",
        logging_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=options.evaluate == "epoch",
        metric_for_best_model="f1",
        greater_is_better=True,
        bf16=bf16_pays(device) if options.bf16 is None else options.bf16,
        use_cpu=device.type == "cpu",
        torch_compile=options.compile,
        dataloader_num_workers=0,
        dataloader_pin_memory=device.type == "cuda",
        label_names=["labels"],
        seed=config.seed,
        report_to=["tensorboard"] if config.tensorboard else [],
        disable_tqdm=True,
    )


def _window_scores(model: TaggerModel) -> Callable[[EvalPrediction], dict[str, float]]:
    """Strict micro scores over windows, decoded as at inference: what early stopping goes by."""

    def compute(prediction: EvalPrediction) -> dict[str, float]:
        logits, labels = np.asarray(prediction.predictions), np.asarray(prediction.label_ids)
        kept = labels != IGNORED
        order = np.argsort(~kept, axis=1, kind="stable")  # the chain runs over labelled tokens alone
        emissions = np.take_along_axis(logits, order[:, :, None], axis=1).astype(np.float64)
        correct = predicted = support = 0
        for path, row, keep in zip(viterbi(emissions, kept.sum(axis=1), model.chain()), labels, kept, strict=True):
            found, gold = set(decode_tags(path, model.schema)), set(decode_tags(row[keep], model.schema))
            correct, predicted, support = correct + len(found & gold), predicted + len(found), support + len(gold)
        score = Score.of(correct, predicted, support)
        return {"precision": score.precision, "recall": score.recall, "f1": score.f1}

    return compute


def _quiet() -> None:
    """Leave the terminal to our own progress line."""
    import datasets

    quiet_transformers()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    datasets.disable_progress_bars()
    logging.getLogger("accelerate").setLevel(logging.ERROR)
