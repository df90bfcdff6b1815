"""Tagging as a Ray Data pipeline (Moritz et al. 2018): many processes or machines, parquet out, a killed worker costs nothing.

The work is dealt out by name, not by content. Tasks read every file once, to count its documents and to say what cannot be read;
then a shard names stretches of files, and a worker reads these, tags them in the same groups as a single process would, and
hands on rows. So memory stays bounded, a shard that is done again gives the same rows, and documents, mentions and remarks are
those of ``topner predict`` without Ray. Reading twice is little beside tagging.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from topner.document import Document
from topner.encoder.locate import default_model_path
from topner.errors import TopnerError
from topner.files import atomic_folder
from topner.sources.read import AS_FOUND, Reading, read_file
from topner.sources.remarks import Remarks

if TYPE_CHECKING:
    from topner.inference.tagger import Tagger

_ENTITY = pa.struct(
    [("start", pa.int64()), ("end", pa.int64()), ("label", pa.string()), ("text", pa.string()), ("score", pa.float64())]
)
SCHEMA = pa.schema(
    [("number", pa.int64()), ("id", pa.string()), ("text", pa.string()), ("entities", pa.list_(_ENTITY))]
)
"""What is written: documents by ``number``, which is their place in the order of a single process."""
_BATCHES_A_SHARD = 8
_MOST_SHARDS = 1000  # a shard within a table reads it from its beginning
_FILES_A_TASK = 16


class Piece(NamedTuple):
    """Documents ``[start, stop)`` of a file."""

    name: str
    start: int
    stop: int


class Shard(NamedTuple):
    """A stretch of the work: its pieces, and the number of its first document."""

    first: int
    pieces: list[Piece]


def tag_with_ray(
    sources: Sequence[Path],
    output: Path,
    remarks: Remarks,
    model: Path | None = None,
    *,
    batch_size: int = 16,
    reading: Reading = AS_FOUND,
    thresholds: Mapping[str, float] | None = None,
    workers: int | None = None,
    cpus: int = 1,
) -> None:
    """Tag files of any kind on Ray and write a folder of parquet files.

    Uses the Ray that runs in this process or that ``RAY_ADDRESS`` names; else starts one on this machine and stops it again.
    On several machines sources, model and output must lie on a disk that all of them see.

    Args:
        sources: files, as :func:`topner.sources.read.read_file` reads them; not standard input.
        output: folder, replaced as a whole when everything is tagged; columns as in :data:`SCHEMA`.
        remarks: takes what is to be said of the files.
        model: model folder; ``None`` for the default tagger.
        batch_size: documents tagged together, as in :meth:`topner.inference.tagger.Tagger.pipe`.
        reading: how to read the files.
        thresholds: the least score by label, see :meth:`topner.inference.tagger.Tagger.from_pretrained`.
        workers: processes that tag, each with the model in memory; ``None``: as many as the CPUs, or the GPUs, allow.
        cpus: CPUs of a worker.

    Raises:
        TopnerError: Ray is not installed, there is no model or nothing to tag, or the job failed.
    """
    ray = _ray()
    folder = (default_model_path() if model is None else model).resolve()
    if not (folder / "config.json").is_file():
        raise TopnerError("holds no model (config.json is missing)", path=folder)
    if not sources:
        raise TopnerError("there is nothing to tag", hint="name files or folders")
    started = not ray.is_initialized()
    if started:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        with atomic_folder(output) as temporary:
            home = str(Path.cwd())
            counts = _surveyed(ray, [str(source) for source in sources], home, reading, remarks)
            work = [{"first": s.first, "pieces": [p._asdict() for p in s.pieces]} for s in shards(counts, batch_size)]
            if not work:
                pq.write_table(SCHEMA.empty_table(), temporary / "empty.parquet")
                return
            gpus = int(ray.cluster_resources().get("GPU", 0))
            count = workers or gpus or max(1, int(ray.cluster_resources()["CPU"]) // cpus)
            dataset = ray.data.from_items(work, override_num_blocks=len(work))
            dataset.context.execution_options.preserve_order = True
            dataset.context.enable_progress_bars = sys.stderr.isatty()
            tagged = dataset.map_batches(
                TagShard,
                fn_constructor_args=(str(folder), home, batch_size, reading, dict(thresholds or {})),
                batch_size=1,
                batch_format="pyarrow",
                compute=ray.data.ActorPoolStrategy(size=min(count, len(work))),
                num_cpus=cpus,
                num_gpus=1 if gpus else 0,
            )
            # no CPU of their own: with every CPU a worker's, writing would wait for the last of them
            tagged.write_parquet(str(temporary.resolve()), ray_remote_args={"num_cpus": 0})
    except ray.exceptions.RayError as error:
        raise TopnerError(f"the Ray job failed: {_reason(error)}") from None
    finally:
        if started:
            ray.shutdown()


def shards(counts: Sequence[tuple[str, int]], batch_size: int) -> Iterator[Shard]:
    """Deal the documents out in order, whole batches at a time, so that batches are those of a single process.

    Args:
        counts: files in order, each with the number of its documents.
        batch_size: documents tagged together.
    """
    total = sum(count for _, count in counts)
    size = batch_size * max(_BATCHES_A_SHARD, ceil(total / batch_size / _MOST_SHARDS))
    first, pieces, room = 0, list[Piece](), size
    for name, count in counts:
        start = 0
        while start < count:
            taken = min(room, count - start)
            pieces.append(Piece(name, start, start + taken))
            start, room = start + taken, room - taken
            if not room:
                yield Shard(first, pieces)
                first, pieces, room = first + size, [], size
    if pieces:
        yield Shard(first, pieces)


def survey(names: Sequence[str], home: str, reading: Reading) -> list[tuple[int, Remarks]]:
    """How many documents each file holds, and what is to be said of it.

    Args:
        names: files; relative ones start from ``home``.
        home: a folder.
        reading: how to read them.
    """
    found = []
    for name in names:
        remarks = Remarks()
        found.append((sum(1 for _ in read_file(Path(name), remarks, reading, at=Path(home, name))), remarks))
    return found


class TagShard:
    """A worker: loads the tagger once, then tags shard after shard.

    Args:
        model: model folder.
        home: the folder that relative paths start from.
        batch_size: documents tagged together.
        reading: how to read the files.
        thresholds: the least score by label.
    """

    def __init__(
        self, model: str, home: str, batch_size: int, reading: Reading, thresholds: Mapping[str, float]
    ) -> None:
        from topner.inference.tagger import Tagger

        self._tagger: Tagger = Tagger.from_pretrained(model, thresholds=thresholds)
        self._home, self._batch_size, self._reading = Path(home), batch_size, reading

    def __call__(self, table: pa.Table) -> Iterator[pa.Table]:
        """Tag the shards in the rows of ``table``; a table of :data:`SCHEMA` for every batch."""
        for shard in table.to_pylist():
            pieces = [Piece(**piece) for piece in shard["pieces"]]
            tagged = enumerate(self._tagger.pipe(self._read(pieces), self._batch_size), start=shard["first"])
            while rows := [_row(number, document) for number, document in islice(tagged, self._batch_size)]:
                yield pa.Table.from_pylist(rows, schema=SCHEMA)

    def _read(self, pieces: Sequence[Piece]) -> Iterator[Document]:
        for piece in pieces:
            path, count = Path(piece.name), 0
            documents = read_file(path, Remarks(), self._reading, at=self._home / path)
            for document in islice(documents, piece.start, piece.stop):
                yield document
                count += 1
            if count < piece.stop - piece.start:
                raise TopnerError("has changed while it was read", path=path)


def _row(number: int, document: Document) -> dict[str, Any]:
    record = document.to_json()
    return {"number": number, "id": record["id"], "text": record["text"], "entities": record["entities"]}


def _surveyed(ray: Any, names: Sequence[str], home: str, reading: Reading, remarks: Remarks) -> list[tuple[str, int]]:
    """Each file with the number of its documents, by tasks side by side."""
    task = ray.remote(survey)
    parts = [names[i : i + _FILES_A_TASK] for i in range(0, len(names), _FILES_A_TASK)]
    found = [one for part in ray.get([task.remote(part, home, reading) for part in parts]) for one in part]
    for _, said in found:
        remarks.extend(said)
    return [(name, count) for name, (count, _) in zip(names, found, strict=True)]


def _ray() -> Any:
    """Ray with its data library, quiet and sending nothing home."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError:
        raise TopnerError("the engine ray needs Ray", hint="pip install 'topner[ray]'") from None
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    return ray


def _reason(error: BaseException) -> str:
    """The last line that says something of what went wrong in a worker."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
