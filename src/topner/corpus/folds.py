"""Cross-validation: each document read by a model that was trained on the others."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from topner.configuration import dump_config
from topner.corpus.opinions import Opinion
from topner.corpus.readings import tagger_opinions
from topner.dataset.split import Splits, split_documents, write_splits
from topner.document import Document, documents_hash
from topner.errors import TopnerError
from topner.files import read_text, write_json
from topner.training.config import DataConfig, TrainConfig

_DEV = 0.1
_ANY = ""  # no metadata key: the dev part is dealt out without strata, which a small set has too few documents for
_STATE = "fold.json"


def deal(documents: Sequence[Document], folds: int, seed: int) -> list[Splits]:
    """The train, dev and test documents of each fold; every document is in the test part of exactly one.

    Near-duplicates stay in one fold, genres are spread over all, see :func:`topner.dataset.split.split_documents`. A tenth of
    what is left is the dev part that training stops by, so the test part plays no role in it.

    Args:
        documents: with unique ids.
        folds: how many, 2 or more.
        seed: of the shuffle.

    Raises:
        TopnerError: fewer than two folds, or too few documents for them.
    """
    if folds < 2:
        raise TopnerError(f"{folds} folds leave nothing to train on", hint="take two or more; five are usual")
    parts = split_documents(documents, {f"fold-{number}": 1.0 for number in range(1, folds + 1)}, seed)
    dealt = []
    for name, test in parts.items():
        rest = [document for other, members in parts.items() if other != name for document in members]
        share = max(_DEV, 1 / len(rest))
        dealt.append({**split_documents(rest, {"train": 1 - share, "dev": share}, seed, _ANY), "test": test})
    return dealt


def cross_validate(
    data: Path, documents: Sequence[Document], config: TrainConfig, folds: int, work: Path
) -> list[Opinion]:
    """Train one model a fold and let it read the documents it has not seen.

    Each fold has its run folder ``work/fold-N``. A fold that is finished, with the same configuration and documents, is not
    trained again, and one that was interrupted goes on from its last checkpoint; so the same call again resumes.

    Args:
        data: where the documents were read from; each training reads them again.
        documents: with gold mentions, ids unique.
        config: the recipe; its ``run`` and ``data`` (but for ``max_loss``) are replaced.
        folds: how many, 2 or more.
        work: folder of the runs.

    Returns:
        One opinion for each document, in the order of the folds.

    Raises:
        TopnerError: too few documents for the folds, or a training cannot run.
    """
    from topner.inference.tagger import Tagger

    opinions: list[Opinion] = []
    dealt = deal(documents, folds, config.seed)
    bar = tqdm(dealt, unit="fold", desc="cross-validation", disable=not sys.stderr.isatty())
    for number, splits in enumerate(bar, 1):
        folder = work / f"fold-{number}"
        _train_fold(data, splits, config, folder)
        opinions += tagger_opinions(Tagger.from_pretrained(folder / "model"), splits["test"], folder.name)
    return opinions


def _train_fold(data: Path, splits: Splits, config: TrainConfig, folder: Path) -> None:
    from topner.training.train import train

    write_splits(folder / "splits.json", splits)
    source = DataConfig(path=data, splits=folder / "splits.json", max_loss=config.data.max_loss)
    settings = config.model_copy(update={"run": folder, "data": source})
    key = {
        "config": dump_config(settings),
        "documents": {name: documents_hash(members) for name, members in splits.items()},
    }
    before = _state(folder)
    begun = before.get("key") == key
    if begun and before.get("finished") and (folder / "model" / "config.json").is_file():
        return
    write_json(folder / _STATE, {"key": key, "finished": False})
    run, _ = train(settings, resume=begun)
    write_json(folder / _STATE, {"key": key, "finished": True})
    shutil.rmtree(run.checkpoints, ignore_errors=True)  # the optimizer's state is thrice the model's size


def _state(folder: Path) -> Mapping[str, Any]:
    path = folder / _STATE
    try:
        found = json.loads(read_text(path)) if path.is_file() else {}
    except json.JSONDecodeError:
        found = {}
    return found if isinstance(found, dict) else {}
