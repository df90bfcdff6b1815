"""The benchmark of training: topner's beside a plain Hugging Face Trainer, on the same encoder, windows and batch size."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from topner.annotation import jsonl
from topner.benchmark.contenders import Positions
from topner.benchmark.machine import package_versions
from topner.benchmark.measure import Contender, Loaded, Runner, Turn, peak_memory
from topner.benchmark.results import Results
from topner.benchmark.run import run_rounds
from topner.benchmark.tagging import choose, finish
from topner.benchmark.texts import read_gold
from topner.document import Document, documents_hash
from topner.encoder.locate import find_encoder
from topner.errors import TopnerError
from topner.files import read_text, write_text
from topner.labels import LabelSchema

REFERENCE = "transformers Trainer, fp32"
_SEED, _RATE = 13, 2e-4


@dataclass(frozen=True)
class TrainingSize:
    """How much is measured.

    Attributes:
        characters: code points of the documents of a round, about; whole documents.
        rounds: of each contender; each trains one epoch from the encoder.
        batch_size: windows a step.
    """

    characters: int = 20_000
    rounds: int = 5
    batch_size: int = 8


@dataclass(frozen=True)
class TrainingSetup:
    """What every contender gets.

    Attributes:
        encoder: folder.
        documents: annotated documents, a jsonl file's text.
        labels: in order of precedence.
        window: tokens, special ones included.
        batch_size: windows a step.
        device: ``cpu`` or ``cuda``.
        threads: cores.
        attention_dropout: of topner's recipe; ``None`` where the encoder has no setting of that name.
    """

    encoder: str
    documents: str
    labels: tuple[str, ...]
    window: int
    batch_size: int
    device: str
    threads: int
    attention_dropout: float | None


def open_topner_training(setup: TrainingSetup, bf16: bool | None, head: str = "crf") -> Runner:
    """What ``topner train`` does by ``configs/embedded.yaml``: batches of like length, its attention, dropout and optimizer.

    Raises:
        TopnerError: this machine has no fast bfloat16, or data or encoder cannot be read.
    """
    from topner.model.device import bf16_pays, pick_device
    from topner.training.config import TrainConfig
    from topner.training.train import train

    if bf16 and not bf16_pays(pick_device(setup.device)):
        raise TopnerError("bfloat16 is slow on this machine")
    tokens = len_of_windows(setup)

    def turn() -> Turn:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            write_text(folder / "data.jsonl", setup.documents)
            values: dict[str, Any] = {
                "run": folder / "run",
                "seed": _SEED,
                "labels": list(setup.labels),
                "data": {"train": folder / "data.jsonl", "dev": folder / "data.jsonl", "max_loss": 1.0},
                "window": {"size": setup.window, "overlap": setup.window // 4},
                "model": {"encoder": setup.encoder, "head": head, "attention_dropout": setup.attention_dropout},
                "training": {
                    "epochs": 1,
                    "batch_size": setup.batch_size,
                    "learning_rate": _RATE,
                    "evaluate": "end",
                    "bf16": bf16,
                },
            }
            run, _ = train(TrainConfig.model_validate(values))
            log = [json.loads(line) for line in read_text(run.log).splitlines()]
        seconds = next(float(row["train_runtime"]) for row in log if "train_runtime" in row)
        return Turn(tokens, seconds, peak_memory())

    return Runner(turn, loaded=Loaded(precision="bf16" if bf16 else "fp32"))


def open_plain_training(setup: TrainingSetup, bf16: bool, whole_attention: bool = False) -> Runner:
    """The plain Trainer on the same windows; like topner's it writes a checkpoint at the end.

    Attention weights are dropped as the encoder's configuration says, or, as by topner's recipe, with ``whole_attention`` not.

    Raises:
        TopnerError: this machine has no fast bfloat16.
    """
    from topner.benchmark.plain_trainer import plain_trainer
    from topner.model.device import bf16_pays, pick_device

    if bf16 and not bf16_pays(pick_device(setup.device)):
        raise TopnerError("bfloat16 is slow on this machine")
    if whole_attention and setup.attention_dropout is None:
        raise TopnerError("this encoder has no dropout of attention weights")
    rows = windows(setup)

    def turn() -> Turn:
        with tempfile.TemporaryDirectory() as place:
            trainer = plain_trainer(
                setup.encoder,
                LabelSchema(setup.labels),
                rows.select_columns(["input_ids", "attention_mask", "labels"]),
                Path(place),
                epochs=1,
                batch_size=setup.batch_size,
                learning_rate=_RATE,
                seed=_SEED,
                attention_dropout=setup.attention_dropout if whole_attention else None,
                options={"save_strategy": "epoch", "use_cpu": setup.device == "cpu", "bf16": bf16},
            )
            positions = Positions().watch(trainer.model)
            seconds = float(trainer.train().metrics["train_runtime"])
        return Turn(sum(rows["length"]), seconds, peak_memory(), padding=positions.share())

    return Runner(turn, loaded=Loaded(precision="bf16" if bf16 else "fp32"))


def windows(setup: TrainingSetup) -> Any:
    """The data set of windows that both train on."""
    from transformers import AutoTokenizer

    from topner.dataset.build import build_dataset
    from topner.text.clean import CleanConfig

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "data.jsonl"
        write_text(path, setup.documents)
        schema = LabelSchema(setup.labels)
        documents = read_gold(path, schema, 1.0)
    tokenizer = AutoTokenizer.from_pretrained(setup.encoder, trust_remote_code=False)
    dataset, _ = build_dataset(documents, tokenizer, schema, CleanConfig(), setup.window)
    return dataset


def len_of_windows(setup: TrainingSetup) -> int:
    """Tokens of an epoch, special ones included, padding not."""
    return int(sum(windows(setup)["length"]))


TRAININGS = (
    Contender("topner train, bf16", partial(open_topner_training, bf16=True)),
    Contender("topner train, fp32", partial(open_topner_training, bf16=False)),
    Contender("topner train, bf16, softmax", partial(open_topner_training, bf16=True, head="softmax")),
    Contender(REFERENCE, partial(open_plain_training, bf16=False)),
    Contender("transformers Trainer, bf16", partial(open_plain_training, bf16=True)),
    Contender(
        "transformers Trainer, bf16, attention kept whole",
        partial(open_plain_training, bf16=True, whole_attention=True),
    ),
)
"""In the order of the table."""


def benchmark_training(
    encoder: str,
    output: Path,
    data: Sequence[Path],
    *,
    size: TrainingSize | None = None,
    only: Sequence[str] = (),
    labels: Sequence[str] | None = None,
    window: int = 256,
    threads: int | None = None,
    anew: bool = False,
    say: Callable[[str], None] = print,
) -> Results:
    """Measure tokens a second of trainings in turns; writes ``benchmark.json``, ``.md`` and ``.png``.

    A turn is one epoch from the encoder; its time is the Trainer's own, without loading and without cutting windows.

    Args:
        encoder: ``embedded``, a folder or a hub id.
        output: folder of the results.
        data: annotated documents.
        size: how much to measure.
        only: parts of names, as for tagging.
        labels: label names; ``None`` for the default ones.
        window: tokens, special ones included, capped to what the encoder can take.
        threads: cores for each contender; ``None`` takes what torch takes.
        anew: forget earlier results in the folder.
        say: takes lines for the user.

    Raises:
        TopnerError: encoder or data cannot be read, or the folder holds another benchmark.
    """
    import torch
    from transformers import AutoConfig

    from topner.model.device import pick_device

    size = size or TrainingSize()
    if not data:
        raise TopnerError("there is nothing to train on", hint="name annotated documents with --data")
    schema = LabelSchema.of(None if labels is None else list(labels))
    place = find_encoder(encoder)
    try:
        shape = AutoConfig.from_pretrained(place, trust_remote_code=False)
        limit = int(shape.max_position_embeddings)
    except (OSError, ValueError) as error:
        raise TopnerError(f"the encoder {encoder!r} cannot be loaded: {error}") from None
    documents = _fill([document for source in data for document in read_gold(source, schema)], size.characters)
    where = str(pick_device())
    setup = TrainingSetup(
        encoder=str(Path(place).resolve()) if Path(place).is_dir() else place,
        documents=jsonl.write(documents),
        labels=schema.names,
        window=min(window, limit),
        batch_size=size.batch_size,
        device=where,
        threads=threads or torch.get_num_threads(),
        attention_dropout=0.0 if hasattr(shape, "attention_probs_dropout_prob") else None,
    )
    settings = {
        "encoder": encoder,
        "text": documents_hash(documents),
        "characters": sum(len(document.text) for document in documents),
        "window": setup.window,
        "batch_size": size.batch_size,
        "device": where,
        "threads": setup.threads,
        "attention_dropout": setup.attention_dropout,
        "versions": package_versions(),
    }
    fresh = Results("training", settings, REFERENCE, "tokens")
    results = fresh if anew else Results.resumed(fresh, output)
    chosen = choose(TRAININGS, only, REFERENCE)
    run_rounds(chosen, setup, results, output, size.rounds, say)
    finish(results, [contender.name for contender in chosen], output, say)
    return results


def _fill(documents: Sequence[Document], characters: int) -> list[Document]:
    """Whole documents from the first on until they make so many characters, again under new ids where they run out."""
    chosen: list[Document] = []
    total = 0
    while total < characters and documents:
        document = documents[len(chosen) % len(documents)]
        again = len(chosen) // len(documents)
        name = f"{document.id}#{again}" if again else document.id
        chosen.append(Document(name, document.text, document.mentions, document.meta))
        total += len(document.text) or 1
    return chosen
