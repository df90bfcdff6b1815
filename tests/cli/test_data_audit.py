import csv
import json

from test_commands import topner

TEXT = "---\nid: a\n---\n[市科技局](ORG)[力争引进20个团队](TARGET)，加快[云湖新城](PROJECT)建设。\n"


def test_rules_list_and_status(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    done = topner("data", "audit", tmp_path / "a.txt", "-o", tmp_path / "audit.csv", "--max-suspects", 1)
    assert done.returncode == 0, done.stderr.decode()
    assert "1 suspects" in done.stdout.decode()
    assert "[力争引进20个团队]，加快云湖新城建设。  TARGET -> TARGET 引进20个团队" in done.stdout.decode()
    with (tmp_path / "audit.csv").open(encoding="utf-8-sig", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert (row["kinds"], row["suggested_text"], row["before"]) == ("intent", "引进20个团队", "市科技局")
    failed = topner("data", "audit", tmp_path / "a.txt", "--max-suspects", 0)
    assert failed.returncode == 1
    assert "1 suspects, more than the 0 allowed" in failed.stderr.decode()


def test_predictions_speak_too(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    text = "市科技局力争引进20个团队，加快云湖新城建设。"
    answer = {"start": 15, "end": 21, "label": "PROJECT", "text": "云湖新城建设", "score": 0.75}
    unknown = {"start": 0, "end": 4, "label": "PERSON", "text": "市科技局", "score": 0.9}
    record = {"id": "a", "text": text, "entities": [unknown, answer]}
    (tmp_path / "p.jsonl").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    done = topner("data", "audit", tmp_path / "a.txt", "--predictions", tmp_path / "p.jsonl")
    assert done.returncode == 0, done.stderr.decode()
    out = done.stdout.decode()
    assert "p.jsonl: 1 of 1 documents" in out
    assert "3 suspects" in out
    assert "0.75" in out
    assert "[云湖新城]建设。  PROJECT -> PROJECT 云湖新城建设" in out
    assert "unknown label PERSON" in done.stderr.decode()


def test_options_that_belong_together(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    done = topner("data", "audit", tmp_path / "a.txt", "--folds", 3)
    assert done.returncode == 2
    assert "--folds and --config go together" in done.stderr.decode()
    gone = topner("data", "audit", tmp_path / "a.txt", "--model", tmp_path / "nowhere")
    assert gone.returncode == 1
    assert "Traceback" not in gone.stderr.decode()
