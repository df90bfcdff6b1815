"""Ray gives what one process gives, whatever happens to its workers."""

import threading
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from topner.document import Document
from topner.errors import TopnerError
from topner.inference import ray_engine
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.text.clean import CleanConfig

PLAIN = [
    "市科技局局长陈𠮷表示，争取引进2个科研团队和20名领军人才😀，办好“科创杯”大赛。",
    "到２０２７年，　高新技术企业达到500家，研发投入占比2.8%。\n（责任单位：市科技局）",
    "",
    "加快云湖新城建设；龘䶮㐀三镇新增灌溉面积3万亩。\r\n",
    "县委書記說(shuō)，全力推動60個重點項目開工。" * 9,
]


@pytest.fixture(scope="module")
def model(encoder, tmp_path_factory):
    """An untrained tagger: it answers something everywhere, and always the same."""
    import torch
    from transformers import AutoTokenizer

    from topner.model.tagger_model import new_model, save_model

    torch.manual_seed(5)
    tagger = new_model(str(encoder), LabelSchema(), "crf", "eager")
    folder = tmp_path_factory.mktemp("ray") / "model"
    save_model(tagger, AutoTokenizer.from_pretrained(encoder), folder, settings_of(CleanConfig(), 48, 12))
    return folder


@pytest.fixture(scope="module")
def ray():
    """A Ray of two CPUs and a small store, for all tests here."""
    ray = pytest.importorskip("ray", reason="ray is not installed")
    pytest.importorskip("ray.data", reason="ray is installed without ray[data]")
    ray_engine._ray()
    options = {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}
    ray.init(num_cpus=2, object_store_memory=80 * 2**20, **options)
    yield ray
    ray.shutdown()


def rows_of(folder):
    return pq.read_table(folder).sort_by("number").to_pylist()


def answers(rows):
    return [(row["id"], row["text"], row["entities"]) for row in rows]


def single(model, documents, batch_size):
    records = (d.to_json() for d in Tagger.from_pretrained(model).pipe(documents, batch_size))
    return [(r["id"], r["text"], r["entities"]) for r in records]


def test_shards_cover_everything_once_in_whole_batches(tmp_path):
    table = tmp_path / "t.parquet"
    pq.write_table(pa.table({"text": ["文"] * 50}), table)
    sources = [tmp_path / "a.txt", table, tmp_path / "b.txt", table]
    found = list(ray_engine.shards(sources, 3))
    sizes = [sum(p.stop - p.start for p in shard.pieces) for shard in found]
    assert sizes == [24, 24, 24, 24, 6]
    assert [shard.first for shard in found] == [0, 24, 48, 72, 96]
    rows = [(p.name, i) for shard in found for p in shard.pieces for i in range(p.start, p.stop)]
    whole = [(str(s), i) for s in sources for i in range(50 if s == table else 1)]
    assert rows == whole


def test_rows_are_read_across_row_groups(tmp_path):
    path = tmp_path / "t.parquet"
    texts = [f"第{i}项" for i in range(20)]
    pq.write_table(pa.table({"id": [f"d{i}" for i in range(20)], "text": texts}), path, row_group_size=6)
    for start, stop in ((0, 20), (5, 7), (6, 12), (17, 20), (0, 1)):
        found = list(ray_engine._read_rows(path, ray_engine.Piece("t.parquet", start, stop)))
        assert [d.text for d in found] == texts[start:stop]
        assert [d.id for d in found] == [f"d{i}" for i in range(start, stop)]


def test_files_and_parquet_as_one_process_would(ray, model, tmp_path):
    files = []
    for i, text in enumerate(PLAIN):
        files.append(tmp_path / f"文{i}.txt")
        files[-1].write_bytes(text.encode())
    table = tmp_path / "many.parquet"
    texts = [PLAIN[i % 5] + f"第{i}项目增长{i}%。" for i in range(60)]
    pq.write_table(pa.table({"text": texts, "other": range(60)}), table, row_group_size=7)
    problems = ray_engine.tag_with_ray([*files, table], tmp_path / "out", model, batch_size=2, workers=2)
    assert problems == []
    documents = [Document(str(path), text) for path, text in zip(files, PLAIN, strict=True)]
    documents += [Document(f"{table}:{i}", text) for i, text in enumerate(texts)]
    rows = rows_of(tmp_path / "out")
    assert answers(rows) == single(model, documents, 2)
    assert sum(len(row["entities"]) for row in rows) > 60
    assert pq.read_schema(next((tmp_path / "out").iterdir())).names == ray_engine.SCHEMA.names


