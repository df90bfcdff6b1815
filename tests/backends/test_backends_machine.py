"""What is told of the machine, and how torch is loaded on it."""

import os
import subprocess
import sys

import pytest

from topner.backends.machine import cores

LOOK = """
import os, sys
from topner.backends.machine import import_torch
class Look:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            print("seen", os.environ.get("OMP_WAIT_POLICY"), os.environ.get("GOMP_SPINCOUNT"))
            raise ImportError("enough")
sys.meta_path.insert(0, Look())
try:
    import_torch()
except ImportError:
    pass
print("left", os.environ.get("OMP_WAIT_POLICY"), os.environ.get("GOMP_SPINCOUNT"))
"""


@pytest.mark.parametrize(
    ("own", "seen", "left"),
    [
        ({}, "seen PASSIVE None", "left None None"),
        ({"OMP_WAIT_POLICY": "ACTIVE"}, "seen ACTIVE None", "left ACTIVE None"),
        ({"GOMP_SPINCOUNT": "7"}, "seen None 7", "left None 7"),
    ],
)
def test_torch_is_loaded_with_threads_that_sleep(own, seen, left):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_", "KMP_"))}
    done = subprocess.run([sys.executable, "-c", LOOK], env=kept | own, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [seen, left]


def test_cores_are_limited_by_the_environment(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert cores() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "all of them")
    assert cores() >= 1
