"""The way round through the command line: choose, review as a person would, merge."""

import csv
import json

import pytest
import torch
from suggest_cases import topner
from transformers import AutoTokenizer

from topner.inference.tagger import settings_of
from topner.labels import LabelSchema
from topner.model.tagger_model import new_model, save_model
from topner.text.clean import CleanConfig

TEXTS = {
    "水利": "市水利局介绍，清河水库加固后汛前完工。力争增长5%，加快云湖新城建设。",
    "科技": "市科技局争取引进2个科研团队，办好“科创杯”大赛，让群众看得见变化。",
    "空": "\n",
}


@pytest.fixture(scope="module")
def model(encoder, tmp_path_factory):
    """An untrained tagger, biased so that it finds mentions everywhere."""
    torch.manual_seed(11)
    network = new_model(str(encoder), LabelSchema(), "crf", "eager")
    with torch.no_grad():
        network.network.classifier.weight.normal_(std=3.0)
    folder = tmp_path_factory.mktemp("suggest") / "model"
    save_model(network, AutoTokenizer.from_pretrained(encoder), folder, settings_of(CleanConfig(), 48, 12))
    return folder


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def test_choose_review_merge(model, raw, tmp_path):
    tasks, corpus = tmp_path / "tasks.json", tmp_path / "corpus"
    done = topner("suggest", "choose", raw, "--model", model, "-n", 2, "-o", tasks)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "chosen 2 of 3; blank 1" in done.stdout.decode()
    assert {path.name for path in tmp_path.iterdir()} == {
        "raw", "tasks.json", "tasks.json.labels.xml", "tasks.json.choice.csv",
    }  # fmt: skip
    with (tmp_path / "tasks.json.choice.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert [row["rank"] for row in csv.DictReader(handle)] == ["1", "2", ""]

    export = json.loads(tasks.read_text(encoding="utf-8"))
    for number, task in enumerate(
        export
    ):  # the reviewer takes the first task as it is and the first mention off the other
        task["annotations"] = [{"result": task["predictions"][0]["result"][number:]}]
    (tmp_path / "export.json").write_text(json.dumps(export), encoding="utf-8")
    corpus.mkdir()
    done = topner("suggest", "review", tmp_path / "export.json", "-o", tmp_path / "report", "--merge", corpus)
    assert (done.returncode, done.stderr) == (0, b"")
    record = json.loads((tmp_path / "report/review.json").read_text(encoding="utf-8"))
    assert (record["reviewed"], record["by_label"]["all"]["deleted"]) == (2, 1)
    assert record["models"] == [export[0]["predictions"][0]["model_version"]]
    assert {path.stem for path in corpus.iterdir()} == {"水利", "科技"}
    assert "annotated: reviewed" in (corpus / "水利.txt").read_text(encoding="utf-8")

    done = topner("suggest", "review", tasks, tmp_path / "export.json", "--merge", corpus)
    assert done.returncode == 1
    assert "nothing was merged, 2 of 2 documents refused" in done.stderr.decode()
    done = topner("suggest", "choose", raw, "--model", model, "--corpus", corpus)
    assert done.returncode == 1
    assert "there is nothing to choose from" in done.stderr.decode()


def test_what_was_not_changed_is_accepted(model, raw, tmp_path):
    done = topner("suggest", "choose", raw, "--model", model, "--format", "brat", "-o", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, b"")
    done = topner("suggest", "review", tmp_path / "out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "2 documents reviewed, suggested by topner 0.1.0 " in done.stdout.decode()


def test_one_bad_file_does_not_stop_the_rest(model, raw, tmp_path):
    (raw / "坏.txt").write_bytes(bytes(range(256)))
    done = topner("suggest", "choose", raw, "--model", model, "--format", "jsonl", "-o", tmp_path / "out.jsonl")
    assert done.returncode == 1
    assert "坏.txt: is no text in UTF-8" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert len((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_a_bad_target_is_refused_before_the_work(raw, tmp_path):
    done = topner("suggest", "choose", raw, "--model", tmp_path / "no model", "-o", tmp_path)
    assert done.returncode == 1
    assert "is a folder, label-studio makes one file" in done.stderr.decode()
