import csv

from test_commands import topner

TEXT = "---\nid: {id}\n---\n[市科技局](ORG)力争{rest}，深江铁路、[深江铁路](PROJECT)。\n"


def test_check_counts_and_lists(corpus, tmp_path):
    done = topner("data", "check", corpus, "--reference", corpus, "-o", tmp_path / "look.csv")
    assert done.returncode == 0, done.stderr.decode()
    out = done.stdout.decode()
    assert "ratio 1.000" in out
    assert "TARGET" in out
    assert (tmp_path / "look.csv").is_file()


def test_check_fails_on_what_is_wrong(tmp_path):
    (tmp_path / "a.txt").write_text("---\nid: a\n---\n办好[“科创杯](PROJECT)”大赛。\n", encoding="utf-8")
    done = topner("data", "check", tmp_path / "a.txt")
    assert done.returncode == 1
    assert "error: a [2, 6)" in done.stdout.decode()


def test_agreement_of_two_folders(tmp_path):
    for who, rest in (("one", "[引进20个团队](TARGET)"), ("two", "引进[20个团队](TARGET)")):
        (tmp_path / who).mkdir()
        (tmp_path / who / "a.txt").write_text(TEXT.format(id="a", rest=rest), encoding="utf-8")
    done = topner("data", "agreement", tmp_path / "one", tmp_path / "two", "-o", tmp_path / "dispute.csv")
    assert done.returncode == 0, done.stderr.decode()
    assert "span F1" in done.stdout.decode()
    assert "2 spans in dispute" in done.stdout.decode()
    with (tmp_path / "dispute.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert [row["text"] for row in csv.DictReader(handle)] == ["引进20个团队", "20个团队"]


def test_agreement_of_strangers(tmp_path):
    for who in "ab":
        (tmp_path / f"{who}.txt").write_text(TEXT.format(id=who, rest="发展"), encoding="utf-8")
    done = topner("data", "agreement", tmp_path / "a.txt", tmp_path / "b.txt")
    assert done.returncode == 1
    assert "no document in common" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
