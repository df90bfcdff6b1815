"""Tagging as a Ray Data pipeline (Moritz et al. 2018): many processes or machines, parquet out, a killed worker costs nothing.

The work is dealt out by name, not by content: a shard names files and rows, a worker reads them, tags them in the same groups
as a single process would, and hands on rows. So memory stays bounded, a shard that is done again gives the same rows, and the
mentions are those of :meth:`topner.inference.tagger.Tagger.pipe`.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from topner.document import Document
from topner.encoder.locate import default_model_path
from topner.errors import TopnerError
from topner.files import atomic_folder, read_text

if TYPE_CHECKING:
    from topner.inference.tagger import Tagger

_ENTITY = pa.struct(
    [("start", pa.int64()), ("end", pa.int64()), ("label", pa.string()), ("text", pa.string()), ("score", pa.float64())]
)
SCHEMA = pa.schema(
    [
        ("number", pa.int64()),
        ("id", pa.string()),
        ("text", pa.string()),
        ("entities", pa.list_(_ENTITY)),
        ("problem", pa.string()),
    ]
)
"""What is written: documents by ``number``; ``problem`` says why one could not be read, and is null where it could."""
_BATCHES_A_SHARD = 8
_MOST_BLOCKS = 2000


class Piece(NamedTuple):
    """Rows ``[start, stop)`` of a parquet file, or a text file, which is one row."""

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
    model: Path | None = None,
    *,
    batch_size: int = 16,
    workers: int | None = None,
    cpus: int = 1,
) -> list[str]:
    """Tag text files and parquet files on Ray and write a folder of parquet files.

    Uses the Ray that runs in this process or that ``RAY_ADDRESS`` names; else starts one on this machine and stops it again.
    On several machines sources, model and output must lie on a disk that all of them see.

    Args:
        sources: UTF-8 text files, one document each (its id is the path), and ``.parquet`` files with a column ``text`` and,
            if they like, ``id`` (else the id is ``path:row``).
        output: folder, replaced as a whole when everything is tagged; columns as in :data:`SCHEMA`.
        model: model folder; ``None`` for the default tagger.
        batch_size: documents tagged together, as in :meth:`topner.inference.tagger.Tagger.pipe`.
        workers: processes that tag, each with the model in memory; ``None``: as many as the CPUs, or the GPUs, allow.
        cpus: CPUs of a worker.

    Returns:
        One line for each document that could not be read.

    Raises:
        TopnerError: Ray is not installed, there is no model or nothing to tag, a parquet file has no texts, or the job failed.
    """
    ray = _ray()
    folder = (default_model_path() if model is None else model).resolve()
    if not (folder / "config.json").is_file():
        raise TopnerError("holds no model (config.json is missing)", path=folder)
    work = [{"first": s.first, "pieces": [p._asdict() for p in s.pieces]} for s in shards(sources, batch_size)]
    if not work:
        raise TopnerError("there is nothing to tag", hint="name text files or parquet files")
    started = not ray.is_initialized()
    if started:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        with atomic_folder(output) as temporary:
            gpus = int(ray.cluster_resources().get("GPU", 0))
            count = workers or gpus or max(1, int(ray.cluster_resources()["CPU"]) // cpus)
            dataset = ray.data.from_items(work, override_num_blocks=min(len(work), _MOST_BLOCKS))
            dataset.context.execution_options.preserve_order = True
            dataset.context.enable_progress_bars = sys.stderr.isatty()
            tagged = dataset.map_batches(
                TagShard,
                fn_constructor_args=(str(folder), str(Path.cwd()), batch_size),
                batch_size=1,
                batch_format="pyarrow",
                compute=ray.data.ActorPoolStrategy(size=min(count, len(work))),
                num_cpus=cpus,
                num_gpus=1 if gpus else 0,
            )
            # no CPU of their own: with every CPU a worker's, writing would wait for the last of them
            tagged.write_parquet(str(temporary.resolve()), ray_remote_args={"num_cpus": 0})
            return _problems(temporary)
    except ray.exceptions.RayError as error:
        raise TopnerError(f"the Ray job failed: {_reason(error)}") from None
    finally:
        if started:
            ray.shutdown()


def shards(sources: Sequence[Path], batch_size: int) -> Iterator[Shard]:
    """Deal the documents out in order, whole batches at a time, so that batches are those of a single process.

    Raises:
        TopnerError: a parquet file cannot be read or has no column ``text``.
    """
    size, first, pieces, room = batch_size * _BATCHES_A_SHARD, 0, list[Piece](), batch_size * _BATCHES_A_SHARD
    for source in sources:
        start, rows = 0, _rows(source)
        while start < rows:
            taken = min(room, rows - start)
            pieces.append(Piece(str(source), start, start + taken))
            start, room = start + taken, room - taken
            if not room:
                yield Shard(first, pieces)
                first, pieces, room = first + size, [], size
    if pieces:
        yield Shard(first, pieces)


class TagShard:
    """A worker: loads the tagger once, then tags shard after shard.

    Args:
        model: model folder.
        home: the folder that relative paths start from.
        batch_size: documents tagged together.
    """

    def __init__(self, model: str, home: str, batch_size: int) -> None:
        from topner.inference.tagger import Tagger

        self._tagger: Tagger = Tagger.from_pretrained(model)
        self._home, self._batch_size = Path(home), batch_size

    def __call__(self, table: pa.Table) -> pa.Table:
        """Tag the shards in the rows of ``table``; a table of :data:`SCHEMA`."""
        rows = [row for shard in table.to_pylist() for row in self._tag(shard["first"], shard["pieces"])]
        return pa.Table.from_pylist(rows, schema=SCHEMA)

    def _tag(self, first: int, pieces: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        found = list(enumerate(self._read([Piece(**piece) for piece in pieces]), start=first))
        good = (document for _, document in found if isinstance(document, Document))
        tagged = self._tagger.pipe(good, self._batch_size)
        for number, item in found:
            if isinstance(item, Document):
                yield {"number": number, **next(tagged).to_json(), "problem": None}
            else:
                yield {"number": number, "id": item[0], "text": "", "entities": [], "problem": item[1]}

    def _read(self, pieces: Sequence[Piece]) -> Iterator[Document | tuple[str, str]]:
        """The documents; in place of one that cannot be read its id and what is wrong."""
        for piece in pieces:
            path = self._home / piece.name
            if _is_parquet(path):
                yield from _read_rows(path, piece)
                continue
            try:
                yield Document(piece.name, read_text(path))
            except TopnerError as error:
                yield piece.name, f"{piece.name}: {error.message}"


def _read_rows(path: Path, piece: Piece) -> Iterator[Document | tuple[str, str]]:
    """Documents of a stretch of a parquet file; only the row groups that it touches are read."""
    with pq.ParquetFile(path) as file:
        before, groups = 0, []
        skipped: int | None = None
        for i in range(file.num_row_groups):
            after = before + file.metadata.row_group(i).num_rows
            if after > piece.start and before < piece.stop:
                skipped = piece.start - before if skipped is None else skipped
                groups.append(i)
            before = after
        columns = [name for name in ("id", "text") if name in file.schema_arrow.names]
        batches = file.iter_batches(batch_size=1024, row_groups=groups, columns=columns)
        rows = (row for batch in batches for row in batch.to_pylist())
        start = skipped or 0
        for number, row in enumerate(islice(rows, start, start + piece.stop - piece.start), start=piece.start):
            name = f"{piece.name}:{number}" if row.get("id") is None else str(row["id"])
            if isinstance(row["text"], str):
                yield Document(name, row["text"])
            else:
                yield name, f"{piece.name}, row {number}: has no text"


def _rows(source: Path) -> int:
    if not _is_parquet(source):
        return 1
    try:
        with pq.ParquetFile(source) as file:
            if "text" not in file.schema_arrow.names:
                names = ", ".join(file.schema_arrow.names)
                raise TopnerError(f"has no column 'text', only {names}", path=source)
            return int(file.metadata.num_rows)
    except (OSError, pa.ArrowInvalid) as error:
        raise TopnerError(f"is no parquet file that can be read: {error}", path=source) from None


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _problems(folder: Path) -> list[str]:
    table = pq.read_table(folder, columns=["number", "problem"], filters=pc.field("problem").is_valid())
    return [str(row["problem"]) for row in table.sort_by("number").to_pylist()]


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
