"""Kill training with kill -9 at random moments, fill its disk, damage its checkpoints, and see that nothing is lost.

Recipe: configs/smoke.yaml (and masked-language-model pretraining) with a narrow encoder made on the spot and a few documents
of the corpus, one CPU thread. What is compared is every weight of the written model, bit for bit.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import yaml

from topner.cli import run as run_command
from topner.errors import TopnerError
from topner.promises import Count, Promise, conclude

ROOT = Path(__file__).resolve().parents[1]
EPOCHS, TRAIN, DEV = 5, 10, 2  # documents


class Child:
    """A script of this repository in a process forked from one that has imported torch already, to save the minutes."""

    def __init__(self, command: list[str], folder: Path) -> None:
        """Start it.

        Args:
            command: path of the script and its arguments.
            folder: where it has its cache; what it prints goes into files there.
        """
        self._printed = [folder / f"{time.time_ns()}{suffix}" for suffix in (".out", ".err")]
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["topner.training.train", "topner.pretraining.pretrain"])
        self._process = context.Process(target=_run, args=(command, folder, *self._printed))
        self._process.start()

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def kill(self) -> None:
        """As ``kill -9``."""
        self._process.kill()

    def communicate(self) -> tuple[int, str, str]:
        """Wait for its end: exit status, what it printed, what it complained of."""
        self._process.join()
        out, err = (path.read_text(encoding="utf-8") if path.is_file() else "" for path in self._printed)
        for path in self._printed:
            path.unlink(missing_ok=True)
        return int(self._process.exitcode or 0), out, err


def _run(command: list[str], folder: Path, out: Path, err: Path) -> None:
    """What the forked process does: it runs the script as Python would."""
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND), number)
    os.environ.update(TOPNER_CACHE=str(folder / "cache"), HF_HUB_OFFLINE="1")
    sys.argv = command
    runpy.run_path(command[0], run_name="__main__")


@dataclass
class Recipe:
    """A training to be disturbed.

    Attributes:
        script: in ``scripts/``.
        config: its configuration file.
        folder: that run folders are made in.
        weights: SHA-256 of the files of weights of the run never disturbed.
        seconds: from the writing of its ``run.json`` to its end.
    """

    script: str
    config: Path
    folder: Path
    weights: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def start(self, run: Path, *options: str) -> Child:
        """Start it in a process of its own."""
        return Child([str(ROOT / "scripts" / self.script), str(self.config), f"run={run}", *options], self.folder)

    def finish(self, run: Path, *options: str) -> tuple[int, str, str]:
        """Run it to the end: exit status, what it printed, what it complained of."""
        return self.start(run, *options).communicate()

    def reference(self) -> None:
        """Run it undisturbed."""
        run = self.folder / f"{self.script}-whole"
        process = self.start(run)
        wait_for(lambda: (run / "run.json").is_file(), process)
        begun = time.perf_counter()
        status, out, err = process.communicate()
        if status:
            raise TopnerError(f"the undisturbed run failed: {err.strip()[-500:] or out[-500:]}", path=run)
        self.seconds = time.perf_counter() - begun
        self.weights = hashes(run)
        click.echo(f"{self.script}: {self.seconds:.1f} s undisturbed")

    def same(self, run: Path) -> bool:
        """Whether the weights written there are those of the undisturbed run."""
        return hashes(run) == self.weights


def hashes(run: Path) -> dict[str, str]:
    """SHA-256 of the files of weights of a run's model."""
    from topner.files import sha256

    return {path.name: sha256(path) for path in (run / "model").glob("*.safetensors")}


def wait_for(there: Callable[[], bool], process: Child) -> bool:
    """Look every millisecond until it is there; ``False`` when the process ended before."""
    while not there():
        if not process.alive():
            return False
        time.sleep(0.001)
    return True


def in_words(err: str) -> bool:
    """Whether a process complained as topner does: a line of its own at the end, no traceback."""
    lines = err.strip().splitlines()
    return bool(lines) and lines[-1].startswith("topner: ") and "Traceback" not in err


def killed(recipe: Recipe, kills: int, wait: Callable[[Path, Child], None], what: str, when: str) -> Promise:
    """Kill at the moment that ``wait`` returns, go on with ``--resume``, compare; a run that ended before is no try."""
    click.echo(f"{what}: kill -9 {when}")
    done = failures = 0
    while done < kills:
        run = recipe.folder / f"{recipe.script}-killed"
        process = recipe.start(run)
        begun = time.perf_counter()
        wait(run, process)
        seconds = time.perf_counter() - begun
        ended = not process.alive()
        process.kill()
        process.communicate()
        if not ended:
            there = sum(path.name.startswith("checkpoint-") for path in (run / "checkpoints").glob("*"))
            half = any((run / "checkpoints").glob(".checkpoint-*"))
            status, out, err = recipe.finish(run, "--resume")
            good = status == 0 and recipe.same(run)
            done, failures = done + 1, failures + (not good)
            found = f"{there} checkpoints{' and half of one' if half else ''}"
            click.echo(f"  killed after {seconds:5.1f} s, {found}: {'same weights' if good else 'NOT THE SAME'}")
            if not good:
                click.echo(f"    status {status}: {(err.strip() or out.strip())[-500:]}")
        shutil.rmtree(run)
    promise = f"{what}: a killed run ends with the same weights, bit for bit"
    return Promise(promise, f"kill -9 {when}, then --resume", done, failures)


