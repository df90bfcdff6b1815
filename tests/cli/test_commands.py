"""The command line from outside: what it prints, writes and returns."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def topner(*arguments, stdin=None):
    command = [sys.executable, "-c", "from topner.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, input=stdin, check=False, cwd=ROOT)


@pytest.fixture(scope="module")
def model(corpus, encoder, tmp_path_factory):
    """A tagger trained through the command line."""
    folder = tmp_path_factory.mktemp("cli")
    values = {
        "run": str(folder / "run"),
        "data": {"train": str(corpus), "dev": str(corpus)},
        "window": {"size": 48, "overlap": 12},
        "model": {"encoder": str(encoder), "head": "crf"},
        "training": {"epochs": 1, "batch_size": 4, "learning_rate": 3e-3, "head_learning_rate": 1e-2},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    done = topner("train", folder / "config.yaml", "training.epochs=10", "training.evaluate=end")
    assert done.returncode == 0, done.stderr.decode()
    assert "dev: 8 documents" in done.stdout.decode()
    return folder / "run" / "model"


def test_help_loads_no_torch():
    code = (
        "import sys; sys.argv = ['topner', '--help']\n"
        "from topner.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'transformers', 'datasets', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    for command in ("convert", "train", "evaluate", "predict"):
        assert command in done.stdout.decode()


def test_predict_reads_files_and_names_what_it_cannot_read(model, tmp_path):
    good, bad = tmp_path / "好.txt", tmp_path / "坏.txt"
    good.write_text("市科技局力争新增规上企业60家。", encoding="utf-8")
    bad.write_bytes(bytes(range(256)))
    done = topner("predict", good, bad, tmp_path / "none.txt", "--model", model)
    assert done.returncode == 1
    (record,) = map(json.loads, done.stdout.decode().splitlines())
    assert record["id"] == str(good)
    assert all(record["text"][e["start"] : e["end"]] == e["text"] for e in record["entities"])
    errors = done.stderr.decode()
    assert "坏.txt: is no text in UTF-8" in errors
    assert "none.txt: no such file" in errors
    assert "Traceback" not in errors


def test_predict_reads_standard_input_and_writes_a_file_whole(model, tmp_path):
    done = topner("predict", "--model", model, "-o", tmp_path / "out.jsonl", stdin="云湖新城😀".encode())
    assert (done.returncode, done.stdout) == (0, b"")
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["text"] == "云湖新城😀"
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_evaluate_writes_the_report(model, corpus, tmp_path):
    done = topner("evaluate", model, corpus, "-o", tmp_path / "report")
    assert done.returncode == 0, done.stderr.decode()
    metrics = json.loads((tmp_path / "report/metrics.json").read_text(encoding="utf-8"))
    assert metrics["schema_version"] == 1
    assert f"{metrics['strict']['micro']['f1']:.3f}" in done.stdout.decode()
    assert (tmp_path / "report/report.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "--model", "nowhere"], "nowhere: holds no model"),
        (["train", "nowhere.yaml"], "nowhere.yaml: no such file"),
        (["evaluate", "nowhere", "data", "-o", "x"], "nowhere: holds no model"),
        (["train", "configs/smoke.yaml", "training.epoch=1"], "training.epoch"),
    ],
)
def test_mistakes_end_in_one_line(arguments, message):
    done = topner(*arguments, stdin=b"")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("topner: ")
    assert message in line
