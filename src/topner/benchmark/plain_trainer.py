"""The peer in training: what the token-classification example of ``transformers`` does, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import Trainer

    from topner.labels import LabelSchema


def plain_trainer(
    encoder: str,
    schema: LabelSchema,
    rows: Dataset,
    output: Path,
    *,
    epochs: float,
    batch_size: int,
    learning_rate: float,
    seed: int,
    attention_dropout: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> Trainer:
    """A Hugging Face Trainer over encoder and linear layer: single precision, default attention, random batches.

    Args:
        encoder: folder or hub id.
        schema: labels.
        rows: with ``input_ids``, ``attention_mask`` and ``labels`` (-100 where there is nothing to learn).
        output: folder for what the Trainer writes.
        epochs: passes over the rows.
        batch_size: rows a step.
        learning_rate: of all weights.
        seed: of the head's weights, dropout and order.
        attention_dropout: of attention weights; ``None`` as the encoder's configuration says.
        options: further arguments of ``TrainingArguments``.
    """
    import transformers
    from transformers import (
        AutoModelForTokenClassification,
        AutoTokenizer,
        DataCollatorForTokenClassification,
        Trainer,
        TrainingArguments,
    )

    transformers.utils.logging.set_verbosity_error()
    transformers.set_seed(seed)
    told = {} if attention_dropout is None else {"attention_probs_dropout_prob": attention_dropout}
    model = AutoModelForTokenClassification.from_pretrained(
        encoder,
        id2label=schema.id2label,
        label2id=schema.label2id,
        dtype="float32",
        use_safetensors=True,
        trust_remote_code=False,
        **told,
    )
    settings: dict[str, Any] = {
        "num_train_epochs": epochs,
        "per_device_train_batch_size": batch_size,
        "per_device_eval_batch_size": batch_size,
        "learning_rate": learning_rate,
        "save_strategy": "no",
        "logging_strategy": "epoch",
        "seed": seed,
        "report_to": [],
        "disable_tqdm": True,
        **(options or {}),
    }
    return Trainer(
        model=model,
        args=TrainingArguments(output_dir=str(output), **settings),
        train_dataset=rows,
        data_collator=DataCollatorForTokenClassification(
            AutoTokenizer.from_pretrained(encoder, trust_remote_code=False)
        ),
    )
