"""Train topner and a plain Hugging Face Trainer on the same BIO data, and print scores and wall times side by side.

Both get the same encoder, sentences, epochs, batch size, learning rate and seed. The peer is what the token-classification
example of ``transformers`` does: single precision, the library's default attention and batches, a linear layer, the most
likely tag of each token. Neither evaluates between epochs. Scores are strict micro F1 by seqeval on dev and test.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from topner.cli import run
from topner.document import Document
from topner.encoder.trial import SPLITS, Trial, find_labels, read_split, run_trial
from topner.evaluation.runs import spread
from topner.files import write_json
from topner.labels import LabelSchema


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True))
@click.option("--epochs", default=5, show_default=True)
@click.option("--batch-size", default=32, show_default=True)
@click.option("--learning-rate", default=2e-4, show_default=True)
@click.option("--seeds", default="13", show_default=True, help="Seeds of topner, separated by commas.")
@click.option("--peer-seeds", default="13", show_default=True, help="Seeds of the peer; may be empty.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("runs/compare"), show_default=True)
def main(
    data: Path, epochs: int, batch_size: int, learning_rate: float, seeds: str, peer_seeds: str, output: Path
) -> None:
    """Compare on DATA, a folder with train.txt, dev.txt and test.txt (one character and its tag a line)."""
    labels = find_labels(data / "train.txt")
    results: dict[str, list[dict[str, float]]] = {"topner": [], "Hugging Face Trainer": []}
    settings = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "labels": labels}
    for name, function, chosen in (("topner", run_topner, seeds), ("Hugging Face Trainer", run_peer, peer_seeds)):
        for seed in (int(text) for text in chosen.split(",") if text):
            results[name].append(function(data, labels, epochs, batch_size, learning_rate, seed, output))
            click.echo(f"{name}, seed {seed}: {json.dumps(results[name][-1])}")
            write_json(output / "results.json", {"settings": settings, "results": results})
    click.echo(f"\n{'':22}  {'seeds':>5}  {'dev F1':>16}  {'test F1':>16}  {'training':>10}")
    for name, rows in results.items():
        if rows:
            cells = [spread([row[split] for row in rows], 4) for split in SPLITS]
            seconds = statistics.mean(row["seconds"] for row in rows)
            click.echo(f"{name:22}  {len(rows):5}  {cells[0]:>16}  {cells[1]:>16}  {seconds:8.0f} s")
    ours, peer = (([row["seconds"] for row in rows]) for rows in results.values())
    if ours and peer:
        click.echo(f"wall time of topner / wall time of the peer: {statistics.mean(ours) / statistics.mean(peer):.2f}")


def run_topner(
    data: Path, labels: Sequence[str], epochs: int, batch_size: int, learning_rate: float, seed: int, output: Path
) -> dict[str, float]:
    """Train and score topner; seconds are those of training alone, data building included."""
    return run_trial(Trial("embedded", data, epochs, seed, batch_size, learning_rate), output / f"topner-{seed}")


def score(gold: Sequence[Document], predicted: Sequence[Document], labels: Sequence[str]) -> float:
    """Strict micro F1."""
    from topner.evaluation.scores import strict_scores

    return round(strict_scores(gold, predicted, LabelSchema(tuple(labels))).micro.f1, 4)


def run_peer(
    data: Path, labels: Sequence[str], epochs: int, batch_size: int, learning_rate: float, seed: int, output: Path
) -> dict[str, float]:
    """Train and score the plain Trainer; seconds are those of training alone, data building included."""
    from datasets import Dataset
    from transformers import AutoTokenizer

    from topner.benchmark.plain_trainer import plain_trainer
    from topner.dataset.tags import decode_tags
    from topner.encoder.locate import EMBEDDED, find_encoder

    schema = LabelSchema(tuple(labels))
    encoder = find_encoder(EMBEDDED)
    began = time.perf_counter()
    tokenizer = AutoTokenizer.from_pretrained(encoder, trust_remote_code=False)

    def encode(documents: Sequence[Document]) -> Dataset:
        rows = tokenizer([list(d.text) for d in documents], is_split_into_words=True, truncation=True, max_length=128)
        tags = []
        for i, document in enumerate(documents):
            by_character = np.zeros(len(document.text), dtype=int)
            for mention in document.mentions:
                by_character[mention.start : mention.end] = schema.inside(mention.label)
                by_character[mention.start] = schema.begin(mention.label)
            tags.append([-100 if word is None else int(by_character[word]) for word in rows.word_ids(i)])
        return Dataset.from_dict({**rows, "labels": tags})

    trainer = plain_trainer(
        encoder,
        schema,
        encode(read_split(data / "train.txt", labels)),
        output / f"peer-{seed}",
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=seed,
        options={"use_cpu": True},
    )
    trainer.train()
    seconds = time.perf_counter() - began
    scores = {}
    for split in SPLITS:
        gold = read_split(data / f"{split}.txt", labels)
        answer = trainer.predict(encode(gold))
        predictions, marks_by_row = np.asarray(answer.predictions), np.asarray(answer.label_ids)
        found = []
        for document, logits, marks in zip(gold, predictions, marks_by_row, strict=True):
            tags = logits[marks != -100].argmax(-1)
            spans = decode_tags(tags, schema)
            # strict IOB2: a span that begins with I- is none
            legal = [span for span in spans if tags[span[0]] == schema.begin(span[2])]
            found.append(Document.from_spans(document.id, document.text, legal))
        scores[split] = score(gold, found, labels)
    return {**scores, "seconds": round(seconds, 1)}


if __name__ == "__main__":
    run(main)
