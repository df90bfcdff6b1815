import errno
import io
import json
import os
import pickle
import shutil
import subprocess
from pathlib import Path

import pytest
import torch

import topner.training.checkpoint as checkpoints
from topner.errors import TopnerError
from topner.training.checkpoint import (
    clear_leftovers,
    disk_errors,
    drop_old,
    last_whole,
    new_checkpoint,
    refuse_pickles,
    what_is_broken,
)


def write(folder: Path, step: int, best: int | None = None) -> Path:
    path = folder / f"checkpoint-{step}"
    with new_checkpoint(path) as temporary:
        (temporary / "model.safetensors").write_bytes(bytes(range(256)) * 40)
        (temporary / "trainer_state.json").write_text(json.dumps({"best_global_step": best}))
    return path


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES = {
    "one bit is flipped": lambda path: flip(path / "model.safetensors"),
    "cut off": lambda path: os.truncate(path / "model.safetensors", 100),
    "a file is gone": lambda path: (path / "trainer_state.json").unlink(),
    "the sums are gone": lambda path: (path / "manifest.json").unlink(),
    "the sums are cut off": lambda path: os.truncate(path / "manifest.json", 30),
    "the sums are of another kind": lambda path: (path / "manifest.json").write_text("[1]"),
    "the sums are no text": lambda path: (path / "manifest.json").write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_broken_newest_one_is_named_and_the_one_before_is_taken(damage, tmp_path, capsys):
    before, newest = write(tmp_path, 9), write(tmp_path, 10)
    assert what_is_broken(newest) is None
    assert last_whole(tmp_path) == newest
    assert capsys.readouterr().out == ""
    damage(newest)
    assert what_is_broken(newest)
    assert last_whole(tmp_path) == before
    printed = capsys.readouterr().out
    assert printed.startswith("going on from checkpoint-9; checkpoint-10 is broken: ")
    assert printed.count("\n") == 1
    assert last_whole(tmp_path, quiet=True) == before
    assert capsys.readouterr().out == ""
    damage(before)
    with pytest.raises(TopnerError, match="no checkpoint is whole"):
        last_whole(tmp_path)


def test_none_at_all_is_no_error(tmp_path):
    assert last_whole(tmp_path / "nothing") is None


def test_a_checkpoint_whose_best_one_is_broken_is_not_taken(tmp_path, capsys):
    early, best, newest = write(tmp_path, 1, best=1), write(tmp_path, 2, best=2), write(tmp_path, 3, best=2)
    assert last_whole(tmp_path) == newest
    flip(best / "model.safetensors")
    assert last_whole(tmp_path) == early
    assert "checkpoint-2" in capsys.readouterr().out


def torch_file(path: Path) -> None:
    torch.save({"a": torch.ones(2)}, path)


def old_torch_file(path: Path) -> None:
    torch.save({"a": torch.ones(2)}, path, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("optimizer.pt", torch_file),
        ("rng_state.pth", lambda path: path.write_text("")),
        ("training_args.bin", old_torch_file),
        ("trainer_state.json", lambda path: path.write_bytes(pickle.dumps([1], protocol=2))),
        ("extra", torch_file),
        ("deeper/optimizer.PKL", lambda path: path.write_bytes(pickle.dumps(1, protocol=0))),
    ],
)
def test_a_pickle_is_refused_by_name(name, make, tmp_path):
    write(tmp_path, 9)
    newest = write(tmp_path, 10)
    (newest / name).parent.mkdir(exist_ok=True)
    make(newest / name)
    with pytest.raises(TopnerError, match=f"{name}: is a pickle"):
        last_whole(tmp_path)


def test_weights_that_begin_like_a_pickle_are_none(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"\x80\x02" + bytes(6))
    refuse_pickles(tmp_path)


def test_a_full_disk_leaves_the_last_checkpoint_and_nothing_else(tmp_path, monkeypatch):
    kept = write(tmp_path, 9)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name in ("sha256", "_flush"):
        monkeypatch.setattr(checkpoints, name, full)
        with pytest.raises(TopnerError, match=r"No space left on device.*checkpoint-9 is untouched"):
            write(tmp_path, 10)
        monkeypatch.undo()
        assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-9"]
    assert last_whole(tmp_path) == kept


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte that can be filled; needs the rights to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small file system here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(small_disk):
    from safetensors.torch import save_file

    kept = write(small_disk, 9)
    with (
        pytest.raises(TopnerError, match="checkpoint-10: cannot be written"),
        new_checkpoint(small_disk / "checkpoint-10") as folder,
    ):
        save_file({"a": torch.ones(2_000_000)}, folder / "model.safetensors")
    assert [path.name for path in small_disk.iterdir()] == ["checkpoint-9"]
    assert last_whole(small_disk) == kept
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(TopnerError, match="Read-only file system"):
        write(small_disk, 10)
    assert last_whole(small_disk) == kept


def test_what_is_kept(tmp_path):
    for step, best in ((1, 1), (2, 1), (3, 1), (4, 4), (9, 9)):
        write(tmp_path, step, best)
    drop_old(tmp_path, step=4)  # 9 is of a life that the run went back from; 1 is what 3 calls best
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-1", "checkpoint-3", "checkpoint-4"]
    flip(tmp_path / "checkpoint-4" / "model.safetensors")
    assert last_whole(tmp_path) == tmp_path / "checkpoint-3"


def test_leftovers_of_a_killed_process_go(tmp_path):
    write(tmp_path, 3)
    for name in (".checkpoint-4.abc.part", ".checkpoint-4.old-17"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").touch()
    clear_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-3"]


def test_other_errors_of_the_disk_are_said(tmp_path):
    with pytest.raises(TopnerError, match=r"log\.jsonl: cannot be written: read"), disk_errors(tmp_path / "log.jsonl"):
        raise io.UnsupportedOperation("read")
