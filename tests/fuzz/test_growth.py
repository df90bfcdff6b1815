"""Time grows with the length of a text, not with its square: sixteen times the text takes far less than 256 times as long.

Processor time of this process alone is taken, and the limit lies in the middle between the two on a logarithmic scale.
"""

import sys
import time

import pytest
from growth_cases import WORK, build, files

SHORT, TIMES = 1_000, 16
LIMIT = TIMES**1.5
CASES = [(name, *text) for name, (_, texts) in WORK.items() for text in texts]


def seconds(run, text: str) -> float:
    begun = time.process_time()
    run(text)
    return time.process_time() - begun


def grows_like_its_length(run, text) -> None:
    run(build(text, SHORT))
    short = min(seconds(run, build(text, SHORT)) for _ in range(2))
    limit = LIMIT * max(short, 0.001)
    long = seconds(run, build(text, SHORT * TIMES))
    if long >= limit:  # something else may have come in between
        long = seconds(run, build(text, SHORT * TIMES))
    assert long < limit, f"{short:.4f} s, then {long:.4f} s"


@pytest.mark.skipif(sys.gettrace() is not None, reason="a tracer takes most of the time")
@pytest.mark.parametrize(("name", "lead", "part", "tail"), CASES)
def test_time_grows_like_the_length(name, lead, part, tail):
    grows_like_its_length(WORK[name][0], (lead, part, tail))


def test_the_limit_tells_a_square_from_a_line():
    def square(text: str) -> None:
        for at in range(0, len(text), 4):
            sum(1 for _ in range(0, at, 4))

    with pytest.raises(AssertionError):
        grows_like_its_length(square, ("", "a", ""))


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    files("[")
    assert not list(tmp_path.iterdir())
