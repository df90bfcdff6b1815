"""Characters that nobody sees: zero-width, direction and control characters, variation selectors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from topner.text.alignment import Edit

# Tab, line feed, vertical tab, form feed, carriage return and next line are whitespace and stay. Lone surrogates, which
# broken JSON escapes leave behind, are no characters and could not even be written to a file.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]+"
)


def drop_invisible(text: str) -> Iterator[Edit]:
    """Step: remove zero-width, bidirectional and control characters, soft hyphens and variation selectors.

    Args:
        text: any text.

    Yields:
        Edits in order, in code points of ``text``.
    """
    for run in _INVISIBLE.finditer(text):
        yield Edit(run.start(), run.end(), "")
