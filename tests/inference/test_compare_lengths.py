"""The script that compares speed and memory by the length of texts, on a tiny model."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from topner.benchmark.tagging import fresh_head

SCRIPT = Path(__file__).parents[2] / "scripts" / "compare_lengths.py"


@pytest.fixture(scope="module")
def model(encoder, tmp_path_factory):
    return fresh_head(str(encoder), tmp_path_factory.mktemp("lengths") / "model")


@pytest.fixture
def text(tmp_path):
    (tmp_path / "a.txt").write_text("市科技局力争新增规上企业60家😀。\n推进云湖新城建设。\n" * 30, encoding="utf-8")
    return tmp_path / "a.txt"


def call(*arguments):
    done = subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_the_journal_has_is_not_measured_again(model, text, tmp_path):
    journal = tmp_path / "L.jsonl"
    common = [model, text, "--characters", 1000, "--without-network", "--journal", journal]
    first = call(*common)
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    assert [line["found"]["done"] for line in lines][:2] == [1000, 1000]
    assert 900 < lines[2]["found"]["done"] < 1000, "line ends are taken out"
    assert len(first.splitlines()) == 4
    lines[1]["found"]["mentions"] = 777
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert call(*common).splitlines()[2].split()[3] == "777"


def test_a_measurement_is_broken_off(model, text):
    found = json.loads(call(model, text, "--characters", 200_000, "--kind", "long", "--seconds", 0.2))
    assert found["mentions"] is None
    assert 0 < found["done"] < 200_000
    whole = json.loads(call(model, text, "--characters", 2000, "--kind", "long", "--seconds", 100))
    assert (whole["done"], whole["mentions"] is None) == (2000, False)
