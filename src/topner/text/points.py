"""A text as an array of code points, for what is looked up in tables rather than looped over."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray


def code_points(text: str) -> NDArray[np.uint32]:
    """The code points of a text, shape ``(len(text),)``; lone surrogates are themselves."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32, copy=False)


def white_space(text: str) -> NDArray[np.bool_]:
    """Which characters are white space by ``str.isspace``, shape ``(len(text),)``."""
    return np.isin(code_points(text), _spaces())


@cache
def _spaces() -> NDArray[np.uint32]:
    # all of white space lies in the basic plane
    return np.asarray([code for code in range(0x10000) if chr(code).isspace()], dtype=np.uint32)
