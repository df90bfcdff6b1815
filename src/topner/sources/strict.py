"""Office files in the strict form of ISO/IEC 29500, which the readers know in the transitional form alone."""

from __future__ import annotations

import io
import re
import zipfile

_STRICT = b"http://purl.oclc.org/ooxml/"
# Only as a whole value, which a namespace or the type of a relationship is, and no word of a text.
_NAME = re.compile(rb"""(["'])http://purl\.oclc\.org/ooxml/(\w+)/""")
_RELATIONS = "_rels/.rels"


def transitional(archive: zipfile.ZipFile, data: bytes) -> bytes:
    """An office file in the transitional form.

    The two forms hold the same elements in differently named namespaces, so that renaming these is all that reading needs.

    Args:
        archive: the file, looked over by :func:`topner.sources.bounds.check_office`.
        data: its bytes.

    Returns:
        ``data`` itself when it is not in the strict form.
    """
    if _RELATIONS not in archive.namelist() or _STRICT not in archive.read(_RELATIONS):
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name in dict.fromkeys(archive.namelist()):
            part = archive.read(name)
            if name.endswith((".xml", ".rels")):
                part = _NAME.sub(rb"\1http://schemas.openxmlformats.org/\2/2006/", part)
            made.writestr(zipfile.ZipInfo(name), part)
    return out.getvalue()
