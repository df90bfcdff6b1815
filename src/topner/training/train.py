"""Train a tagger with the Hugging Face Trainer: from a configuration to a run folder with a model."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch

from topner.dataset.build import build_dataset, data_hash
from topner.dataset.noise import add_noise
from topner.dataset.tags import decode_tags
from topner.dataset.tokens import check_tokenizer, require_fast
from topner.document import Document, documents_hash
from topner.encoder.locate import cache_folder, find_encoder
from topner.errors import TopnerError
from topner.evaluation.evaluate import Evaluation
from topner.evaluation.judge import judge
from topner.evaluation.report import write_report
from topner.evaluation.scores import Score
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.model.chain import viterbi
from topner.model.device import bf16_pays, pick_device, training_attention
from topner.model.dropout import use_byte_dropout
from topner.model.memory import GiveBack, keep_freed_memory
from topner.model.tagger_model import IGNORED, TaggerModel, new_model, quiet_transformers, save_model
from topner.training.batches import SharedBatches
from topner.training.checkpoint import disk_errors
from topner.training.config import TrainConfig
from topner.training.data import load_splits
from topner.training.lanes import multiple
from topner.training.optimizer import make_optimizer
from topner.training.progress import Progress
from topner.training.run import RunFolder, versions
from topner.training.trainer import SafeTrainer

if TYPE_CHECKING:
    from accelerate import PartialState
    from datasets import Dataset
    from transformers import EvalPrediction, PreTrainedTokenizerBase, TrainingArguments


def train(config: TrainConfig, resume: bool = False) -> tuple[RunFolder, dict[str, list[Document]]]:
    """Train a tagger and leave a run folder with the model.

    Under ``torchrun`` or ``accelerate launch`` every process calls this; the first one writes and prints.

    Args:
        config: the run.
        resume: go on from the last checkpoint of an earlier, unfinished run of the same configuration.

    Returns:
        The run folder and the documents of each split, so that the caller may evaluate on them.

    Raises:
        TopnerError: configuration, data or encoder are not usable, more annotations were lost than allowed, another
            training is at work in the run folder, or something cannot be written.
    """
    run, processes = RunFolder(config.run), _processes()
    with run.locked(processes.is_main_process):
        return run, _train(config, resume, run, processes)


def _train(config: TrainConfig, resume: bool, run: RunFolder, processes: PartialState) -> dict[str, list[Document]]:
    from transformers import AutoTokenizer, set_seed

    _quiet()
    device = pick_device()
    if device.type == "cpu":
        keep_freed_memory()
    if config.training.threads:
        torch.set_num_threads(config.training.threads)
    schema = LabelSchema.of(config.labels)
    encoder = find_encoder(config.model.encoder)
    ledger = Ledger()
    splits = load_splits(config.data, schema, config.seed, ledger)
    ledger.check(config.data.max_loss)
    try:
        tokenizer = AutoTokenizer.from_pretrained(encoder, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise TopnerError(f"the tokenizer of {encoder!r} cannot be loaded: {error}") from None
    require_fast(tokenizer)
    check_tokenizer([document.text for document in splits["train"]], tokenizer)

    everything = [document for name in sorted(splits) for document in splits[name]]
    provenance = {
        "data": documents_hash(everything),
        "splits": {name: sorted(document.id for document in members) for name, members in splits.items()},
        "encoder": config.model.encoder,
        "processes": processes.num_processes,
        "seed": config.seed,
        "versions": versions(),
    }
    checkpoint = run.start(config, provenance, resume) if processes.is_main_process else None
    processes.wait_for_everyone()
    if resume and not processes.is_main_process:
        checkpoint = run.last_checkpoint(quiet=True)
    shown = {"train": add_noise(splits["train"], config.noise, config.seed), "dev": splits["dev"]}
    datasets = {}
    with processes.main_process_first():  # the others find it in the cache
        for name, documents in shown.items():
            datasets[name], lost = _windows(config, documents, tokenizer, schema)
            ledger.losses += lost.losses  # the annotations themselves were counted when they were read
    if processes.is_main_process:
        ledger.write(run.losses)
        print(f"{ledger.summary()}: {run.losses}")

    set_seed(config.seed)
    attention = config.training.attention or training_attention(device)
    options = config.model
    model = new_model(encoder, schema, options.head, attention, options.dropout, options.attention_dropout)
    if device.type == "cpu":
        use_byte_dropout(model)
    trainer = _trainer(config, model, tokenizer, datasets, run, device)
    if processes.process_index:  # dropout of its own; the weights are those of the first process
        set_seed(config.seed + processes.process_index)
    trainer.go_on(checkpoint)
    if processes.is_main_process:
        settings = settings_of(config.text, config.window.size, config.window.overlap)
        settings |= {"labels": list(schema.names), "versions": versions()}
        with disk_errors(run.model, "make room, then call it again with --resume"):
            save_model(model, tokenizer, run.model, settings)
    processes.wait_for_everyone()
    return splits


def _windows(
    config: TrainConfig, documents: list[Document], tokenizer: PreTrainedTokenizerBase, schema: LabelSchema
) -> tuple[Dataset, Ledger]:
    """The windows of the documents, from the cache where they are; made anew when what lies there is damaged."""
    cache = cache_folder() / "datasets"
    folder = cache / data_hash(documents, tokenizer, schema, config.text, config.window.size)
    try:
        return build_dataset(documents, tokenizer, schema, config.text, config.window.size, cache)
    except (OSError, ValueError, KeyError, TypeError) as error:
        if not folder.is_dir():
            raise
        print(f"the cached windows in {folder} are damaged ({type(error).__name__}); they are made anew")
        shutil.rmtree(folder)
    return build_dataset(documents, tokenizer, schema, config.text, config.window.size, cache)


def train_and_evaluate(config: TrainConfig, resume: bool = False) -> dict[str, Evaluation]:
    """Train, then judge the model on the documents of ``dev`` and ``test``; print the scores and where all lies.

    Returns:
        The evaluation by split name; of several processes only the first evaluates, the others return nothing.

    Raises:
        TopnerError: see :func:`train`.
    """
    processes = _processes()
    with RunFolder(config.run).locked(processes.is_main_process):
        run, splits = train(config, resume)
        return _evaluate(config, run, splits) if processes.is_main_process else {}


def _evaluate(config: TrainConfig, run: RunFolder, splits: dict[str, list[Document]]) -> dict[str, Evaluation]:
    tagger = Tagger.from_pretrained(run.model)
    results = {}
    for name in ("dev", "test"):
        if splits.get(name):
            results[name] = judge(tagger, splits[name], data=name, model=str(run.model))
            write_report(results[name], run.evaluation / name)
            print(f"\n{name}: {len(splits[name])} documents\n{results[name].table()}")
            print(f"report: {run.evaluation / name / 'report.html'}")
    print(f"model: {run.model}")
    return results


def _processes() -> PartialState:
    """The processes that share the run: one, unless a launcher started several."""
    from accelerate import PartialState

    return PartialState(cpu=pick_device().type == "cpu")


def _trainer(
    config: TrainConfig,
    model: TaggerModel,
    tokenizer: PreTrainedTokenizerBase,
    datasets: dict[str, Dataset],
    run: RunFolder,
    device: torch.device,
) -> SafeTrainer:
    from transformers import DataCollatorForTokenClassification, EarlyStoppingCallback
    from transformers.trainer_callback import PrinterCallback, ProgressCallback

    options, arguments = config.training, _arguments(config, run, device)
    stopping = [EarlyStoppingCallback(options.patience)] if options.evaluate == "epoch" else []
    lengths, rank, processes = datasets["train"]["length"], arguments.process_index, arguments.world_size
    trainer = SafeTrainer(
        model=model,
        args=arguments,
        batches=SharedBatches(lengths, options.batch_size, options.accumulate, config.seed, rank, processes),
        train_dataset=datasets["train"],
        eval_dataset=datasets["dev"],
        data_collator=DataCollatorForTokenClassification(tokenizer, pad_to_multiple_of=multiple(config.window.size)),
        compute_metrics=_window_scores(model),
        callbacks=[Progress(run.log), GiveBack(), *stopping],
        optimizers=(make_optimizer(model, options), None),
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
        load_best_model_at_end=options.evaluate == "epoch",
        metric_for_best_model="f1",
        greater_is_better=True,
        restore_callback_states_from_checkpoint=True,  # patience
        bf16=bf16_pays(device) if options.bf16 is None else options.bf16,
        use_cpu=device.type == "cpu",
        torch_compile=options.compile,
        dataloader_num_workers=0,
        dataloader_pin_memory=device.type == "cuda",
        ddp_find_unused_parameters=False,
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
        return {"precision": score.precision, "recall": score.recall, "f1": score.f1, "support": support}

    return compute


def _quiet() -> None:
    """Leave the terminal to our own progress line."""
    import datasets

    quiet_transformers()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    datasets.disable_progress_bars()
    logging.getLogger("accelerate").setLevel(logging.ERROR)
