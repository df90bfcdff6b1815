"""What of this machine matters to a network on its CPU."""

from __future__ import annotations

import os
import platform
import sys
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


def import_torch() -> None:
    """Import torch with threads that sleep while they wait.

    By default a thread that has done its part of an operation spins for milliseconds until the others have done theirs. Where
    anything else runs on the same cores that is the time the others lack: an operation of microseconds takes ten milliseconds.
    The OpenMP library reads the setting once, when it is loaded; a setting of the user's own, or a torch that is there already,
    is left alone. Nothing of it is seen by programs started later.
    """
    if "torch" in sys.modules:
        return
    own = {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"} & os.environ.keys()
    if not own:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    try:
        import torch  # noqa: F401 (for what its import does)
    finally:
        if not own:
            del os.environ["OMP_WAIT_POLICY"]
