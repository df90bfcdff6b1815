"""What an encoder is worth: fine-tuned by one recipe on sentences in BIO, scored on sentences it has not seen."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from topner.annotation.formats import read_documents
from topner.document import Document
from topner.encoder.locate import find_encoder
from topner.errors import TopnerError
from topner.files import read_text, write_json
from topner.labels import LabelSchema
from topner.ledger import Ledger

SPLITS = ("dev", "test")


@dataclass(frozen=True, slots=True)
class Trial:
    """One fine-tuning.

    Attributes:
        encoder: as a configuration names it.
        data: folder with ``train.txt``, ``dev.txt`` and ``test.txt``, one character and its tag a line.
        epochs: passes over the training sentences.
        batch_size: sentences a step.
        learning_rate: of the encoder; the head learns ten times as fast.
        seed: of the head's weights, dropout and order.
    """

    encoder: str
    data: Path
    epochs: int
    seed: int
    batch_size: int = 32
    learning_rate: float = 2e-4


def find_labels(path: Path) -> tuple[str, ...]:
    """Label names of a BIO file, sorted.

    Raises:
        TopnerError: the file cannot be read, or a line has no tag.
    """
    names = set()
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if line.strip():
            tag = line.split()[-1]
            if tag != "O" and tag[1:2] != "-":
                raise TopnerError(f"line {number} ends in {tag!r}, no BIO tag", path=path)
            names.add(tag[2:])
    return tuple(sorted(names - {""}))


def read_split(path: Path, labels: Sequence[str]) -> list[Document]:
    """The sentences of a BIO file as documents."""
    return read_documents(path, "conll", LabelSchema(tuple(labels)), Ledger())


def settings(trial: Trial, run: Path) -> dict[str, Any]:
    """The trial as a training configuration: the project's own head and batches, text left as it is."""
    return {
        "run": run,
        "seed": trial.seed,
        "labels": list(find_labels(trial.data / "train.txt")),
        "data": {"train": trial.data / "train.txt", "dev": trial.data / "dev.txt", "format": "conll"},
        # Benchmark text is clean already; its characters must stay as they are.
        "text": {"markup": False, "ruby": False, "script": None, "punctuation": False, "space": False},
        "window": {"size": 128, "overlap": 32},
        "model": {"encoder": trial.encoder, "head": "crf", "attention_dropout": 0.0},
        "training": {
            "epochs": trial.epochs,
            "batch_size": trial.batch_size,
            "learning_rate": trial.learning_rate,
            "head_learning_rate": 10 * trial.learning_rate,
            "evaluate": "end",
        },
    }


def run_trial(trial: Trial, folder: Path) -> dict[str, float]:
    """Train and score; what ``folder`` holds from an earlier call of the same trial is not done again.

    Returns:
        Strict micro F1 by split name, and ``seconds`` of training, data building included.

    Raises:
        TopnerError: data or encoder cannot be read.
    """
    from topner.evaluation.scores import strict_scores
    from topner.inference.tagger import Tagger
    from topner.training.config import TrainConfig
    from topner.training.train import train

    key = {**asdict(trial), "data": str(trial.data), "weights": weights_digest(find_encoder(trial.encoder))}
    known = folder / "trial.json"
    if known.is_file():
        earlier = json.loads(read_text(known))
        if earlier.get("trial") == key:
            return {name: float(value) for name, value in earlier["scores"].items()}
    config = TrainConfig.model_validate(settings(trial, folder))
    began = time.perf_counter()
    run, _ = train(config)
    seconds = time.perf_counter() - began
    tagger = Tagger.from_pretrained(run.model)
    scores = {}
    for split in SPLITS:
        gold = read_split(trial.data / f"{split}.txt", config.labels)
        found = list(tagger.pipe((document.with_mentions(()) for document in gold), batch_size=256))
        scores[split] = round(strict_scores(gold, found, LabelSchema(tuple(config.labels))).micro.f1, 4)
    scores["seconds"] = round(seconds, 1)
    write_json(known, {"trial": key, "scores": scores})
    return scores


def weights_digest(encoder: str) -> str:
    """SHA-256 of an encoder folder's weights; the name itself where it is no folder."""
    weights = sorted(Path(encoder).glob("*.safetensors")) if Path(encoder).is_dir() else []
    if not weights:
        return encoder
    digest = hashlib.sha256()
    for path in weights:
        digest.update(path.read_bytes())
    return digest.hexdigest()
