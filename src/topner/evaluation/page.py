"""The evaluation as one HTML page: scores, then every document with both layers drawn over its source text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from topner.document import Document
from topner.evaluation.errors import ERROR_KINDS, boundary_edges, confusion
from topner.evaluation.evaluate import Evaluation
from topner.evaluation.matching import KINDS, Kind, Match, match_mentions
from topner.evaluation.overlay import Segment, segments
from topner.evaluation.partial import MEASURES
from topner.evaluation.scores import Score

_TEMPLATES = Path(__file__).parent / "templates"
_LOSSES_SHOWN = 200

# mark in the text, Chinese name, English name
KIND_NAMES: dict[Kind, tuple[str, str, str]] = {
    "correct": ("", "正确", "correct"),
    "missed": ("漏", "漏检", "missed"),
    "spurious": ("多", "误报", "spurious"),
    "boundary": ("界", "边界错", "boundary"),
    "type": ("类", "类别错", "label"),
    "both": ("混", "边界类别皆错", "boundary and label"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A match as the page shows it.

    Attributes:
        number: its number on the page, from 0.
        match: the match.
        labels: its one or two labels, gold first.
        edges: how the predicted boundary differs, see :func:`topner.evaluation.errors.boundary_edges`.
    """

    number: int
    match: Match
    labels: tuple[str, ...]
    edges: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        """Kind of the match."""
        return self.match.kind

    @property
    def mark(self) -> str:
        """What stands before it in the text: a character for the kind and the labels."""
        return f"{KIND_NAMES[self.kind][0]} {'→'.join(self.labels)}".strip()

    @property
    def tip(self) -> str:
        """Its kind, labels and offsets in words."""
        _, chinese, english = KIND_NAMES[self.kind]
        sides = [("金标", self.match.gold), ("预测", self.match.predicted)]
        places = "；".join(f"{name} {m.label} [{m.start}, {m.end})" for name, m in sides if m is not None)
        return f"{chinese} {english} · {places}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document as the page shows it.

    Attributes:
        number: its rank on the page, from 1.
        document: the gold document.
        score: its strict micro score.
        items: its matches by position.
        segments: its text, cut at every boundary.
    """

    number: int
    document: Document
    score: Score
    items: list[Item]
    segments: list[Segment]

    @property
    def errors(self) -> list[Item]:
        """The matches that are not correct."""
        return [item for item in self.items if item.kind != "correct"]

    @property
    def counts(self) -> Counter[Kind]:
        """Number of matches by kind."""
        return Counter(item.kind for item in self.items)


def render_page(result: Evaluation) -> str:
    """The page as one HTML text without any reference to another file.

    Its Content-Security-Policy permits the page's own style and script, by their hashes, and nothing else: no request
    leaves the page, and markup in a source text could not run even if it were not escaped, as it is.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(ratio=_ratio, source=_source, plain=plain)
    style, script = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    sheets = list(_sheets(result))
    return environment.get_template("report.html").render(
        result=result,
        sheets=sheets,
        kinds=KINDS,
        error_kinds=ERROR_KINDS,
        names=KIND_NAMES,
        measures=MEASURES,
        totals=Counter(item.kind for sheet in sheets for item in sheet.items),
        confusion=confusion(result.errors),
        edges=common_edges(result),
        losses=[] if result.ledger is None else result.ledger.losses[:_LOSSES_SHOWN],
        style=Markup(style),  # noqa: S704 - the package's own file
        script=Markup(script),  # noqa: S704 - the package's own file
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def common_edges(result: Evaluation, limit: int = 12) -> list[tuple[str, int]]:
    """The boundary differences that occur more than once, the commonest first."""
    texts = {document.id: document.text for document in result.gold}
    counts = Counter(
        edge for error in result.errors for edge in boundary_edges(texts[error.document], error.gold, error.predicted)
    )
    return [(edge, count) for edge, count in counts.most_common(limit) if count > 1]


def worst_first(result: Evaluation) -> list[int]:
    """Indices of the documents by F1, the worst first; those without any mention come last."""
    scores = [document.score for document in result.documents]
    return sorted(range(len(scores)), key=lambda i: (not scores[i].defined, scores[i].f1))


def plain(value: Any) -> str:
    """A metadata or provenance value as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _sheets(result: Evaluation) -> Iterator[Sheet]:
    number = 0
    for rank, i in enumerate(worst_first(result), start=1):
        gold, answer = result.gold[i], result.predicted[i]
        matches = match_mentions(gold.mentions, answer.mentions)
        items = []
        for match in matches:
            labels = tuple(dict.fromkeys(mention.label for mention in match.mentions))
            items.append(Item(number, match, labels, boundary_edges(gold.text, match.gold, match.predicted)))
            number += 1
        yield Sheet(rank, gold, result.documents[i].score, items, segments(gold.text, matches))


def _ratio(value: float, total: int) -> str:
    """A score to three places; a dash where it is a ratio over nothing."""
    return f"{value:.3f}" if total else "—"


def _source(text: str) -> Markup:
    """Source text, escaped so that a browser shows it unchanged: carriage returns survive, control characters show."""
    shown = re.sub(r"[\x00-\x08\x0b\x0e-\x1f]", lambda found: chr(0x2400 + ord(found[0])), text)
    return Markup(str(escape(shown)).replace("\r", "&#13;"))  # noqa: S704 - escaped in this very expression


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")
