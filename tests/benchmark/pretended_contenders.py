"""Contenders that only pretend, in a module of their own that their processes import quickly."""

import os
from dataclasses import dataclass

from topner.benchmark.measure import Runner, Turn
from topner.errors import TopnerError


@dataclass
class Pretence:
    """Their set-up: more threads than there are cores, so that nobody is tied to a core."""

    device: str = "cpu"
    threads: int = 4096


def open_steady(setup):
    return Runner(lambda: Turn(100, 2.0, 10**6))


def open_dying(setup):
    return Runner(lambda: os._exit(3))


def open_failing(setup):
    raise TopnerError("bfloat16 is slow on this machine")


def pretended_facts(device, threads):
    return {"device": device, "threads": threads}


def pretended_peaks(device):
    return {"fp32": 1.0}
