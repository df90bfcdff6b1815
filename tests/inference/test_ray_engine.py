"""Ray gives what one process gives, whatever happens to its workers."""

import threading
import time

import docx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from topner.errors import TopnerError
from topner.inference import ray_engine
from topner.inference.files import tag_files
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.sources.read import AS_FOUND, Reading
from topner.sources.remarks import Remarks
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


def single(model, paths, batch_size, reading=AS_FOUND):
    """The answers of one process, and what it says of the files."""
    remarks = Remarks()
    tagger = Tagger.from_pretrained(model)
    records = [d.to_json() for d in tag_files(tagger, paths, batch_size, remarks, reading)]
    return [(r["id"], r["text"], r["entities"]) for r in records], list(remarks.lines())


def test_shards_cover_everything_once_in_whole_batches():
    counts = [("a.txt", 1), ("t.csv", 50), ("broken.pdf", 0), ("b.txt", 1), ("t.csv", 50)]
    found = list(ray_engine.shards(counts, 3))
    sizes = [sum(p.stop - p.start for p in shard.pieces) for shard in found]
    assert sizes == [24, 24, 24, 24, 6]
    assert [shard.first for shard in found] == [0, 24, 48, 72, 96]
    rows = [(p.name, i) for shard in found for p in shard.pieces for i in range(p.start, p.stop)]
    assert rows == [(name, i) for name, count in counts for i in range(count)]
    many = list(ray_engine.shards([("t.csv", 10**6)], 16))
    assert len(many) <= 1000
    assert all((shard.first % 16, shard.pieces[0].start) == (0, shard.first) for shard in many)


def everything(folder):
    """A file of every kind that is read, and of some that are not."""
    folder.mkdir()
    for i, text in enumerate(PLAIN):
        (folder / f"文{i}.txt").write_bytes(text.encode("gb18030" if i == 1 else "utf-8"))
    document = docx.Document()
    document.add_paragraph(PLAIN[0])
    document.save(folder / "a.docx")
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(folder / "b.pdf"))
    canvas.setFont("STSong-Light", 12)
    canvas.drawString(72, 700, PLAIN[3][:20])
    canvas.showPage()
    canvas.rect(72, 72, 400, 600, fill=1)  # a page without text
    canvas.showPage()
    canvas.save()
    (folder / "c.html").write_text(f"<html><body><p>{PLAIN[4]}</p></body></html>", encoding="utf-8")
    (folder / "d.docx").write_bytes(b"PK\x03\x04")
    texts = [PLAIN[i % 5].strip() + f"第{i}项目增长{i}%。" for i in range(60)]
    pq.write_table(pa.table({"正文": texts, "other": range(60)}), folder / "e.parquet", row_group_size=7)
    rows = "".join(f'{i % 40},"{text}"\n' for i, text in enumerate(texts))
    (folder / "f.csv").write_text(f"id,text\n{rows}", encoding="utf-8")
    (folder / "g.jsonl").write_text('{"text": "云湖新城"}\n{"text": 5}\n{"text": "增长5%"}\n', encoding="utf-8")
    return sorted(folder.iterdir())


def test_files_of_every_kind_as_one_process_would(ray, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    everything(tmp_path / "in")
    paths = [path.relative_to(tmp_path) for path in sorted((tmp_path / "in").iterdir())]
    expected, said = single(model, paths, 2)
    remarks = Remarks()
    ray_engine.tag_with_ray(paths, tmp_path / "out", remarks, model, batch_size=2, workers=2)
    rows = rows_of(tmp_path / "out")
    assert [row["number"] for row in rows] == list(range(len(expected)))
    assert answers(rows) == expected
    assert len(rows) == 4 + 3 + 60 + 60 + 2
    assert sum(len(row["entities"]) for row in rows) > 100
    assert list(remarks.lines()) == said
    assert [line.split(":")[0] for line in said] == [
        "read as GB18030", "in/b.pdf", "in/f.csv", "in/d.docx", "in/g.jsonl, row 1", "in/文2.txt",
    ]  # fmt: skip
    assert pq.read_schema(next((tmp_path / "out").iterdir())).names == ray_engine.SCHEMA.names


def test_reading_and_thresholds_go_along(ray, model, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(f"号,句,text\n甲,{PLAIN[0]},x\n".encode("gb18030"))
    reading, remarks = Reading.of("句", "号", "gb18030"), Remarks()
    least = dict.fromkeys(LabelSchema().names, 1.0)
    ray_engine.tag_with_ray([path], tmp_path / "out", remarks, model, reading=reading, thresholds=least, workers=1)
    assert answers(rows_of(tmp_path / "out")) == [("甲", PLAIN[0], [])]
    assert answers(rows_of(tmp_path / "out"))[0][:2] == single(model, [path], 16, reading)[0][0][:2]


def test_when_nothing_can_be_read_the_answer_is_empty(ray, model, tmp_path):
    remarks = Remarks()
    ray_engine.tag_with_ray([tmp_path / "无.txt"], tmp_path / "out", remarks, model, workers=1)
    assert remarks.problems == [f"{tmp_path / '无.txt'}: no such file"]
    assert rows_of(tmp_path / "out") == []


def test_a_killed_worker_costs_nothing(ray, model, tmp_path):
    import psutil

    texts = [PLAIN[i % 5] * 40 + f"第{i}批" for i in range(40)]
    table = tmp_path / "long.parquet"
    pq.write_table(pa.table({"id": [f"d{i}" for i in range(len(texts))], "text": texts}), table)
    ended, remarks = list[object](), Remarks()

    def work():
        ended.append(ray_engine.tag_with_ray([table], tmp_path / "out", remarks, model, batch_size=1, workers=2))

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
    assert (ended, list(remarks.lines())) == ([None], [])
    rows = rows_of(tmp_path / "out")
    assert [row["number"] for row in rows] == list(range(len(texts)))
    assert answers(rows) == single(model, [table], 1)[0]


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
        ray_engine.tag_with_ray([tmp_path / "a.txt"], tmp_path / "out", Remarks(), tmp_path / "model", workers=1)
    assert "the Ray job failed: " in str(caught.value)
    assert str(tmp_path / "model") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_mistakes_are_told_before_ray_starts(model, tmp_path):
    pytest.importorskip("ray", reason="ray is not installed")
    with pytest.raises(TopnerError, match="holds no model"):
        ray_engine.tag_with_ray([tmp_path / "a.txt"], tmp_path / "out", Remarks(), tmp_path)
    with pytest.raises(TopnerError, match="nothing to tag"):
        ray_engine.tag_with_ray([], tmp_path / "out", Remarks(), model)
    assert not (tmp_path / "out").exists()


def test_without_ray_one_line_says_what_to_install(monkeypatch, model, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(TopnerError, match=r"topner\[ray\]"):
        ray_engine.tag_with_ray([tmp_path / "a.txt"], tmp_path / "out", Remarks(), model)
