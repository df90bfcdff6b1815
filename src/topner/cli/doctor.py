"""``topner doctor``."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

import click


@click.command("doctor")
@click.option("--model", type=click.Path(path_type=Path), help="Model folder [default: the shipped tagger].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
def doctor_command(model: Path | None, as_json: bool) -> None:
    """Look over this installation: packages, machine, weights, tokenizer, one prediction.

    Each line says ok, warning or problem, and what to do. The exit status is 1 when there is a problem.
    """
    from topner.doctor import machine, models, packages
    from topner.doctor.finding import examine, line

    checks = (
        ("python", packages.check_python),
        ("packages", packages.check_packages),
        ("processor", machine.check_processor),
        ("threads", machine.check_threads),
        ("GPU", machine.check_gpu),
        ("disk", machine.check_disk),
        ("font for charts", machine.check_fonts),
        ("weights", models.check_weights),
        ("tokenizer", partial(models.check_tokenizer, model)),
        ("prediction", partial(models.check_prediction, model)),
    )
    findings = []
    for finding in examine(checks):
        findings.append(finding)
        if not as_json:
            click.echo(line(finding))
    states = [finding.state for finding in findings]
    if as_json:
        report = {"ok": "problem" not in states, "findings": [finding.to_json() for finding in findings]}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{states.count('problem')} problems, {states.count('warning')} warnings")
    if "problem" in states:
        sys.exit(1)
