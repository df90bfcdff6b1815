"""Points, table and picture of a learning curve, and the script that makes them."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from topner.errors import TopnerError
from topner.evaluation.learning_curve import Point, draw, read_sizes, table
from topner.training.config import load_config

ROOT = Path(__file__).parents[2]
POINTS = [
    Point(25, 13, {"dev": {"ORG": 0.4, "micro": 0.5}}),
    Point(25, 17, {"dev": {"ORG": 0.6, "micro": 0.5}}),
    Point(100, 13, {"dev": {"ORG": 0.8, "micro": 0.9}}),
]


def test_sizes_rise_and_all_is_all():
    assert read_sizes("100, all,25", 402) == [25, 100, 402]
    assert read_sizes("all,7", 7) == [7]


@pytest.mark.parametrize("text", ["", "0", "25,", "-3", "8", "2.5", "廿", "２"])
def test_sizes_that_cannot_be(text):
    with pytest.raises(TopnerError, match="documents"):
        read_sizes(text, 7)


def test_table_has_mean_and_spread_by_size():
    lines = table(POINTS).splitlines()
    assert lines[1].split() == ["documents", "seeds", "ORG", "micro"]
    assert lines[2].split() == ["25", "2", "0.500", "±", "0.141", "0.500", "±", "0.000"]
    assert lines[3].split() == ["100", "1", "0.800", "0.900"]


def test_picture_by_its_ending(tmp_path):
    draw(POINTS, tmp_path / "c.png")
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(TopnerError, match="picture"):
        draw(POINTS, tmp_path / "c.docx")
    assert [p.name for p in tmp_path.iterdir()] == ["c.png"]


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    monkeypatch.delitem(sys.modules, "measure", raising=False)
    spec = importlib.util.spec_from_file_location("learning_curve_script", ROOT / "scripts" / "learning_curve.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("measure", None)


def test_low_resource_recipe_takes_fifty_documents_of_the_corpus(corpus, encoder, tmp_path, script):
    config = ROOT / "configs" / "low-resource.yaml"
    settings = load_config(config)
    train = json.loads((ROOT / "data" / "splits.json").read_text(encoding="utf-8"))["train"]
    assert round(settings.data.train_share * len(train)) == 50
    call = [str(config), f"data.path={corpus}", "data.splits=null", f"model.encoder={encoder}", "training.epochs=1"]
    call += ["window.size=48", "window.overlap=12", "data.shares={train: 0.5, dev: 0.5}"]
    done = CliRunner().invoke(
        script.main, [*call, "--documents", "2", "--seeds", "5", "-o", str(tmp_path / "o")], catch_exceptions=False
    )
    assert "dev, strict F1" in done.output


def test_script_trains_on_nested_subsets_and_goes_on_where_it_stopped(corpus, encoder, tmp_path, script):
    names = sorted(path.stem for path in corpus.iterdir())
    (tmp_path / "s.json").write_text(json.dumps({"train": names[:5], "dev": names[5:]}), encoding="utf-8")
    config = {
        "run": "x",
        "data": {"path": str(corpus), "splits": str(tmp_path / "s.json")},
        "window": {"size": 48, "overlap": 12},
        "model": {"encoder": str(encoder), "head": "softmax"},
        "training": {"epochs": 1, "batch_size": 4, "evaluate": "end"},
    }
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    out = tmp_path / "out"

    def call(sizes):
        return CliRunner().invoke(
            script.main,
            [str(tmp_path / "c.yaml"), "--documents", sizes, "--seeds", "3,4", "-o", str(out)],
            catch_exceptions=False,
        )

    assert call("2").exit_code == 0
    before = {p: p.stat().st_mtime_ns for p in out.glob("*/*/scores.json")}
    assert len(before) == 2
    done = call("2,all")
    assert done.exit_code == 0
    assert {p: p.stat().st_mtime_ns for p in before} == before
    points = json.loads((out / "curve.json").read_text(encoding="utf-8"))
    assert [(p["documents"], p["seed"]) for p in points] == [(2, 3), (2, 4), (5, 3), (5, 4)]
    assert (out / "curve.png").read_bytes().startswith(b"\x89PNG")
    for seed in (3, 4):
        small, large = (
            json.loads((out / f"documents-{size}" / f"seed-{seed}" / "run.json").read_text("utf-8"))["splits"]["train"]
            for size in (2, 5)
        )
        assert len(small) == 2
        assert set(small) < set(large) == set(names[:5])
