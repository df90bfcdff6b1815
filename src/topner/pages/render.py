"""A page as one HTML text that refers to no other file, runs nothing but its own script, and speaks two languages."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

_TEMPLATES = Path(__file__).parent / "templates"


def render(name: str, **context: Any) -> str:
    """Render the page ``name`` with its style and script in it.

    The Content-Security-Policy permits the page's own style and script, by their hashes, and nothing else: no request
    leaves the page, and markup in a source text could not run even if it were not escaped, as it is.

    Args:
        name: ``NAME.html`` in the templates, which extends ``base.html``; ``NAME.css`` and ``NAME.js`` follow the shared
            ``base.css`` and ``base.js`` where they exist.
        context: what the template shows. Text for people is written ``t("中文", "English")``; the reader switches.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(ratio=ratio, source=source, plain=plain)
    environment.globals.update(t=both)
    style, script = (_joined(name, suffix) for suffix in ("css", "js"))
    return environment.get_template(f"{name}.html").render(
        **context,
        style=Markup(style),  # noqa: S704 - the package's own file
        script=Markup(script),  # noqa: S704 - the package's own file
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def both(chinese: str, english: str) -> Markup:
    """A phrase in both languages, of which the page shows one."""
    return Markup('<span class="zh" lang="zh-Hans">{}</span><span class="en" lang="en">{}</span>').format(
        chinese, english
    )


def ratio(value: float, total: int) -> str:
    """A score to three places; a dash where it is a ratio over nothing."""
    return f"{value:.3f}" if total else "—"


def source(text: str) -> Markup:
    """Source text, escaped so that a browser shows it unchanged: carriage returns survive, control characters show."""
    shown = re.sub(r"[\x00-\x08\x0b\x0e-\x1f]", lambda found: chr(0x2400 + ord(found[0])), text)
    return Markup(str(escape(shown)).replace("\r", "&#13;"))  # noqa: S704 - escaped in this very expression


def plain(value: Any) -> str:
    """A metadata or provenance value as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _joined(name: str, suffix: str) -> str:
    paths = [_TEMPLATES / f"{stem}.{suffix}" for stem in ("base", name)]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.exists())


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")
