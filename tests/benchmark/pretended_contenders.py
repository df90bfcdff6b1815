"""Contenders that only pretend, in a module of their own that their processes import quickly."""

import os
from dataclasses import dataclass
from pathlib import Path

from topner.benchmark.measure import Loaded, Runner, Turn
from topner.errors import TopnerError


@dataclass
class Pretence:
    """Their set-up: more threads than there are cores, so that nobody is tied to a core."""

    device: str = "cpu"
    threads: int = 4096
    folder: Path = Path()


def open_steady(setup):
    return Runner(lambda: Turn(100, 2.0, 10**6))


def prepare(setup):
    (setup.folder / "prepared").write_text(str(os.getpid()), encoding="utf-8")


def prepare_in_vain(setup):
    raise TopnerError("openvino has no such precision")


def open_prepared(setup):
    assert (setup.folder / "prepared").read_text(encoding="utf-8") != str(os.getpid())
    return Runner(lambda: Turn(100, 2.0, 10**6), loaded=Loaded(7, "int8"))


def open_dying(setup):
    return Runner(lambda: os._exit(3))


def open_failing(setup):
    raise TopnerError("bfloat16 is slow on this machine")


def pretended_facts(device, threads):
    return {"device": device, "threads": threads}


def pretended_peaks(device):
    return {"fp32": 1.0}