def test_what_cannot_be_read_is_told_and_the_rest_tagged(ray, model, tmp_path):
    good, bad, none = tmp_path / "好.txt", tmp_path / "坏.txt", tmp_path / "无.txt"
    good.write_text("市科技局力争新增规上企业60家。", encoding="utf-8")
    bad.write_bytes("市科技局".encode("gb18030"))
    table = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": ["x", "y"], "text": ["云湖新城", None]}), table)
    problems = ray_engine.tag_with_ray([bad, good, none, table], tmp_path / "out", model, workers=1)
    assert [p.split("/")[-1] for p in problems] == [
        "坏.txt: is not UTF-8 text (byte 0)",
        "无.txt: no such file",
        "t.parquet, row 1: has no text",
    ]
    rows = rows_of(tmp_path / "out")
    assert [row["id"].split("/")[-1] for row in rows] == ["坏.txt", "好.txt", "无.txt", "x", "y"]
    assert [row["text"] for row in rows if row["problem"] is None] == [good.read_text("utf-8"), "云湖新城"]


def test_a_killed_worker_costs_nothing(ray, model, tmp_path):
    import psutil

    texts = [PLAIN[i % 5] * 40 + f"第{i}批" for i in range(40)]
    table = tmp_path / "long.parquet"
    pq.write_table(pa.table({"id": [f"d{i}" for i in range(len(texts))], "text": texts}), table)
    ended: list[object] = []

    def work():
        ended.append(ray_engine.tag_with_ray([table], tmp_path / "out", model, batch_size=1, workers=2))

    thread = threading.Thread(target=work)
    thread.start()
    victim = None
    deadline = time.monotonic() + 120
    while victim is None and thread.is_alive() and time.monotonic() < deadline:
        workers = [p for p in psutil.Process().children(recursive=True) if "TagShard" in "".join(_command(p))]
        victim = next((p for p in workers if list(tmp_path.glob(".out.*/*.parquet"))), None)  # some is done, not all
        time.sleep(0.05)
    assert victim is not None, "no worker was seen at work"
    victim.kill()
    victim.wait(30)
    assert thread.is_alive(), "the job had ended before the worker was killed"
    thread.join(300)
    assert ended == [[]]
    documents = [Document(f"d{i}", text) for i, text in enumerate(texts)]
    rows = rows_of(tmp_path / "out")
    assert [row["number"] for row in rows] == list(range(len(texts)))
    assert answers(rows) == single(model, documents, 1)


def _command(process):
    import psutil

    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_model_that_workers_cannot_load_ends_in_one_line(ray, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "a.txt").write_text("云湖新城", encoding="utf-8")
    with pytest.raises(TopnerError) as caught:
        ray_engine.tag_with_ray([tmp_path / "a.txt"], tmp_path / "out", tmp_path / "model", workers=1)
    assert "the Ray job failed: " in str(caught.value)
    assert str(tmp_path / "model") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_mistakes_are_told_before_ray_starts(model, tmp_path):
    pytest.importorskip("ray", reason="ray is not installed")
    with pytest.raises(TopnerError, match="holds no model"):
        ray_engine.tag_with_ray([tmp_path / "a.txt"], tmp_path / "out", tmp_path)
    with pytest.raises(TopnerError, match="nothing to tag"):
        ray_engine.tag_with_ray([], tmp_path / "out", model)
    pq.write_table(pa.table({"body": ["文"]}), tmp_path / "t.parquet")
    with pytest.raises(TopnerError, match="no column 'text', only body"):
        ray_engine.tag_with_ray([tmp_path / "t.parquet"], tmp_path / "out", model)
    (tmp_path / "u.parquet").write_text("不是表", encoding="utf-8")
    with pytest.raises(TopnerError, match="no parquet file"):
        ray_engine.tag_with_ray([tmp_path / "u.parquet"], tmp_path / "out", model)
    assert not (tmp_path / "out").exists()


def test_without_ray_one_line_says_what_to_install(monkeypatch, model, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(TopnerError, match=r"topner\[ray\]"):
        ray_engine.tag_with_ray([tmp_path / "a.txt"], tmp_path / "out", model)