def kill_at_random(recipe: Recipe, kills: int, rng: random.Random, what: str) -> Promise:
    """Kill at moments drawn from the whole run."""

    def wait(run: Path, process: Child) -> None:
        moment = rng.uniform(0, recipe.seconds)
        wait_for(lambda: (run / "run.json").is_file(), process)
        time.sleep(moment)

    return killed(recipe, kills, wait, what, "at a random moment of the run")


def kill_while_saving(recipe: Recipe, kills: int, rng: random.Random, what: str) -> Promise:
    """Kill while a checkpoint is half-written, the first to the fourth of the run."""

    def wait(run: Path, process: Child) -> None:
        seen: set[str] = set()
        wanted = rng.randint(1, 4)

        def there() -> bool:
            seen.update(path.name for path in (run / "checkpoints").glob(".checkpoint-*"))
            return len(seen) >= wanted

        if wait_for(there, process):
            time.sleep(rng.uniform(0, 0.02))

    return killed(recipe, kills, wait, what, "while a checkpoint is written")


def damage_checkpoints(recipe: Recipe, tries: int, rng: random.Random) -> Iterator[Promise]:
    """Flip a bit of the newest checkpoint, or cut a file of it off, or remove one."""
    from topner.training.checkpoint import checkpoint_folders, last_whole, what_is_broken

    run = recipe.folder / "damaged"
    recipe.finish(run)
    newest, before = checkpoint_folders(run / "checkpoints")[:2]
    noticed = Count("every damage of a checkpoint is noticed", "a random bit flipped, a file cut off or removed")
    back = Count("the checkpoint before a damaged one is taken, to the same weights", "the same, then --resume")
    kept = recipe.folder / "kept"
    shutil.copytree(newest, kept)
    for number in range(tries * 25):
        what = damage(newest, rng)
        broken = what_is_broken(newest) is not None and last_whole(run / "checkpoints", quiet=True) == before
        if number < tries:
            shutil.rmtree(run / "model")
            status, out, err = recipe.finish(run, "--resume")
            good = status == 0 and f"{newest.name} is broken" in out and recipe.same(run)
            back(good, what, err or out)
        noticed.tries += 1
        noticed.failures += not broken
        shutil.rmtree(newest)
        shutil.copytree(kept, newest)
    shutil.rmtree(run)
    yield noticed.row()
    yield back.row()


def damage(folder: Path, rng: random.Random) -> str:
    """Damage one file of a folder; say how."""
    path = rng.choice(sorted(file for file in folder.iterdir() if file.stat().st_size))
    data = bytearray(path.read_bytes())
    place = rng.randrange(len(data))
    kind = rng.choice(("bit flipped", "cut off", "removed"))
    if kind == "removed":
        path.unlink()
    else:
        data[place] ^= 1 << rng.randrange(8)
        path.write_bytes(data if kind == "bit flipped" else data[:place])
    return f"{path.name} {kind}{'' if kind == 'removed' else f' at byte {place}'}"


def two_at_once(recipe: Recipe, tries: int) -> Promise:
    """Start a second training into the folder of a first."""
    count = Count("of two trainings into one folder the second refuses, the first is unharmed", "both started")
    for number in range(tries):
        run = recipe.folder / "shared"
        first = recipe.start(run)
        wait_for(lambda: (run / "run.json").is_file(), first)  # noqa: B023 (used at once)
        first_was_there = first.alive()
        status, _, err = recipe.finish(run, *(["--resume"] if number % 2 else []))
        first_status, out, first_err = first.communicate()
        good = status == 1 and in_words(err) and "another training" in err
        good &= first_was_there and first_status == 0 and recipe.same(run)
        count(good, "second started with --resume" if number % 2 else "second started anew", err + first_err + out)
        shutil.rmtree(run)
    return count.row()


