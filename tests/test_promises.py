import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner

from topner.errors import TopnerError
from topner.promises import Promise, promise_table, read_promises, write_promises

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


def test_the_script_joins_files(tmp_path):
    path = Path(__file__).parents[1] / "scripts" / "trust.py"
    spec = importlib.util.spec_from_file_location("trust", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    write_promises(tmp_path / "a.jsonl", [KILLED])
    write_promises(tmp_path / "b.jsonl", [FULL])
    call = [str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")]
    printed = CliRunner().invoke(script.main, call, catch_exceptions=False)
    assert printed.output.strip() == promise_table([KILLED, FULL])
    CliRunner().invoke(script.main, [*call, "-o", str(tmp_path / "TRUST.md")], catch_exceptions=False)
    assert promise_table([KILLED, FULL]) in (tmp_path / "TRUST.md").read_text(encoding="utf-8")
