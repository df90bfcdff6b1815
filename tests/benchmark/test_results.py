"""Medians, ratios within a round, the record, the table and the picture."""

import json

import pytest

from topner.benchmark.measure import Loaded, Turn
from topner.benchmark.report import draw, markdown
from topner.benchmark.results import Results
from topner.errors import TopnerError

ORDER = ["topner, torch bf16", "transformers pipeline, batch 1", "LAC", "spaCy, one text a call"]


def turn(speed, latencies=(), padding=None):
    return Turn(int(1000 * speed), 1000.0, 5 * 10**8, list(latencies), padding)


@pytest.fixture
def results():
    found = Results("tagging", {"characters": 9, "call_length": 500, "device": "cpu"}, ORDER[1], "characters")
    found.peaks, found.flops, found.same_weights = {"fp32": 1e4, "bf16": 1e5}, 50.0, frozenset(ORDER[:2])
    found.machine = {
        "cpu": "Some CPU",
        "cores": 2,
        "amx": True,
        "load": 3.5,
        "threads": 2,
        "device": "cpu",
        "versions": {"torch": "2"},
    }
    # the machine slows down by half after the first round: ratios must not notice
    for number, pace in enumerate((1.0, 0.5, 0.5)):
        found.turns.append((number, ORDER[0], turn(800 * pace, [0.1, 0.2, 0.3], 0.05)))
        found.turns.append((number, ORDER[1], turn(200 * pace)))
    found.turns.append((2, ORDER[2], turn(900)))
    found.f1 = {ORDER[0]: 0.75}
    found.loaded = {ORDER[0]: Loaded(52_000_000, "bf16"), ORDER[1]: Loaded(52_000_000, "fp32"), ORDER[2]: Loaded()}
    found.left_out = {ORDER[3]: "not installed: pip install spacy"}
    return found


def test_ratios_are_of_one_round(results):
    ours, reference, lac = results.rows(ORDER)
    assert (ours.speed.median, ours.speed.low, ours.speed.high) == (400, 400, 800)
    assert (ours.ratio.median, ours.ratio.low, ours.ratio.high) == (4, 4, 4)
    assert reference.ratio.median == 1
    assert lac.ratio.median == 9
    assert (ours.p50, ours.padding, ours.f1, ours.rounds) == (0.2, 0.05, 0.75, 3)
    assert ours.p95 == pytest.approx(0.3)
    assert ours.utilisation == pytest.approx(400 * 50 / 1e5)
    assert reference.utilisation == pytest.approx(100 * 50 / 1e4), "by what its own precision allows"
    assert (ours.size, lac.size) == (52_000_000, None)
    assert (lac.utilisation, lac.p50, lac.f1) == (None, None, None)


def test_the_record_is_read_back_as_it_was(results, tmp_path):
    results.write(tmp_path, ORDER)
    record = json.loads((tmp_path / "benchmark.json").read_text(encoding="utf-8"))
    assert set(record) == {
        "schema_version", "kind", "settings", "reference", "unit", "machine", "peaks", "flops_per_unit", "contenders",
        "left_out", "f1", "loaded", "turns",
    }  # fmt: skip
    assert record["contenders"][0]["ratio"] == {"median": 4, "low": 4, "high": 4}
    assert record["left_out"] == [{"name": ORDER[3], "reason": "not installed: pip install spacy"}]
    fresh = Results("tagging", dict(results.settings), ORDER[1], "characters")
    again = Results.resumed(fresh, tmp_path)
    assert (again.turns, again.f1, again.peaks) == (results.turns, results.f1, results.peaks)
    assert again.loaded == results.loaded != {}
    assert Results.resumed(fresh, tmp_path / "nothing here") is fresh


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r["settings"].update(device="cuda"), "other settings (device)"),
        (lambda r: r.update(kind="training"), "other settings (kind)"),
        (lambda r: r.pop("turns"), "is no benchmark"),
        (lambda r: r["turns"][0].update(colour="red"), "is no benchmark"),
    ],
)
def test_another_benchmark_is_not_mixed_in(results, tmp_path, change, message):
    results.write(tmp_path, ORDER)
    record = json.loads((tmp_path / "benchmark.json").read_text(encoding="utf-8"))
    change(record)
    (tmp_path / "benchmark.json").write_text(json.dumps(record), encoding="utf-8")
    fresh = Results("tagging", dict(results.settings), ORDER[1], "characters")
    with pytest.raises(TopnerError) as caught:
        Results.resumed(fresh, tmp_path)
    assert message in str(caught.value)


def test_the_table_says_everything_needed_to_judge_it(results):
    text = markdown(results, ORDER)
    (row,) = [line for line in text.splitlines() if line.startswith("| topner")]
    assert "| 400 (400 to 800) | 4.00× (4.00 to 4.00) | 200 ms | " in row
    assert "| 500 MB | 52 MB | 5.0% | 20.0% | 0.7500 |" in row
    assert "Left out: spaCy, one text a call (not installed: pip install spacy)." in text
    assert "Some CPU, 2 cores, with AMX, 2 threads, load 3.5 before; " in text
    assert "topner, torch bf16: 4.00× (4.00 to 4.00) the speed of transformers pipeline, batch 1" in text
    assert "random" not in text
    assert "LAC and spaCy run small networks" in text
    results.f1, results.settings["fresh_head"] = {}, True
    assert "F1" not in markdown(results, ORDER)
    assert "random" in markdown(results, ORDER)


def test_the_picture_is_written_whole(results, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    draw(results, ORDER, tmp_path / "benchmark.png")
    assert (tmp_path / "benchmark.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["benchmark.png"]


def test_without_matplotlib_one_line_says_what_to_install(results, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(TopnerError, match=r"topner\[benchmark\]"):
        draw(results, ORDER, tmp_path / "benchmark.png")
