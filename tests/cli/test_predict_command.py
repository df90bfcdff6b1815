"""topner predict on files of every kind, killed and resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest
import torch
from click.testing import CliRunner
from transformers import AutoTokenizer

from topner.cli.predict import predict_command
from topner.inference.journal import journal_path
from topner.inference.tagger import settings_of
from topner.labels import LabelSchema
from topner.model.tagger_model import new_model, save_model
from topner.text.clean import CleanConfig

SENTENCE = "市科技局力争新增规上企业60家，推进云湖新城建设。"


@pytest.fixture(scope="module")
def model(encoder, tmp_path_factory):
    """An untrained tagger, biased so that it finds mentions everywhere."""
    torch.manual_seed(11)
    network = new_model(str(encoder), LabelSchema(), "crf", "eager")
    with torch.no_grad():
        network.network.classifier.weight.normal_(std=3.0)
    folder = tmp_path_factory.mktemp("predict") / "model"
    save_model(network, AutoTokenizer.from_pretrained(encoder), folder, settings_of(CleanConfig(), 48, 12))
    return folder


def command(*arguments):
    return [sys.executable, "-c", "from topner.cli import main; main()", "predict", *map(str, arguments)]


def predict(*arguments, stdin=None):
    return subprocess.run(command(*arguments), capture_output=True, check=False, input=stdin)


def put_texts(folder, count):
    folder.mkdir(parents=True)
    for i in range(count):
        (folder / f"{i:03}.txt").write_text(SENTENCE * (1 + i % 7) + f"增长{i}%。", encoding="utf-8")
    return folder


def test_a_folder_of_everything(model, tmp_path):
    folder = put_texts(tmp_path / "in", 2)
    (folder / "gb.txt").write_bytes((SENTENCE * 3).encode("gb18030"))
    (folder / "rows.csv").write_text(f"编号,正文\n甲,{SENTENCE}\n乙,增长5%\n", encoding="utf-8")
    (folder / "page.html").write_text(f"<html><body><p>{SENTENCE}</p></body></html>", encoding="utf-8")
    (folder / "empty.txt").touch()
    (folder / "broken.docx").write_bytes(b"PK\x03\x04")
    output = folder / "out.jsonl"
    first = predict(folder, "--model", model, "-o", output)
    assert first.returncode == 1
    assert first.stdout == b""
    errors = first.stderr.decode().splitlines()
    assert [line.replace(str(folder), "in").partition(" (")[0] for line in errors] == [
        "topner: read as GB18030: in/gb.txt",
        "topner: in/broken.docx: is broken: File is not a zip file",
        "topner: in/empty.txt: is empty",
    ]
    records = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [record["id"].rpartition("/")[2] for record in records] == [
        "000.txt", "001.txt", "gb.txt", "page.html", "甲", "乙",
    ]  # fmt: skip
    for record in records:
        assert set(record) == {"id", "text", "entities"}
        assert all(record["text"][e["start"] : e["end"]] == e["text"] for e in record["entities"])
    assert any(record["entities"] for record in records)
    written = output.read_bytes()
    assert predict(folder, "--model", model, "-o", output).returncode == 1
    assert output.read_bytes() == written, "the output is no input of the next run"


def test_killed_and_resumed(model, tmp_path):
    folder = put_texts(tmp_path / "in", 120)
    whole, output = tmp_path / "whole.csv", tmp_path / "out.csv"
    options = ["--model", model, "--batch-size", 4]
    assert predict(folder, *options, "-o", whole).returncode == 0
    journal = journal_path(output)
    kills = 0
    for lines in (20, 60):
        process = subprocess.Popen(command(folder, *options, "--resume", "-o", output))
        while process.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") < lines):
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        assert not output.exists() or process.returncode == 0
    assert kills, "it was too quick to be killed"
    done = predict(folder, *options, "--resume", "-o", output)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.csv.done", "in", "out.csv", "whole.csv"]
    done = predict(folder, *options, "--resume", "-o", output)
    assert (done.returncode, done.stderr.decode()) == (
        0,
        f"topner: {output} is complete; leave out --resume to write it anew\n",
    )
    (folder / "late.txt").write_text(SENTENCE, encoding="utf-8")
    done = predict(folder, *options, "--resume", "-o", output)
    assert (done.returncode, done.stderr.decode()) == (
        0,
        f"topner: {output}: {folder / 'late.txt'} is new, all is tagged anew\n",
    )
    assert output.read_bytes().startswith(whole.read_bytes())


def test_thresholds(model, tmp_path):
    (tmp_path / "a.txt").write_text(SENTENCE * 3, encoding="utf-8")

    def scores(*options):
        done = predict(tmp_path / "a.txt", "--model", model, *options)
        assert done.returncode == 0, done.stderr.decode()
        return [(e["label"], e["score"]) for e in json.loads(done.stdout)["entities"]]

    everything = scores()
    ordered = sorted(score for _, score in everything)
    _, middle = max((b - a, (a + b) / 2) for a, b in pairwise(ordered))  # far from any score as it was rounded
    some = scores("--threshold", middle)
    assert some == [entity for entity in everything if entity[1] >= middle]
    assert 0 < len(some) < len(everything)
    label = some[0][0]
    assert scores("--threshold", middle, "--threshold", f"{label}=0") == [
        (name, score) for name, score in everything if name == label or score >= middle
    ]
    for word, message in (("X=0.5", "'X'"), ("0,5", "'0,5' is no number"), ("2", "is 2.0"), ("nan", "is nan")):
        done = predict(tmp_path / "a.txt", "--model", model, "--threshold", word)
        (line,) = done.stderr.decode().splitlines()
        assert done.returncode == 1
        assert message in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "out.tsv"], "out.tsv: '.tsv' says no format"),
        (["--format", "xlsx"], "xlsx is written to files only"),
        (["--encoding", "klingon"], "there is no encoding 'klingon'"),
        (["-o", "."], "is a folder"),
    ],
)
def test_mistakes_are_told_before_the_work(arguments, message, tmp_path):
    done = predict(*arguments, "--model", tmp_path / "none", stdin=b"")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert message in line


def test_resume_needs_an_output(model):
    done = predict("--resume", "--model", model, stdin=SENTENCE.encode())
    assert done.returncode == 2
    assert "--resume needs -o" in done.stderr.decode()


def test_ray_needs_files_and_a_folder_and_names_what_it_could_not_read(model, monkeypatch, tmp_path):
    called = []

    def tag_with_ray(sources, output, remarks, model, **options):
        called.append((list(sources), output, model, options["batch_size"], options["thresholds"]))
        remarks.problems.append("报告.txt: is not text")

    monkeypatch.setattr("topner.inference.ray_engine.tag_with_ray", tag_with_ray)
    for words in (["报告.txt"], ["-", "-o", "out"], ["-o", "out"], ["a", "-o", "out", "--resume"]):
        assert CliRunner().invoke(predict_command, [*words, "--engine", "ray"]).exit_code == 2
    assert called == []
    put_texts(tmp_path / "in", 2)
    (tmp_path / "in" / "出").mkdir()
    (tmp_path / "in" / "出" / "old.parquet").write_bytes(b"PAR1")
    out = tmp_path / "in" / "出"
    words = [str(tmp_path / "in"), "-o", str(out), "--engine", "ray", "--model", str(model), "--threshold", "ORG=0.5"]
    result = CliRunner().invoke(predict_command, words)
    assert result.exit_code == 1, result.output
    assert "topner: 报告.txt: is not text" in result.output
    texts = [tmp_path / "in" / name for name in ("000.txt", "001.txt")]
    assert called == [(texts, out, model, 16, {"ORG": 0.5})], "an earlier output in the folder is no input"
