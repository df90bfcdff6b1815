import shutil
from collections import namedtuple

import pytest
import torch

from topner.doctor import machine
from topner.errors import TopnerError


def one(check, *arguments):
    (finding,) = check(*arguments)
    return finding


def test_a_processor_without_bfloat16_is_named(monkeypatch):
    for probe in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"):
        monkeypatch.setattr(torch.cpu, probe, lambda: False, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_avx2_supported", lambda: True, raising=False)
    found = one(machine.check_processor)
    assert found.state == "warning"
    assert "AVX2" in found.said
    assert "bf16" in found.todo
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True, raising=False)
    assert one(machine.check_processor).state == "ok"


@pytest.mark.parametrize(
    ("threads", "cores", "state"),
    [(4, 4.0, "ok"), (8, 4.0, "warning"), (1, 8.0, "warning"), (1, 0.5, "ok"), (2, 4.0, "ok")],
)
def test_threads(monkeypatch, threads, cores, state):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    monkeypatch.setattr(machine, "cores_allowed", lambda: cores)
    found = one(machine.check_threads)
    assert found.state == state
    assert bool(found.todo) == (state != "ok")


def test_cores_of_a_control_group(tmp_path):
    quota = tmp_path / "cpu.max"
    free = machine.cores_allowed(quota)
    assert free >= 1
    quota.write_text("50000 100000\n", encoding="ascii")
    assert machine.cores_allowed(quota) == 0.5
    for content in ("max 100000\n", "1 0\n", ""):
        quota.write_text(content, encoding="ascii")
        assert machine.cores_allowed(quota) == free


def test_without_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert one(machine.check_gpu).state in ("ok", "warning")


def test_with_a_gpu(monkeypatch):
    about = namedtuple("About", "name total_memory")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda i: about("H200", 140 << 30))
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    found = one(machine.check_gpu)
    assert (found.name, found.state, found.said) == ("GPU 0", "ok", "H200, 140 GiB, bfloat16")


def test_fonts(monkeypatch):
    def missing():
        raise TopnerError("no font", hint="apt-get install fonts-noto-cjk")

    monkeypatch.setattr("topner.targets.chart.chinese_font", missing)
    found = one(machine.check_fonts)
    assert (found.state, found.todo) == ("warning", "apt-get install fonts-noto-cjk")
    monkeypatch.setattr("topner.targets.chart.chinese_font", lambda: "SimSun")
    assert one(machine.check_fonts).said == "SimSun"


@pytest.mark.parametrize(("free", "state"), [(100 << 30, "ok"), (2 << 30, "warning"), (1 << 20, "problem")])
def test_disk(monkeypatch, tmp_path, free, state):
    usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, free))
    found = one(machine.check_disk, tmp_path / "not" / "yet")
    assert found.state == state
    assert "GiB" in found.said
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert one(machine.check_disk, tmp_path).state == "problem"


def test_the_processor_has_a_name(tmp_path):
    table = tmp_path / "cpuinfo"
    table.write_text("processor\t: 0\nmodel name\t: Kunpeng 920\n", encoding="utf-8")
    assert machine._model_name(table) == "Kunpeng 920"
    assert machine._model_name(tmp_path / "none")
