"""What this machine has: processor, threads, GPU, fonts, room on the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from topner.doctor.finding import Finding
from topner.encoder.locate import cache_folder
from topner.errors import TopnerError

_NEEDED, _COMFORTABLE = 1 << 30, 5 << 30  # a training run keeps weights, checkpoints and tokenised text


def check_processor() -> Iterator[Finding]:
    """Instruction sets: bfloat16 in hardware makes training on a CPU many times as fast."""
    import torch

    probes = {"AMX": "_is_amx_tile_supported", "AVX-512 BF16": "_is_avx512_bf16_supported", "AVX-512": "_is_avx512_supported",
              "AVX2": "_is_avx2_supported"}  # fmt: skip
    has = [name for name, probe in probes.items() if getattr(torch.cpu, probe, bool)()]
    said = f"{_model_name()}: {', '.join(has) or 'none of ' + ', '.join(probes)}"
    if {"AMX", "AVX-512 BF16"} & set(has):
        yield Finding("processor", "ok", said)
    else:
        yield Finding(
            "processor", "warning", said, "no bfloat16 in hardware: training takes longer, set training.bf16=false"
        )


def check_threads() -> Iterator[Finding]:
    """Threads that torch uses against the cores this process may have."""
    import torch

    threads, cores = torch.get_num_threads(), cores_allowed()
    said = f"torch uses {threads}, this process may use {cores:g} cores"
    if threads > max(1, cores):
        yield Finding(
            "threads",
            "warning",
            said,
            f"threads that wait for each other are slow: OMP_NUM_THREADS={max(1, int(cores))}",
        )
    elif threads < int(cores) // 2:
        yield Finding(
            "threads", "warning", said, "cores lie idle: unset OMP_NUM_THREADS, or run several jobs beside each other"
        )
    else:
        yield Finding("threads", "ok", said)


def cores_allowed(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> float:
    """Cores that this process may use, by its affinity and its control group's quota."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = float(len(affinity(0)) if affinity else os.cpu_count() or 1)
    try:
        most, period = quota.read_text(encoding="ascii").split()
        return min(cores, float(most) / float(period))
    except (OSError, ValueError, ZeroDivisionError):  # no control groups, or "max"
        return cores


def check_gpu() -> Iterator[Finding]:
    """GPUs that torch can use."""
    import torch

    if torch.cuda.is_available():
        for i in range(torch.cuda.device_count()):
            about = torch.cuda.get_device_properties(i)
            bf16 = "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "no bfloat16"
            yield Finding(f"GPU {i}", "ok", f"{about.name}, {about.total_memory / (1 << 30):.0f} GiB, {bf16}")
    elif Path("/dev/nvidia0").exists():
        todo = "install the torch for your CUDA driver, see pytorch.org"
        yield Finding("GPU", "warning", f"there is one, but torch {torch.__version__} cannot use it", todo)
    else:
        yield Finding("GPU", "ok", "none; the CPU is used")


def check_fonts() -> Iterator[Finding]:
    """A font with Chinese characters for charts."""
    from topner.targets.chart import chinese_font

    try:
        yield Finding("font for charts", "ok", chinese_font())
    except TopnerError as error:
        yield Finding("font for charts", "warning", error.message, error.hint or "")


def check_disk(folder: Path | None = None) -> Iterator[Finding]:
    """Free room, and leave to write, where taggers and weights are kept."""
    folder = cache_folder() if folder is None else folder
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(there).free
    said = f"{free / (1 << 30):.1f} GiB free for {folder}"
    if not os.access(there, os.W_OK):
        yield Finding("disk", "problem", f"{there} cannot be written to", "name another folder in TOPNER_CACHE")
    elif free < _COMFORTABLE:
        todo = "make room, or name another folder in TOPNER_CACHE"
        yield Finding("disk", "problem" if free < _NEEDED else "warning", said, todo)
    else:
        yield Finding("disk", "ok", said)


def _model_name(table: Path = Path("/proc/cpuinfo")) -> str:
    import platform

    try:
        lines = table.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (text.partition(":")[2].strip() for text in lines if text.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
