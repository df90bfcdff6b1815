"""Splits by document: stratified by genre, near-duplicates kept together, the same for the same documents and seed."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from topner.dataset.duplicates import near_duplicate_groups
from topner.document import Document, check_unique_ids, documents_hash
from topner.errors import TopnerError
from topner.files import read_text, write_json

Splits = dict[str, list[Document]]
_HASHES = "sha256"


def split_documents(
    documents: Sequence[Document], shares: Mapping[str, float], seed: int = 0, stratum: str = "genre"
) -> Splits:
    """Deal documents out to splits.

    Groups of near-duplicates go to one split as a whole. Within each stratum, groups in seeded random order go to the split
    that lacks most of its share, of the stratum first and of the whole second.

    Args:
        documents: with unique ids.
        shares: positive weight by split name, for example ``{"train": 0.8, "dev": 0.1, "test": 0.1}``.
        seed: of the shuffle.
        stratum: metadata key to stratify by; documents without it form one stratum.

    Raises:
        TopnerError: two documents share an id, a share is not positive, or a split would stay empty.
    """
    check_unique_ids(documents)
    if not shares or any(share <= 0 for share in shares.values()):
        raise TopnerError(f"split shares must be positive, got {dict(shares)}")
    total = sum(shares.values())
    strata: dict[str, list[list[Document]]] = defaultdict(list)
    ordered = sorted(documents, key=lambda document: document.id)
    for group in near_duplicate_groups([document.text for document in ordered]):
        members = [ordered[i] for i in group]
        strata[str(members[0].meta.get(stratum, ""))].append(members)
    splits: Splits = {name: [] for name in shares}
    for name in sorted(strata):
        groups = strata[name]
        random.Random(f"{seed}/{name}").shuffle(groups)  # noqa: S311 (no secret)
        size = sum(map(len, groups))
        here: Counter[str] = Counter()
        for members in groups:

            def lack(split: str, size: int = size, here: Counter[str] = here) -> tuple[float, float]:
                share = shares[split] / total
                return share * size - here[split], share * len(ordered) - len(splits[split])

            chosen = max(shares, key=lack)
            here[chosen] += len(members)
            splits[chosen] += members
    if empty := [name for name, members in splits.items() if not members]:
        raise TopnerError(f"{len(ordered)} documents are too few for the splits {', '.join(empty)}")
    return splits


def read_splits(path: Path, documents: Sequence[Document]) -> Splits:
    """Apply a frozen split file (``{"train": [ids], "dev": [ids], ...}``) to documents.

    Raises:
        TopnerError: the file is not of that form, names an unknown document or one twice, or leaves one out.
    """
    ids, _ = _read(path)
    by_id = {document.id: document for document in documents}
    counts = Counter(member for members in ids.values() for member in members)
    problems = [f"{member!r} stands twice" for member, count in counts.items() if count > 1]
    problems += [f"{member!r} is not in the data" for member in counts if member not in by_id]
    problems += [f"{member!r} is in no split" for member in by_id if member not in counts]
    if problems:
        raise TopnerError("; ".join(problems[:5]), path=path, hint="make the splits anew with scripts/split.py")
    return {split: [by_id[member] for member in members] for split, members in ids.items()}


def write_splits(path: Path, splits: Splits) -> None:
    """Freeze splits as a file of document ids, with a hash of each split's documents under ``sha256``."""
    ids = {name: sorted(document.id for document in members) for name, members in splits.items()}
    write_json(path, {**ids, _HASHES: {name: _hash(members) for name, members in splits.items()}})


def changed_splits(path: Path, splits: Splits) -> list[str]:
    """Names of the splits whose documents are not, to the letter, those that were frozen into the file."""
    _, hashes = _read(path)
    return [name for name, members in splits.items() if name in hashes and hashes[name] != _hash(members)]


def _read(path: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    try:
        named = json.loads(read_text(path))
        hashes = {str(split): str(value) for split, value in named.pop(_HASHES, {}).items()}
        return {str(split): [str(member) for member in members] for split, members in named.items()}, hashes
    except (json.JSONDecodeError, AttributeError, TypeError):
        raise TopnerError(
            'expected JSON of the form {"train": [ids], "dev": [ids], "test": [ids]}', path=path
        ) from None


def _hash(documents: Sequence[Document]) -> str:
    return documents_hash(sorted(documents, key=lambda document: document.id))
