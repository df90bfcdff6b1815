"""What of this machine matters to a network on its CPU."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def cores() -> int:
    """How many cores this process may use; ``OMP_NUM_THREADS`` limits them, as it limits torch."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(allowed, int(wanted))) if wanted.isdecimal() and int(wanted) else allowed


def cpu() -> str:
    """The CPU by name and by what it can compute, as far as the system tells."""
    listing = Path("/proc/cpuinfo")
    if not listing.is_file():
        return f"{platform.machine()} {platform.processor()}"
    facts: dict[str, str] = {}
    for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    flags = sorted(flag for flag in facts.get("flags", "").split() if flag.startswith(("avx", "amx")))
    return f"{facts.get('model name', platform.machine())} {' '.join(flags)}"