def vanished(recipe: Recipe) -> Promise:
    """Take away what the run reads; a training that cannot go on says so, and goes on once it is back."""
    count = Count("data that vanished is named, and the run goes on when it is back", "removed before --resume")
    documents = recipe.folder / "train"
    for path in (next(documents.iterdir()), documents, recipe.folder / "encoder"):
        run = recipe.folder / "vanished"
        recipe.finish(run)
        shutil.rmtree(run / "model")
        away = recipe.folder / "away"
        path.rename(away)
        status, _, err = recipe.finish(run, "--resume")
        away.rename(path)
        again, out, later = recipe.finish(run, "--resume")
        count(status == 1 and in_words(err) and again == 0 and recipe.same(run), path.name, err + out + later)
        shutil.rmtree(run)
    return count.row()


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Callable[[str], None] | None]:
    """A file system of ``size`` bytes at ``folder``; yields what changes its options, or ``None`` without the right to mount."""
    folder.mkdir()
    mount = shutil.which("mount")
    options = [str(mount), "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if mount is None or subprocess.run(options, capture_output=True, check=False).returncode:  # noqa: S603 (no input)
        yield None
        return

    def change(option: str) -> None:
        subprocess.run([str(mount), "-o", f"remount,{option}", str(folder)], check=True)  # noqa: S603 (no input)

    try:
        yield change
    finally:
        subprocess.run([str(shutil.which("umount")), str(folder)], check=True)  # noqa: S603 (no input)
        folder.rmdir()


def full_disk(recipe: Recipe) -> Iterator[Promise]:
    """Let the disk of the run folder be full at different moments, or not writable."""
    from topner.training.checkpoint import checkpoint_folders, last_whole

    whole = recipe.folder / f"{recipe.script}-whole"
    one = sum(path.stat().st_size for path in checkpoint_folders(whole / "checkpoints")[0].iterdir())
    count = Count(
        "a full disk is said in one line, whole checkpoints stay, the run goes on once there is room", "tmpfs"
    )
    closed = Count("a folder that cannot be written is said in one line, nothing in it changes", "mounted read-only")
    for room in (0.02, 0.6, 1.4, 1.9, 2.4, 2.8):
        with small_disk(recipe.folder / "disk", int(one * room)) as change:
            if change is None:
                click.echo("  not tried: no right to mount a file system here")
                return
            run = recipe.folder / "disk" / "run"
            status, out, err = recipe.finish(run)
            there = checkpoint_folders(run / "checkpoints")
            good = status == 1 and in_words(err) and all(last_whole(run / "checkpoints", quiet=True) for _ in there)
            change("ro")
            before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
            refused, _, complaint = recipe.finish(run, "--resume")
            unchanged = before == {path: path.stat().st_mtime_ns for path in run.rglob("*")}
            closed(refused == 1 and in_words(complaint) and unchanged, f"{len(there)} checkpoints there", complaint)
            change(f"rw,size={one * 20}")
            again, _, later = recipe.finish(run, "--resume")
            good &= again == 0 and recipe.same(run)
            count(good, f"full with {len(there)} checkpoints there", out + err + later)
    yield count.row()
    yield closed.row()


def make_recipes(folder: Path) -> tuple[Recipe, Recipe]:
    """The recipes in ``folder``: of training, and of pretraining."""
    from topner.training.tiny import write_recipe

    documents = sorted((ROOT / "data" / "corpus").glob("*.txt"))[: TRAIN + DEV]
    changes = {"epochs": EPOCHS, "threads": 1, "batch_size": 16}
    config = write_recipe(ROOT / "configs" / "smoke.yaml", documents, DEV, folder, changes)
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents)
    (folder / "plain.txt").write_text(text, encoding="utf-8")
    settings = {"tokens": 32 * 16 * 200, "length": 32, "batch_size": 16, "log_steps": 10, "checkpoint_minutes": 0}
    pretraining = {
        "run": "runs/soak",
        "text": {"sources": [{"path": str(folder / "plain.txt")}], "held_out": 0.1, "document": 9},
        "model": {"encoder": str(folder / "encoder"), "dropout": 0.1},
        "training": {**settings, "threads": 1},
    }
    (folder / "pretrain.yaml").write_text(yaml.safe_dump(pretraining), encoding="utf-8")
    return Recipe("train.py", config, folder), Recipe("pretrain.py", folder / "pretrain.yaml", folder)


@click.command()
@click.option(
    "--kills", default=20, show_default=True, help="Of training at random moments; a quarter of it of the others."
)
@click.option("--seed", default=13, show_default=True, help="Of the moments and the damages.")
@click.option("--results", type=click.Path(path_type=Path), help="JSON lines for scripts/trust.py.")
def main(kills: int, seed: int, results: Path | None) -> None:
    """Disturb training; print promise, how it was tested, tries and failures; exit with status 1 on a failure."""
    os.environ["OMP_NUM_THREADS"] = "1"
    rng = random.Random(seed)  # noqa: S311 (no secret)
    quarter = max(1, kills // 4)
    rows = []
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        train, pretrain = make_recipes(Path(name))
        train.reference()
        rows.append(kill_at_random(train, kills, rng, "training"))
        rows.append(kill_while_saving(train, quarter, rng, "training"))
        pretrain.reference()
        rows.append(kill_at_random(pretrain, quarter, rng, "pretraining"))
        rows += damage_checkpoints(train, quarter, rng)
        rows.append(two_at_once(train, 2))
        rows.append(vanished(train))
        rows += full_disk(train)
    conclude(rows, results, Path(__file__).name)


if __name__ == "__main__":
    run_command(main)
