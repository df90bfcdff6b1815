"""Document ids as file names and back."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

from topner.errors import TopnerError

_UNSAFE = re.compile(r"[^\w.\- ]|^[. ]|[. ]$")
_LONGEST = 200


def file_name(id: str) -> str:
    """A file name without suffix for a document id: letters (of any script), digits, ``_``, ``-`` and inner dots and spaces.

    Everything else is percent-encoded, so that no id leaves the folder or hides in it; an id whose name would be longer
    than file systems allow is cut and told apart by a hash.

    Raises:
        TopnerError: the id is empty.
    """
    if not id:
        raise TopnerError("a document without an id cannot be given a file name")
    name = _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), id)
    if len(name.encode()) > _LONGEST:
        short = name.encode()[: _LONGEST - 17].decode(errors="ignore")
        name = f"{short}-{hashlib.sha256(id.encode()).hexdigest()[:16]}"
    return name


def id_of(name: str) -> str:
    """The id that :func:`file_name` made ``name`` of; a name that it did not make is itself the id."""
    id = unquote(name, errors="replace")
    return id if id and file_name(id) == name else name
