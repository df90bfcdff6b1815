"""The scripts that print figures: importable, and right about what they add up."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

SCRIPTS = Path(__file__).parents[1] / "scripts"


def load(name):
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_measure_trains_each_seed_once(corpus, encoder, tmp_path):
    measure = load("measure")
    config = {
        "run": str(tmp_path / "x"),
        "data": {"train": str(corpus), "dev": str(corpus)},
        "window": {"size": 48, "overlap": 12},
        "model": {"encoder": str(encoder), "head": "softmax"},
        "training": {"epochs": 1, "batch_size": 4, "evaluate": "end"},
    }
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    call = [
        str(tmp_path / "c.yaml"),
        "--seeds",
        "1,2",
        "--on",
        str(corpus / "gz-2024.txt"),
        "-o",
        str(tmp_path / "out"),
    ]
    first = CliRunner().invoke(measure.main, call, catch_exceptions=False)
    assert first.exit_code == 0
    assert "2 seeds" in first.output
    assert "gz-2024.txt" in first.output
    again = CliRunner().invoke(measure.main, call, catch_exceptions=False)
    assert "epoch" not in again.output
    assert again.output.split("share of")[1] == first.output.split("share of")[1]


def test_encoders_side_by_side(encoder, tmp_path):
    script = load("compare_encoders")
    (tmp_path / "set").mkdir()
    for split in ("train", "dev", "test"):
        (tmp_path / "set" / f"{split}.txt").write_text("县\tB-ORG\n委\tI-ORG\n说\tO\n", encoding="utf-8")
    out = tmp_path / "out"
    call = [f"tiny={encoder}", f"again={encoder}", "--data", f"{tmp_path / 'set'}:1", "--seeds", "1,2", "-o", str(out)]
    result = CliRunner().invoke(script.main, call, catch_exceptions=False)
    assert result.exit_code == 0
    rows = json.loads((out / "results.json").read_text())
    assert [row["test"] for row in rows["tiny"]["set"]] == [row["test"] for row in rows["again"]["set"]]
    assert (out / "table.md").read_text(encoding="utf-8").splitlines()[0] == "| encoder | set dev | set test |"
    assert (out / "encoders.png").read_bytes()[:4] == b"\x89PNG"


def test_split_sets_a_province_apart(tmp_path):
    split = load("split")
    assert split.parse_apart("province=陕西,海南") == ("province", ["陕西", "海南"])
    (tmp_path / "corpus").mkdir()
    for i in range(12):
        place = "陕西省神木市" if i < 3 else "广东省江门市"
        text = "".join(chr(0x4E00 + (i * 997 + k * 31) % 20000) for k in range(200))
        (tmp_path / "corpus" / f"d{i}.txt").write_text(
            f"---\nid: d{i}\nplace: {place}\n---\n{text}[市委](ORG)\n", "utf-8"
        )
    call = [str(tmp_path / "corpus"), "-o", str(tmp_path / "s.json"), "--apart", "province=陕西"]
    done = CliRunner().invoke(split.main, call, catch_exceptions=False)
    assert "test 3" in done.output
    kept = CliRunner().invoke(split.main, [*call[:3], "--keep"], catch_exceptions=False)
    assert sorted(kept.output.split(": ")[1].strip().split(", ")) == sorted(
        done.output.split(": ")[1].strip().split(", ")
    )


@pytest.mark.parametrize("text", ["province", "province="])
def test_apart_needs_values(text):
    with pytest.raises(load("split").click.BadParameter):
        load("split").parse_apart(text)


def test_pretraining_curves(tmp_path):
    rows = [{"step": i, "tokens": i * 1000, "loss": 5 / i, "learning_rate": 1e-3} for i in range(1, 5)]
    rows.append({"step": 4, "tokens": 4000, "held_out_perplexity": 9.0, "accuracy_han": 0.4, "accuracy_digit": 0.3})
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "log.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    script = [sys.executable, str(SCRIPTS / "plot_pretraining.py")]
    done = subprocess.run(
        [*script, *map(str, (tmp_path / "one", tmp_path / "two")), "-o", str(tmp_path / "c.png")],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "written" in done.stdout
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "two" / "log.jsonl").write_text("{broken", encoding="utf-8")
    done = subprocess.run(
        [*script, str(tmp_path / "two"), "-o", str(tmp_path / "d.png")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "line 1" in done.stderr
    assert not (tmp_path / "d.png").exists()


def finished(folder, encoder, started):
    """A pretraining run's folder as ``topner pretrain`` leaves it, with the tiny encoder as its model."""
    shutil.copytree(encoder, folder / "model")
    config = {
        "model": {"encoder": started},
        "masking": {"rate": 0.2},
        "training": {"length": 128, "learning_rate": 5e-4, "schedule": "linear", "bf16": None},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    made = {"scores": {"held_out_loss": 2.0, "held_out_perplexity": 7.39}, "trained": 3_000_000}
    (folder / "model" / "pretraining.json").write_text(json.dumps(made), encoding="utf-8")
    return folder


def test_a_shipped_encoder_keeps_its_history(encoder, tmp_path, monkeypatch):
    script = load("ship_encoder")
    table, curves, shipped = tmp_path / "table.md", tmp_path / "c.png", tmp_path / "shipped"
    table.write_text("| encoder | cluener test |\n|---|---:|\n| this | 0.700 ± 0.001 |\n", encoding="utf-8")
    curves.write_bytes(b"\x89PNG")
    for number, started in ((1, "starting"), (2, "embedded")):
        run = finished(tmp_path / f"run-{number}", encoder, started)
        call = [str(run), "--table", str(table), "--curves", str(curves), "-o", str(shipped)]
        assert CliRunner().invoke(script.main, call, catch_exceptions=False).exit_code == 0
        assert [p["from"] for p in json.loads((shipped / "pretraining.json").read_text())["phases"]] == [
            "starting",
            "",
        ][:number]
    written = (shipped / "README.md").read_text(encoding="utf-8")
    assert "6.0 M tokens in all" in written
    assert "| 2 | 3.0 M | 128 | 20% | 0.0005 | linear | 7.39 |" in written
    assert "0.700 ± 0.001" in written
    (run / "model" / "pretraining.json").unlink()
    unfinished = CliRunner().invoke(script.main, call)
    assert "no model yet" in str(unfinished.exception)
