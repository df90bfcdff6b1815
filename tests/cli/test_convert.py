import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from topner.cli.convert import convert_command
from topner.errors import TopnerError

CONTENT = "---\nid: a\n---\n[省发改委](ORG)要求[增长5%](TARGET)，[张三](PERSON)说。\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(CONTENT, encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(convert_command, [str(argument) for argument in arguments], catch_exceptions=True)


def test_the_summary_says_what_was_read_written_and_lost(source, tmp_path):
    out = tmp_path / "out.conll"
    result = run(source, "--to", "conll", "-o", out)
    assert result.exit_code == 0
    assert f"{out}: 1 document; ORG 1, TARGET 1; read 1 x inline markup" in result.stdout
    assert (
        f"3 annotations, 1 dropped, 0 moved, 0 repaired (1 x unknown label PERSON); listed in {out}.losses.csv"
        in result.stdout
    )
    assert "labels left out: PERSON; name the labels to keep with --labels" in result.stderr
    assert out.read_text(encoding="utf-8").startswith("# id = a\n省\tB-ORG\n")


def test_labels_name_what_to_keep(source, tmp_path):
    result = run(
        source, "--from", "inline", "--to", "jsonl", "-o", tmp_path / "o.jsonl", "--labels", "PERSON, ORG,TARGET"
    )
    assert result.exit_code == 0
    assert "nothing lost" in result.stdout
    assert result.stderr == ""


def test_there_and_back_again_gives_the_same_file(tmp_path):
    source = tmp_path / "a.txt"
    source.write_text(CONTENT.replace("[张三](PERSON)", "张三"), encoding="utf-8")
    step: Path = source
    for format in ("brat", "doccano", "label-studio", "conll", "jsonl", "inline"):
        target = tmp_path / (f"{format}.txt" if format == "inline" else format)
        assert run(step, "--to", format, "-o", target).exit_code == 0
        step = target
    assert step.read_bytes() == source.read_bytes()


def test_too_many_losses_are_a_failure(source, tmp_path):
    result = run(source, "--to", "jsonl", "-o", tmp_path / "o.jsonl", "--max-loss", "0.2")
    assert isinstance(result.exception, TopnerError)
    assert "1 of 3 annotations were dropped" in str(result.exception)
    assert not (tmp_path / "o.jsonl").exists()


@pytest.mark.parametrize(
    "arguments", [["--to", "bio"], ["--to", "jsonl", "--from", "xml"], ["--to", "jsonl", "--max-loss", "2"], []]
)
def test_wrong_options_are_usage_errors(source, tmp_path, arguments):
    assert run(source, "-o", tmp_path / "o", *arguments).exit_code == 2


def test_a_bad_label_set_is_refused(source, tmp_path):
    result = run(source, "--to", "jsonl", "-o", tmp_path / "o", "--labels", "ORG,,X")
    assert isinstance(result.exception, TopnerError)


def test_force_writes_among_other_files(source, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "other").touch()
    assert isinstance(run(source, "--to", "brat", "-o", tmp_path / "out").exception, TopnerError)
    assert run(source, "--to", "brat", "-o", tmp_path / "out", "--force").exit_code == 0


def test_conversion_imports_nothing_heavy():
    code = "import sys, topner.cli.convert; print({'torch', 'transformers', 'datasets', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
