"""``topner compare`` from outside."""

import json
import subprocess
import sys

import pytest

from topner.document import Document
from topner.evaluation.predictions import PREDICTIONS, write_predictions

TEXT = "县水利局力争新增灌溉面积3万亩，清河水库２０２６年汛前完工😀。"
GOLD = [Document.from_spans(f"文{i}", TEXT, [(0, 4, "ORG"), (6, 15, "TARGET"), (16, 20, "PROJECT")]) for i in range(12)]


def topner(*arguments):
    command = [sys.executable, "-c", "from topner.cli import main; main()", "compare", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False)


def predicted(skip):
    return [one.with_mentions(m for j, m in enumerate(one.mentions) if (i + j) % skip) for i, one in enumerate(GOLD)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A training run that finds half of the mentions and one that finds nine in ten; the second again in a file alone."""
    folder = tmp_path_factory.mktemp("runs")
    for name, skip in (("weak", 2), ("strong", 10)):
        (folder / name / "evaluation/dev").mkdir(parents=True)
        write_predictions(folder / name / "evaluation/dev" / PREDICTIONS, GOLD, predicted(skip))
    for name, documents in (("gold", GOLD), ("strong", predicted(10))):
        lines = (json.dumps(one.to_json()) + "\n" for one in documents)
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def test_better(runs, tmp_path):
    done = topner(runs / "weak", runs / "strong", "--resamples", 500, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr.decode()
    *lines, verdict = done.stdout.decode().splitlines()
    assert lines[:3] == [
        f"A: {runs}/weak/evaluation/dev",
        f"B: {runs}/strong/evaluation/dev",
        f"report: {tmp_path}/out/compare.html",
    ]
    assert verdict.startswith("B is better than A on 12 documents: strict micro F1 0.")
    record = json.loads((tmp_path / "out/compare.json").read_text(encoding="utf-8"))
    assert (record["verdict"], record["sentence"]) == ("better", verdict)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["changes.csv", "compare.html", "compare.json"]


def test_file_with_gold_and_common(runs, tmp_path):
    part = tmp_path / "part.jsonl"
    part.write_text("".join((runs / "strong.jsonl").read_text(encoding="utf-8").splitlines(True)[1:]), encoding="utf-8")
    done = topner(runs / "strong.jsonl", part, "--gold", runs / "gold.jsonl", "--common", "--resamples", 100)
    assert done.returncode == 0, done.stderr.decode()
    out = done.stdout.decode()
    assert f"gold: {runs}/gold.jsonl: 36 annotations, nothing lost" in out
    assert "left out, not in all runs: 1 document, the first is '文0'" in out
    assert out.endswith("A and B predict the same on 11 documents: strict micro F1 0.952.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["weak", "nowhere"], "nowhere: no such file or folder"),
        (["weak", "strong", "--split", "test"], "has no evaluation 'test', but dev (name another with --split)"),
        (["weak,strong", "strong"], "2 runs cannot be paired with 1"),
        (["weak", "strong.jsonl"], "strong.jsonl, line 1: document '文0' has no list 'gold'"),
        (["weak", "strong", "--labels", "ORG"], "'TARGET', the labels are ORG"),
    ],
)
def test_mistakes_end_in_one_line(runs, arguments, message):
    named = [",".join(str(runs / name) for name in word.split(",")) for word in arguments[:2]]
    done = topner(*named, *arguments[2:])
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("topner: ")
    assert message in line
