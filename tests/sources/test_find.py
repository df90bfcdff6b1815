from pathlib import Path

from topner.sources.find import STDIN, find_files
from topner.sources.remarks import Remarks


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("字", encoding="utf-8")


def find(folder, *paths, leave_out=()):
    remarks = Remarks()
    files = find_files([folder / path for path in paths], remarks, [folder / path for path in leave_out])
    return [str(file.relative_to(folder)) for file in files], remarks


def test_files_of_folders_once_each_in_order(tmp_path):
    make(
        tmp_path, "b/二.txt", "b/一.HTML", "b/下/三.docx", "b/.藏.txt", "b/.git/x.txt", "b/图.jpg", "b/README", "a.xyz"
    )
    files, remarks = find(tmp_path, "a.xyz", "b", "b/二.txt")
    assert files == ["a.xyz", "b/一.HTML", "b/下/三.docx", "b/二.txt"]
    assert remarks.notes == [f"{tmp_path}/b: 2 files of other kinds passed over (.jpg 1, no ending 1)"]
    assert remarks.problems == []


def test_patterns_and_names_that_look_like_one(tmp_path):
    make(tmp_path, "2025/a.txt", "2026/a.txt", "2026/b.md", "[1].txt", "1.txt")
    assert find(tmp_path, "20*/*.txt")[0] == ["2025/a.txt", "2026/a.txt"]
    assert find(tmp_path, "**/*.md")[0] == ["2026/b.md"]
    assert find(tmp_path, "202?")[0] == ["2025/a.txt", "2026/a.txt", "2026/b.md"]
    assert find(tmp_path, "[1].txt")[0] == ["[1].txt"]
    files, remarks = find(tmp_path, "*.pdf", "没有.txt")
    assert files == ["没有.txt"], "reading tells that there is none"
    assert remarks.problems == [f"{tmp_path}/*.pdf: no file matches the pattern"]


def test_an_empty_folder_is_named(tmp_path):
    (tmp_path / "empty").mkdir()
    _, remarks = find(tmp_path, "empty")
    assert "the folder holds no file that is read (.txt, .md," in remarks.problems[0]


def test_links_lead_in_no_circle_and_out_of_no_folder(tmp_path):
    make(tmp_path, "secret.txt", "elsewhere/x.txt", "in/a.txt", "in/deep/b.txt")
    inside = tmp_path / "in"
    (inside / "deep/up").symlink_to(inside)
    (inside / "self.txt").symlink_to(inside / "self.txt")
    (inside / "out.txt").symlink_to(tmp_path / "secret.txt")
    (inside / "outside").symlink_to(tmp_path / "elsewhere")
    (inside / "again.txt").symlink_to(inside / "a.txt")
    files, remarks = find(tmp_path, "in")
    assert files == ["in/a.txt", "in/deep/b.txt"]
    told = sorted(Path(line.partition(":")[0]).name for line in remarks.problems)
    assert told == ["out.txt", "outside", "self.txt"]
    assert find(tmp_path, "in/out.txt")[0] == ["in/out.txt"], "a link that is named by itself is meant"


def test_the_output_is_no_input(tmp_path):
    make(tmp_path, "in/a.txt", "in/out.jsonl", "in/.out.jsonl.part")
    assert find(tmp_path, "in", leave_out=["in/out.jsonl"])[0] == ["in/a.txt"]


def test_standard_input_stays_itself():
    assert find_files([STDIN, STDIN], Remarks()) == [STDIN]
