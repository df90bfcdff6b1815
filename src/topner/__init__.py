"""topner: quantified targets, organisations and projects in Chinese policy text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from topner.document import Document, Mention
from topner.encoder.locate import default_model_path
from topner.errors import TopnerError

if TYPE_CHECKING:
    from topner.inference.tagger import Tagger

__all__ = ["Document", "Mention", "Tagger", "TopnerError", "__version__", "default_model_path"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the tagger, and torch with it, only when it is asked for."""
    if name == "Tagger":
        from topner.inference.tagger import Tagger

        return Tagger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
