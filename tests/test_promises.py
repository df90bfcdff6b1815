import importlib.util
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from topner.errors import TopnerError
from topner.promises import Count, Promise, conclude, merge_promises, promise_table, read_promises, write_promises

KILLED = Promise("权重不变 | the same weights", "kill -9\nat random moments", 20, 0)
FULL = Promise("一句话报错", "磁盘写满“0 字节”", 1200, 3)


def test_what_is_written_is_read(tmp_path):
    write_promises(tmp_path / "a.jsonl", [KILLED, FULL])
    assert read_promises(tmp_path / "a.jsonl") == [KILLED, FULL]


def test_the_table_keeps_to_its_columns():
    lines = promise_table([KILLED, FULL]).splitlines()
    assert lines[2] == "| 权重不变 \\| the same weights | kill -9 at random moments | 20 | 0 |"
    assert lines[3].endswith("| 1,200 | 3 |")
    assert len(lines) == 4


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[1]",
        '{"promise": "a", "how": "b", "tries": 3}',
        '{"promise": "a", "how": "b", "tries": 3, "failures": 4}',
        '{"promise": "a", "how": "b", "tries": "3", "failures": "0"}',
        '{"promise": "a", "how": "b", "tries": 3, "failures": -1}',
    ],
)
def test_a_line_that_is_no_result(line, tmp_path):
    path = tmp_path / "a.jsonl"
    write_promises(path, [KILLED])
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(TopnerError, match="line 2"):
        read_promises(path)


def test_tries_are_counted_and_failures_shown(capsys):
    count = Count("数据不丢", "kill -9")
    count(True, "第一次")
    count(False, "第二次", "x" * 600 + "磁盘写满\n")
    assert count.row() == Promise("数据不丢", "kill -9", 2, 1)
    out = capsys.readouterr().out
    assert "第一次: good" in out
    assert "第二次: FAILED\n    " + "x" * 496 + "磁盘写满\n" in out


def test_a_row_says_who_tried_it_and_when(tmp_path):
    old = Promise("偏移不变", "随机输入", 3, 0, "fuzz.py", "2026-01-31")
    write_promises(tmp_path / "a.jsonl", [KILLED, old], "soak.py")
    killed, kept = read_promises(tmp_path / "a.jsonl")
    assert kept == old
    assert (killed.script, killed.tries) == ("soak.py", 20)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", killed.date)
    lines = promise_table([KILLED, old]).splitlines()
    assert lines[0].endswith("| script, day |")
    assert lines[2].endswith("| 20 | 0 |  |")
    assert lines[3].endswith("| fuzz.py, 2026-01-31 |")
    assert {line.replace("\\|", "").count("|") for line in lines} == {6}


def test_a_row_tried_again_takes_the_place_of_the_old_and_no_other_is_lost():
    again = Promise(KILLED.promise, KILLED.how, 40, 1)
    other = Promise(KILLED.promise, "另一种方法", 5, 0)
    assert merge_promises([KILLED, FULL], [other, again]) == [again, FULL, other]
    assert merge_promises([KILLED, FULL], []) == [KILLED, FULL]


@pytest.fixture
def script():
    path = Path(__file__).parents[1] / "scripts" / "trust.py"
    spec = importlib.util.spec_from_file_location("trust", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_takes_rows_in_and_keeps_those_it_has(script, tmp_path):
    def call(*arguments):
        done = CliRunner().invoke(script.main, [*arguments, "--docs", str(tmp_path)], catch_exceptions=False)
        assert done.exit_code == 0
        return (tmp_path / "TRUST.md").read_text(encoding="utf-8")

    write_promises(tmp_path / "a.jsonl", [KILLED])
    write_promises(tmp_path / "b.jsonl", [FULL])
    assert promise_table([KILLED]) in call(str(tmp_path / "a.jsonl"))
    page = call(str(tmp_path / "b.jsonl"))
    assert promise_table([KILLED, FULL]) in page
    assert call() == page


def test_the_script_tells_branches_by_package(script, tmp_path):
    def counts(lines, run, branches, taken):
        return {
            "summary": {
                "num_statements": lines,
                "covered_lines": run,
                "num_branches": branches,
                "covered_branches": taken,
            }
        }

    files = {
        "src/topner/text/clean.py": counts(10, 10, 4, 4),
        "src/topner/text/ruby.py": counts(30, 28, 12, 10),
        "src/topner/inference/decode.py": counts(7, 7, 0, 0),
    }
    (tmp_path / "coverage.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    call = ["--docs", str(tmp_path), "--coverage", str(tmp_path / "coverage.json")]
    CliRunner().invoke(script.main, call, catch_exceptions=False)
    page = (tmp_path / "TRUST.md").read_text(encoding="utf-8")
    assert "| topner/text | 95.0% | 16 | 87.5% |" in page
    assert "| topner/inference/decode.py | 100.0% | 0 | 100.0% |" in page
    (tmp_path / "coverage.json").write_text('{"files": {"a.py": {}}}', encoding="utf-8")
    assert "no report" in str(CliRunner().invoke(script.main, call).exception)


def test_the_table_in_the_repository_is_that_of_its_rows():
    docs = Path(__file__).parents[1] / "docs"
    rows = read_promises(docs / "trust.jsonl")
    assert promise_table(rows) in (docs / "TRUST.md").read_text(encoding="utf-8")
    assert all(row.script and row.date and row.tries for row in rows)
    scripts = {path.name for path in (docs.parent / "scripts").iterdir()}
    assert {row.script for row in rows} <= scripts


@pytest.mark.parametrize("failures", [0, 1])
def test_a_script_ends_with_the_table_the_rows_and_its_status(failures, tmp_path, capsys):
    row = Promise("一份也不丢", "断电", 2, failures)
    with pytest.raises(SystemExit) as stop:
        conclude([row], tmp_path / "rows.jsonl", "soak.py")
    assert stop.value.code == failures
    assert "| 一份也不丢 | 断电 | 2 |" in capsys.readouterr().out
    (kept,) = read_promises(tmp_path / "rows.jsonl")
    assert (kept.failures, kept.script) == (failures, "soak.py")
