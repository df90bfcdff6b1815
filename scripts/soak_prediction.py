"""Kill tagging and conversion with kill -9 at random moments, start them again, and compare what they write.

A narrow tagger made on the spot, whose drawn weights find mentions everywhere, tags documents of the corpus as plain text files,
one CPU thread; what is compared is every byte of the output.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import click

from soak import ROOT, Child, wait_for
from topner.cli import run as run_command
from topner.errors import TopnerError
from topner.files import sha256
from topner.inference.journal import journal_path
from topner.promises import Count, Promise, conclude

FORMATS = ("jsonl", "csv", "parquet", "html", "xlsx")
CONVERSIONS = ("jsonl", "label-studio", "brat", "conll", "inline", "doccano")


@dataclass
class Work:
    """A command to be killed.

    Attributes:
        command: a script of this repository and its arguments, ``OUT`` standing for the output.
        folder: where the outputs are written.
        again: what is added when it is started again.
        whole: what the run never disturbed wrote: SHA-256 by file name.
        seconds: from what may be killed to its end.
    """

    command: list[str]
    folder: Path
    again: tuple[str, ...] = ()
    whole: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def start(self, out: Path, *options: str) -> Child:
        """Start it in a process of its own."""
        script, *rest = (str(out) if part == "OUT" else part for part in self.command)
        return Child([str(ROOT / "scripts" / script), *rest, *options], self.folder)

    def reference(self, out: Path) -> None:
        """Run it undisturbed."""
        process = self.start(out)
        self.wait(out, process)
        begun = time.perf_counter()
        status, _, err = process.communicate()
        self.seconds = time.perf_counter() - begun
        if status:
            raise TopnerError(f"the undisturbed run failed: {err.strip()[-500:]}", path=out)
        self.whole = hashes(out)
        click.echo(f"{' '.join(self.command)[-60:]}: {self.seconds:.1f} s undisturbed")

    def wait(self, out: Path, process: Child) -> None:
        """Wait for the beginning of what may be killed: of tagging, when the tagger is loaded."""
        if self.again:
            wait_for(journal_path(out).is_file, process)

    def try_once(self, out: Path, rng: random.Random, count: Count) -> bool:
        """Kill it once, start it again; ``False`` when it had ended before it could be killed."""
        process = self.start(out)
        self.wait(out, process)
        moment = rng.uniform(0, self.seconds)
        time.sleep(moment)
        ended = not process.alive()
        process.kill()
        process.communicate()
        if not ended:
            part = journal_path(out)
            lines = part.read_bytes().count(b"\n") - 1 if part.is_file() else 0
            half = (
                {}
                if not out.exists()
                else {name: digest for name, digest in hashes(out).items() if digest != self.whole.get(name)}
            )
            status, _, err = self.start(out, *self.again).communicate()
            good = not half and status == 0 and hashes(out) == self.whole and not part.exists()
            count(good, f"{out.name} killed after {moment:.1f} s, {max(lines, 0)} documents tagged", f"{half} {err}")
        remove(out)
        return not ended


def hashes(out: Path) -> dict[str, str]:
    """SHA-256 of a file, or of those of a folder, by name; of hidden ones too."""
    if out.is_file():
        return {out.name: sha256(out)}
    return {path.name: sha256(path) for path in out.iterdir()}


def remove(out: Path) -> None:
    """Remove an output and what lies beside it."""
    for path in out.parent.glob(f"*{out.name}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_tagger(texts: list[str], folder: Path) -> None:
    """Write a model folder with a narrow encoder and a head of drawn weights."""
    import torch
    from transformers import AutoTokenizer

    from topner.inference.tagger import settings_of
    from topner.labels import LabelSchema
    from topner.model.tagger_model import new_model, save_model
    from topner.text.clean import CleanConfig
    from topner.training.tiny import write_encoder

    encoder = folder / "encoder"
    write_encoder("".join(texts), encoder)
    torch.manual_seed(11)
    model = new_model(str(encoder), LabelSchema(), "crf", "eager")
    with torch.no_grad():
        model.network.get_parameter("classifier.weight").normal_(std=3.0)
    tokenizer = AutoTokenizer.from_pretrained(encoder, trust_remote_code=False, local_files_only=True)
    save_model(model, tokenizer, folder / "model", settings_of(CleanConfig(), 96, 24))


def predictions(folder: Path, texts: dict[str, str], kills: int, rng: random.Random) -> list[Promise]:
    """Kill tagging; then look at what the undisturbed run wrote."""
    count = Count(
        "tagging: a killed run goes on to the same bytes as one never killed, nothing lost or doubled",
        f"kill -9 at a random moment of the run, then --resume; {', '.join(FORMATS)}",
    )
    works = {}
    Child(
        [str(ROOT / "scripts" / "predict.py"), "--help"], folder
    ).communicate()  # starts what the others are forked from
    for format in FORMATS:
        command = ["predict.py", str(folder / "texts"), "-o", "OUT", "--batch-size", "8"]
        command += ["--device", "cpu", "--model", str(folder / "model")]
        works[format] = Work(command, folder, ("--resume",))
        out = folder / f"whole.{format}"
        works[format].reference(out)
    rows = [json.loads(line) for line in (folder / "whole.jsonl").read_text(encoding="utf-8").splitlines()]
    once = Count("tagging: each document is in the output once, its text as it was read", "the run never killed")
    stands = Count("tagging: the text of a mention is the raw text between its offsets", "each mention of that run")
    by_name = {Path(row["id"]).name: row for row in rows}
    for name, text in texts.items():
        good = name in by_name and by_name[name]["text"] == text and sum(Path(r["id"]).name == name for r in rows) == 1
        once.tries, once.failures = once.tries + 1, once.failures + (not good)
        for entity in by_name[name]["entities"] if good else ():
            held = text[entity["start"] : entity["end"]] == entity["text"] != ""
            stands.tries, stands.failures = stands.tries + 1, stands.failures + (not held)
    number = 0
    while count.tries < kills:
        format = FORMATS[number % len(FORMATS)]
        number += 1
        works[format].whole = {f"killed.{format}": digest for digest in works[format].whole.values()}
        works[format].try_once(folder / f"killed.{format}", rng, count)
    return [count.row(), once.row(), stands.row()]


def converted(folder: Path, kills: int, rng: random.Random) -> Promise:
    """Kill conversion."""
    count = Count(
        "conversion: what a killed run left is whole, and run again it gives the same bytes as one never killed",
        f"kill -9 at a random moment of the run, then started again; to {', '.join(CONVERSIONS)}",
    )
    source = ROOT / "data" / "corpus"
    works = {}
    for format in CONVERSIONS:
        works[format] = Work(["convert.py", str(source), "--to", format, "-o", "OUT"], folder)
        works[format].reference(folder / f"converted-{format}")
        remove(folder / f"converted-{format}")
    number = 0
    while count.tries < kills:
        format = CONVERSIONS[number % len(CONVERSIONS)]
        number += 1
        works[format].try_once(folder / f"converted-{format}", rng, count)
    return count.row()


@click.command()
@click.option("--kills", default=20, show_default=True, help="Of tagging.")
@click.option("--conversions", default=20, show_default=True, help="Kills of conversion.")
@click.option("--documents", default=60, show_default=True, help="That are tagged.")
@click.option("--seed", default=13, show_default=True, help="Of the moments.")
@click.option("--results", type=click.Path(path_type=Path), help="JSON lines for scripts/trust.py.")
def main(kills: int, conversions: int, documents: int, seed: int, results: Path | None) -> None:
    """Disturb tagging and conversion; print promise, how it was tested, tries and failures; exit with status 1 on a failure."""
    from topner.annotation.formats import read_documents
    from topner.labels import LabelSchema
    from topner.ledger import Ledger

    os.environ["OMP_NUM_THREADS"] = "1"
    rng = random.Random(seed)  # noqa: S311 (no secret)
    with tempfile.TemporaryDirectory(prefix="soak-prediction-") as name:
        folder = Path(name)
        (folder / "texts").mkdir()
        texts = {}
        for path in sorted((ROOT / "data" / "corpus").glob("*.txt"))[:documents]:
            (document,) = read_documents(path, "inline", LabelSchema(), Ledger())
            texts[path.name] = document.text
            (folder / "texts" / path.name).write_bytes(texts[path.name].encode())
        write_tagger(list(texts.values()), folder)
        rows = predictions(folder, texts, kills, rng) if kills else []
        rows += [converted(folder, conversions, rng)] if conversions else []
    conclude(rows, results, Path(__file__).name)


if __name__ == "__main__":
    run_command(main)
