"""Make a training run's model the tagger that ships in the package: half precision, measured, with its card.

The card says only what is measured here or stands in the folder of scripts/measure.py. Weights whose strict F1 on the dev split
falls in half precision by more than 0.3 points are refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from topner.cli import run
from topner.doctor.models import write_sums
from topner.encoder.locate import packaged
from topner.errors import TopnerError
from topner.evaluation.card import (
    calibration_table,
    evaluation_table,
    recipe_list,
    robustness_table,
    seeds_table,
    thresholds_table,
)
from topner.files import atomic_folder, read_text, write_json, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from topner.document import Document
    from topner.labels import LabelSchema

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

**Trained on:** {data}. Licence Apache-2.0; the encoder's starting weights are MIT.

**Recipe:** `{config}`, seed {seed}:

{recipe}

**This recipe**, strict F1, {count} (`python scripts/measure.py`):

{measured}

**These weights**, strict F1 with 95 % intervals by bootstrap over documents:

{tables}
**The same documents in other conditions** (`python scripts/measure_robustness.py default DATA`):

{robustness}
**Scores.** A score is the probability that exactly this span with this label is right, calibrated on the dev split
({kinds}). On documents that were not fitted on:

{calibration}
Scores from which a mention may pass unseen, for a precision on the dev split
(`Tagger.from_pretrained(thresholds=...)`, `topner predict --threshold`):

{thresholds}
**What goes wrong on the dev split:** {gallery}
**Use:** targets are promises: past results are none, and telling them apart is where the tagger errs most on real pages. Read
what matters before you act on it.
"""


@click.command()
@click.argument("source", metavar="RUN", type=click.Path(path_type=Path, exists=True))
@click.option("--measured", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of measure.py.")
@click.option("--on", "extra", multiple=True, metavar="TITLE=DATA", help="More annotated data to measure on.")
@click.option("--encoder", required=True, help="Where the encoder comes from, for the card.")
@click.option("--config", "recipe", required=True, help="The configuration of the run, for the card: configs/....yaml.")
@click.option("--data", required=True, help="What it was trained on, for the card, after the number of documents.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder [default: inside the package].")
def main(
    source: Path, measured: Path, extra: tuple[str, ...], encoder: str, recipe: str, data: str, output: Path | None
) -> None:
    """Ship the model of the training RUN."""
    from transformers import AutoTokenizer

    from topner.evaluation.fit_confidence import fit
    from topner.evaluation.gallery import failures, markdown
    from topner.evaluation.judge import judge
    from topner.evaluation.robustness import measure_robustness
    from topner.inference.tagger import Tagger
    from topner.labels import LabelSchema
    from topner.ledger import Ledger
    from topner.model.confidence import KEY, maps_to_json
    from topner.model.folder import SETTINGS_FILE
    from topner.model.tagger_model import load_model, save_model
    from topner.training.config import load_config
    from topner.training.data import load_splits

    target = output or packaged("tagger")
    config = load_config(source / "config.yaml")
    splits = load_splits(config.data, LabelSchema.of(config.labels), config.seed, Ledger())
    rows = seeds(measured)
    model, settings = load_model(source / "model")
    settings.pop(KEY, None)
    single = judge(Tagger.from_pretrained(source / "model"), splits["dev"])
    with atomic_folder(target) as folder:
        tokenizer = AutoTokenizer.from_pretrained(source / "model", trust_remote_code=False)
        save_model(model, tokenizer, folder / "half", settings, half=True)
        tagger = Tagger.from_pretrained(folder / "half")
        results = {f"{name} split": judge(tagger, splits[name]) for name in ("dev", "test") if splits.get(name)}
        drop = single.strict.micro.f1 - results["dev split"].strict.micro.f1
        if drop > MAX_DROP:
            raise TopnerError(f"in half precision the dev split's strict F1 falls by {drop:.3f}", path=source / "model")
        for title, _, path in (entry.partition("=") for entry in extra):
            results[title] = judge(tagger, read_gold(Path(path), tagger.schema))
        dev = results["dev split"]
        fits = fit(dev.gold, dev.predicted, tagger.schema.names)
        write_json(folder / "half" / SETTINGS_FILE, settings | {KEY: maps_to_json(fits.maps)})
        conditions = measure_robustness(tagger.pipe, results["test split"].gold, tagger.schema)
        others = {title: (r.gold, r.predicted) for title, r in results.items() if r is not dev}
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
            "half": dev.strict.micro.f1,
            "data": f"{len(splits['train'])} documents: {data}",
            "config": recipe,
            "seed": config.seed,
            "recipe": recipe_list(config.model_dump(mode="json")),
            "count": "one seed" if len(rows) == 1 else f"mean ± standard deviation of {len(rows)} seeds",
            "measured": seeds_table(rows),
            "tables": "\n".join(evaluation_table(title, result) for title, result in results.items()),
            "robustness": robustness_table("test split", conditions),
            "kinds": ", ".join(f"{label}: {found.kind}" for label, found in fits.labels.items()),
            "calibration": calibration_table(fits, others),
            "thresholds": thresholds_table(fits, (dev.gold, dev.predicted)),
            "gallery": markdown(failures(dev.gold, dev.predicted, tagger.schema), config.labels, len(dev.gold)),
        }
        write_text(folder / "README.md", CARD.format(**facts))
        write_json(folder / "scores.json", {title: result.to_json()["strict"] for title, result in results.items()})
        write_sums(folder)
    click.echo(f"tagger: {target}\n{facts['tables']}")


def read_gold(path: Path, schema: LabelSchema) -> Sequence[Document]:
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


if __name__ == "__main__":
    run(main)
