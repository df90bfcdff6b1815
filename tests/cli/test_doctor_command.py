import json

import pytest
from click.testing import CliRunner

from topner.cli.doctor import doctor_command
from topner.doctor import machine
from topner.doctor.finding import Finding


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(machine, "check_disk", lambda: [Finding("disk", "ok", "plenty")])


def test_lines_and_status(encoder, monkeypatch):
    done = CliRunner().invoke(doctor_command, [])
    assert "disk" in done.output
    assert "weights" in done.output
    assert done.output.splitlines()[-1].endswith("warnings")
    assert done.exit_code == ("\nproblem" in done.output)
    done = CliRunner().invoke(doctor_command, ["--model", str(encoder)])
    assert done.exit_code == 1, "an encoder is no tagger"
    assert "problem  prediction" in done.output


def test_json(monkeypatch):
    monkeypatch.setattr(machine, "check_gpu", lambda: [Finding("GPU", "problem", "烧了", "buy one")])
    done = CliRunner().invoke(doctor_command, ["--json"])
    report = json.loads(done.output)
    assert done.exit_code == 1
    assert report["ok"] is False
    assert {"name": "GPU", "state": "problem", "said": "烧了", "todo": "buy one"} in report["findings"]
