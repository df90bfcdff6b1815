"""The whole benchmark in processes of its own: turns, failures, resumption, both kinds."""

import json

import pytest
from click.testing import CliRunner
from pretended_contenders import (
    Pretence,
    open_dying,
    open_failing,
    open_prepared,
    open_steady,
    prepare,
    prepare_in_vain,
    pretended_facts,
    pretended_peaks,
)

from topner.benchmark import run as run_module
from topner.benchmark.measure import Contender, Loaded
from topner.benchmark.results import Results
from topner.benchmark.run import run_rounds
from topner.cli.benchmark import benchmark_command
from topner.errors import TopnerError


@pytest.fixture
def fast_machine(monkeypatch):
    """Machine facts without torch: these tests are about turns."""
    monkeypatch.setattr(run_module, "machine_facts", pretended_facts)
    monkeypatch.setattr(run_module, "matrix_peaks", pretended_peaks)


def fresh():
    return Results("tagging", {}, "steady", "characters")


def test_who_fails_is_left_out_with_its_reason_and_the_others_go_on(tmp_path, fast_machine):
    contenders = [
        Contender("dying", open_dying),
        Contender("steady", open_steady),
        Contender("failing", open_failing),
        Contender("absent", open_steady, needs=("no_such_module", "no-such-package")),
    ]
    results = fresh()
    run_rounds(contenders, Pretence(), results, tmp_path, 2, print)
    assert [(number, name) for number, name, _ in results.turns] == [(0, "steady"), (1, "steady")]
    assert results.left_out == {
        "dying": f"its process died, see {tmp_path / 'logs' / 'dying.log'}",
        "failing": "bfloat16 is slow on this machine",
        "absent": "not installed: pip install no-such-package",
    }
    record = json.loads((tmp_path / "benchmark.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in record["contenders"]] == ["steady"]


def test_what_a_contender_needs_is_made_in_a_process_apart(tmp_path, fast_machine):
    contenders = [
        Contender("steady", open_steady),
        Contender("prepared", open_prepared, prepare=prepare),
        Contender("in vain", open_steady, prepare=prepare_in_vain),
    ]
    results = fresh()
    run_rounds(contenders, Pretence(folder=tmp_path), results, tmp_path, 1, print)
    assert results.loaded == {"steady": Loaded(), "prepared": Loaded(7, "int8")}
    assert results.left_out == {"in vain": "openvino has no such precision"}


def test_only_what_is_missing_is_measured_again_beside_the_reference(tmp_path, fast_machine):
    both = [Contender("steady", open_steady), Contender("late", open_steady)]
    run_rounds(both[:1], Pretence(), fresh(), tmp_path, 2, print)
    results = Results.resumed(fresh(), tmp_path)
    run_rounds(both, Pretence(), results, tmp_path, 2, print)
    assert [(number, name) for number, name, _ in results.turns[2:]] == [
        (2, "steady"),
        (2, "late"),
        (3, "late"),
        (3, "steady"),
    ]
    assert results.ratio("late", "steady").median == 1
    again = Results.resumed(fresh(), tmp_path)
    run_rounds(both, Pretence(), again, tmp_path, 2, print)
    assert again.turns == results.turns


def call(*arguments):
    return CliRunner().invoke(benchmark_command, list(map(str, arguments)), catch_exceptions=False)


def test_tagging_from_the_command_line(encoder, corpus, tmp_path):
    out = tmp_path / "out"
    common = ["--encoder", encoder, "--data", corpus, "--gold", corpus, "--characters", 300, "--calls", 2, "-o", out]
    done = call(*common, "--rounds", 1, "--only", "topner, torch fp32")
    assert done.exit_code == 0, done.output
    names = {path.name for path in out.iterdir()}
    assert {"benchmark.json", "benchmark.md", "benchmark.png", "logs", "model"} == names
    record = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))
    ours, peer = record["contenders"]
    assert (ours["name"], peer["name"]) == ("topner, torch fp32", "transformers pipeline, batch 1")
    assert all(0 < row["p50"] <= row["p95"] and 0 <= row["f1"] <= 1 and row["utilisation"] > 0 for row in (ours, peer))
    # a process of its own: Python and torch, not what this test run holds
    assert 5e7 < ours["memory"] < 2e9
    assert record["machine"]["versions"]["torch"]
    assert "random" in (out / "benchmark.md").read_text(encoding="utf-8")
    with pytest.raises(TopnerError, match=r"other settings \(calls\)"):
        call(*common[:-4], "--calls", 3, "-o", out, "--rounds", 1, "--only", "topner, torch fp32")


def test_training_from_the_command_line(encoder, corpus, tmp_path):
    call_ = [
        "--training",
        "--encoder",
        encoder,
        "--data",
        corpus,
        "--characters",
        200,
        "--rounds",
        1,
        "-o",
        tmp_path / "t",
    ]
    done = call(*call_, "--only", "topner train, fp32")
    assert done.exit_code == 0, done.output
    record = json.loads((tmp_path / "t" / "benchmark.json").read_text(encoding="utf-8"))
    assert record["kind"] == "training"
    assert [row["name"] for row in record["contenders"]] == ["topner train, fp32", "transformers Trainer, fp32"]
    turns = record["turns"]
    assert turns[0]["units"] == turns[1]["units"] > 200  # the same tokens
    assert "tokens/s" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model", "--encoder", "embedded", "-o", "x"], "not both"),
        (["model", "--training", "-o", "x"], "--training takes"),
    ],
)
def test_options_that_do_not_fit_each_other(arguments, message):
    done = call(*arguments)
    assert done.exit_code == 2
    assert message in done.output
