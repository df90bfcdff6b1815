"""Are the packages there that this version asks for, in versions it was tested with?"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

import topner
from topner.doctor.finding import Finding

_EXTRAS = ("pretrain", "tables", "plots", "tensorboard")
_CONSTRAINTS = Path(topner.__file__).parents[2] / "constraints.txt"  # there in a source tree alone


def check_python() -> Iterator[Finding]:
    """The interpreter, and where topner lies."""
    said = f"{platform.python_implementation()} {platform.python_version()}, {platform.platform(terse=True)}"
    yield Finding("python", "ok", said)
    yield Finding("topner", "ok", f"{topner.__version__} in {Path(topner.__file__).parent}")


def check_packages(wanted: list[str] | None = None, constraints: Path = _CONSTRAINTS) -> Iterator[Finding]:
    """Required packages against the ranges of the installed topner, and against the versions the tests run with.

    Args:
        wanted: requirements in the notation of packaging; by default those of the installed topner.
        constraints: pins of ``NAME==VERSION``, one a line; need not exist.
    """
    needed = [Requirement(text) for text in (requires("topner") or [] if wanted is None else wanted)]
    plain = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = 0
    for one in plain:
        if (trouble := _trouble(one)) is not None:
            wrong += 1
            yield Finding(one.name, "problem", trouble, f"pip install '{one.name}{one.specifier}'")
    if not wrong:
        yield Finding("packages", "ok", f"{len(plain)} required, all in range")
    for extra in _EXTRAS:
        parts = [one for one in needed if one.marker is not None and one.marker.evaluate({"extra": extra})]
        parts = [one for one in parts if one not in plain]
        lacking = [one.name for one in parts if _trouble(one) is not None]
        if lacking:
            todo = f"only if you need it: pip install 'topner[{extra}]'"
            yield Finding(f"extra {extra}", "warning", f"not usable, {', '.join(lacking)} missing or too old", todo)
        elif parts:
            yield Finding(f"extra {extra}", "ok", f"{len(parts)} packages")
    yield from _against_pins(plain, constraints)


def _against_pins(plain: list[Requirement], constraints: Path) -> Iterator[Finding]:
    if not constraints.is_file():
        return
    lines = (text.split("#")[0].strip() for text in constraints.read_text(encoding="utf-8").splitlines())
    pins = {name.lower(): pin for name, equals, pin in (text.partition("==") for text in lines) if equals}
    other = [
        f"{one.name} {found} (tested with {pin})"
        for one in plain
        if (pin := pins.get(one.name.lower())) and (found := _installed(one.name)) and found.split("+")[0] != pin
    ]
    if other:
        yield Finding("tested versions", "warning", "; ".join(other), "make setup installs the tested versions")
    else:
        yield Finding("tested versions", "ok", "the versions of constraints.txt")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _trouble(one: Requirement) -> str | None:
    found = _installed(one.name)
    if found is None:
        return "is not installed"
    return None if one.specifier.contains(found, prereleases=True) else f"{found} is not {one.specifier}"
