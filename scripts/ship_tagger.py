"""Make a training run's model the tagger that ships in the package: half precision, measured, with its card.

The card says only what is measured here or stands in the folder of scripts/measure.py. Weights whose strict F1 on the dev split
falls in half precision by more than 0.3 points are refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from topner.cli import run
from topner.doctor.models import write_sums
from topner.encoder.locate import packaged
from topner.errors import TopnerError
from topner.evaluation.evaluate import Evaluation
from topner.evaluation.runs import spread
from topner.files import atomic_folder, read_text, write_json, write_text

MAX_DROP = 0.003
CARD = """---
license: apache-2.0
language: zh
library_name: transformers
pipeline_tag: token-classification
---
# topner tagger: quantified targets, organisations and projects in Chinese policy text

**What:** tags {labels} in government reports, plans and news; `topner.Tagger.from_pretrained()` loads it. The label definitions
stand in data/GUIDELINES.md. Encoder: {encoder}; {layers} layers, hidden size {hidden}; head:
{head}. Weights in half precision; on the dev split {single:.3f} in single, {half:.3f} in half precision (strict micro F1).

**Trained on:** the {documents} training documents of data/corpus, written for this project after the register of real
documents; no real document among them. Licence Apache-2.0; the encoder's starting weights are MIT.

**Recipe:** `{config}`, seed {seed}:

{recipe}

**This recipe**, strict F1, {count} (`python scripts/measure.py`):

{measured}

**These weights**, strict F1 with 95 % intervals by bootstrap over documents:

{tables}
{gallery}
**Use:** a score is the probability the model gives to exactly this span with this label. Targets are promises: past results are
none, and telling them apart is where the tagger errs most on real pages. Read what matters before you act on it.
"""


@click.command()
@click.argument("source", metavar="RUN", type=click.Path(path_type=Path, exists=True))
@click.option("--measured", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of measure.py.")
@click.option("--on", "extra", multiple=True, metavar="TITLE=DATA", help="More annotated data to measure on.")
@click.option("--encoder", required=True, help="Where the encoder comes from, for the card.")
@click.option(
    "--gallery", type=click.Path(path_type=Path, exists=True), help="Markdown about the errors, for the card."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder [default: inside the package].")
def main(
    source: Path, measured: Path, extra: tuple[str, ...], encoder: str, gallery: Path | None, output: Path | None
) -> None:
    """Ship the model of the training RUN."""
    from transformers import AutoTokenizer

    from topner.evaluation.judge import judge
    from topner.inference.tagger import Tagger
    from topner.labels import LabelSchema
    from topner.ledger import Ledger
    from topner.model.tagger_model import load_model, save_model
    from topner.training.config import load_config
    from topner.training.data import load_splits

    target = output or packaged("tagger")
    config = load_config(source / "config.yaml")
    splits = load_splits(config.data, LabelSchema.of(config.labels), config.seed, Ledger())
    rows = seeds(measured)
    model, settings = load_model(source / "model")
    single = judge(Tagger.from_pretrained(source / "model"), splits["dev"])
    with atomic_folder(target) as folder:
        save_model(model, AutoTokenizer.from_pretrained(source / "model"), folder / "half", settings, half=True)
        tagger = Tagger.from_pretrained(folder / "half")
        results = {f"{name} split": judge(tagger, splits[name]) for name in ("dev", "test") if splits.get(name)}
        drop = single.strict.micro.f1 - results["dev split"].strict.micro.f1
        if drop > MAX_DROP:
            raise TopnerError(f"in half precision the dev split's strict F1 falls by {drop:.3f}", path=source / "model")
        for title, _, path in (entry.partition("=") for entry in extra):
            results[title] = judge(tagger, read_gold(Path(path), tagger.schema))
        for written in (folder / "half").iterdir():
            written.rename(folder / written.name)
        (folder / "half").rmdir()
        facts = {
            "labels": ", ".join(config.labels),
            "encoder": encoder,
            "layers": model.config.num_hidden_layers,
            "hidden": model.config.hidden_size,
            "head": "a linear-chain CRF" if model.crf is not None else "softmax with legal-path decoding",
            "single": single.strict.micro.f1,
            "half": results["dev split"].strict.micro.f1,
            "documents": len(splits["train"]),
            "config": "configs/embedded.yaml",
            "seed": config.seed,
            "recipe": recipe(config.model_dump(mode="json")),
            "count": "one seed" if len(rows) == 1 else f"mean ± standard deviation of {len(rows)} seeds",
            "measured": seeds_table(rows),
            "tables": "\n".join(evaluation_table(title, result) for title, result in results.items()),
            "gallery": f"\n{read_text(gallery)}\n" if gallery else "",
        }
        write_text(folder / "README.md", CARD.format(**facts))
        write_json(folder / "scores.json", {title: result.to_json()["strict"] for title, result in results.items()})
        write_sums(folder)
    click.echo(f"tagger: {target}\n{facts['tables']}")


def read_gold(path: Path, schema: Any) -> Sequence[Any]:
    """Annotated documents of any format."""
    from topner.annotation.formats import read_documents
    from topner.ledger import Ledger

    return read_documents(path, None, schema, Ledger())


def seeds(folder: Path) -> list[dict[str, dict[str, float]]]:
    """The scores of each seed that scripts/measure.py left in a folder.

    Raises:
        TopnerError: there are none.
    """
    found = sorted(folder.rglob("scores.json"))
    if not found:
        raise TopnerError("holds no scores.json", path=folder, hint="measure the recipe with scripts/measure.py")
    return [json.loads(read_text(path))["scores"] for path in found]


def seeds_table(rows: Sequence[Mapping[str, Mapping[str, float]]]) -> str:
    """Markdown: mean and deviation by data set and label."""
    labels = list(next(iter(rows[0].values())))
    lines = ["| on | " + " | ".join(labels) + " |", "|---|" + "---:|" * len(labels)]
    for name in rows[0]:
        lines.append(f"| {name} | " + " | ".join(spread([row[name][label] for row in rows]) for label in labels) + " |")
    return "\n".join(lines)


def evaluation_table(title: str, result: Evaluation) -> str:
    """Markdown: one row a label, and micro, and one a genre where there are several."""
    intervals = {**result.intervals.labels, "micro": result.intervals.micro}
    lines = [f"| {title}, {len(result.gold)} documents | precision | recall | F1 | interval |", "|---|" + "---:|" * 4]
    for name, score in {**result.strict.labels, "micro": result.strict.micro}.items():
        low, high = intervals[name].low, intervals[name].high
        lines.append(
            f"| {name} | {score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f} | {low:.3f} to {high:.3f} |"
        )
    for value, part in result.breakdown.get("genre", {}).items():
        score = part.strict
        lines.append(f"| genre {value} | {score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f} | |")
    return "\n".join(lines) + "\n"


def recipe(config: Mapping[str, Any]) -> str:
    """The settings that shape the model, one line a section."""
    shown = {name: config[name] for name in ("noise", "window", "model", "training") if config.get(name)}
    return "\n".join(
        f"- {name}: " + ", ".join(f"{key} {value}" for key, value in section.items() if value is not None)
        for name, section in shown.items()
    )


if __name__ == "__main__":
    run(main)
