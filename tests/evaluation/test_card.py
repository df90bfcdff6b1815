"""The measured parts of a model card, and the script that ships a tagger with it."""

import importlib.util
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from topner.document import Document, Mention
from topner.evaluation.card import calibration_table, recipe_list, seeds_table, thresholds_table
from topner.evaluation.fit_confidence import fit
from topner.inference.tagger import Tagger
from topner.model.confidence import KEY
from topner.training.config import load_config
from topner.training.train import train

SHIP = Path(__file__).parents[2] / "scripts" / "ship_tagger.py"


def boastful(seed):
    """Documents whose predictions are right less often than their scores say."""
    rng = random.Random(seed)
    gold, predicted = [], []
    for d in range(10):
        spans = [Mention(4 * i, 4 * i + 3, "ORG", "县委办", round(rng.uniform(0.5, 1), 4)) for i in range(20)]
        predicted.append(Document(f"文{d}", "县委办，" * 20, tuple(spans)))
        kept = tuple(replace(m, score=None) for m in spans if rng.random() < m.score**4)
        gold.append(Document(f"文{d}", "县委办，" * 20, kept))
    return gold, predicted


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_seeds_are_summed_up_by_data_set():
    rows = [{"dev": {"TARGET": 0.8, "micro": 0.7}, "真实": {"TARGET": 0.5, "micro": 0.6}}]
    rows.append({"dev": {"TARGET": 0.9, "micro": 0.7}, "真实": {"TARGET": 0.5, "micro": 0.4}})
    table = seeds_table(rows).splitlines()
    assert cells(table[0]) == ["on", "TARGET", "micro"]
    assert cells(table[2]) == ["dev", "0.850 ± 0.071", "0.700 ± 0.000"]
    assert cells(table[3]) == ["真实", "0.500 ± 0.000", "0.500 ± 0.141"]


def test_calibration_is_told_on_documents_that_were_not_fitted_on():
    fits = fit(*boastful(1), ["ORG"])
    rows = [cells(line) for line in calibration_table(fits, {"另一批": boastful(2)}).splitlines()[2:]]
    assert [row[:3] for row in rows] == [["另一批", "ORG", "200"], ["另一批", "micro", "200"]]
    before, after = float(rows[0][3]), float(rows[0][4])
    assert after < before / 2
    assert float(rows[0][5]) < float(rows[0][6])  # the more is reviewed, the better is what passes


def test_thresholds_reach_the_precision_on_the_documents_fitted_on():
    gold, predicted = boastful(3)
    fits = fit(gold, predicted, ["ORG"])
    row = cells(thresholds_table(fits, (gold, predicted), (0.6, 0.999)).splitlines()[2])
    least = float(row[1])
    scored = [
        (float(fits.maps["ORG"](m.score)), m.key in {g.key for g in one.mentions})
        for one, other in zip(gold, predicted, strict=True)
        for m in other.mentions
    ]
    passing = [right for score, right in scored if score >= least - 0.0005]
    assert sum(passing) / len(passing) == pytest.approx(0.6, abs=0.02)
    wrong = [document.with_mentions(()) for document in gold]
    assert cells(thresholds_table(fits, (wrong, predicted), (0.6,)).splitlines()[2])[1] == "none"


def test_the_recipe_leaves_out_what_is_not_set():
    config = {"noise": {"share": 0.3}, "model": {"head": "crf", "dropout": None}, "run": "runs/x", "window": {}}
    assert recipe_list(config) == "- noise: share 0.3\n- model: head crf"


def test_a_run_is_shipped_with_a_card_of_what_was_measured(settings, tmp_path):
    settings["training"] |= {"epochs": 30, "evaluate": "end"}
    path = tmp_path / "train.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    run, splits = train(load_config(path))
    measured = tmp_path / "measured" / "seed-3"
    measured.mkdir(parents=True)
    scores = {"scores": {"dev": {"TARGET": 0.5, "micro": 0.25}}}
    (measured / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("ship_tagger_script", SHIP)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    shipped = tmp_path / "shipped"
    call = [str(run.path), "--measured", str(measured.parent), "--encoder", "a tiny one", "-o", str(shipped)]
    call += ["--config", "configs/自己的.yaml", "--data", "the tiny corpus"]
    done = CliRunner().invoke(script.main, call, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    card = (shipped / "README.md").read_text(encoding="utf-8")
    assert "| dev | 0.500 | 0.250 |" in card
    assert "| no punctuation |" in card
    assert f"{len(splits['train'])} documents: the tiny corpus" in card
    assert "`configs/自己的.yaml`, seed 3" in card
    assert KEY in json.loads((shipped / "topner.json").read_text(encoding="utf-8"))
    sums = (shipped / "SHA256SUMS").read_text(encoding="utf-8")
    assert {line.split()[1] for line in sums.splitlines()} >= {"model.safetensors", "topner.json", "README.md"}
    tagger = Tagger.from_pretrained(shipped)
    assert any(document.mentions for document in tagger.pipe(splits["train"]))
