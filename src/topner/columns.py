"""Columns of a terminal: Chinese characters take two."""

from __future__ import annotations

import unicodedata


def display_width(text: str) -> int:
    """Columns a terminal gives a text: two for a wide or full-width character, none for a combining one."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def padded(text: str, width: int) -> str:
    """The text with spaces up to a width in terminal columns."""
    return text + " " * (width - display_width(text))
