"""The evaluation as one HTML page: scores, then every document with both layers drawn over its source text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from topner.document import Document
from topner.evaluation.causes import CAUSES, Cause
from topner.evaluation.errors import ERROR_KINDS, boundary_edges, confusion
from topner.evaluation.evaluate import Evaluation
from topner.evaluation.matching import KINDS, Kind, Match, match_mentions
from topner.evaluation.overlay import Segment, segments
from topner.evaluation.partial import MEASURES
from topner.evaluation.scores import Score
from topner.pages.render import render

_LOSSES_SHOWN = 200
_STRINGS_SHOWN = 40

# mark in the text, Chinese name, English name
KIND_NAMES: dict[Kind, tuple[str, str, str]] = {
    "correct": ("", "正确", "correct"),
    "missed": ("漏", "漏检", "missed"),
    "spurious": ("多", "误报", "spurious"),
    "boundary": ("界", "边界错", "boundary"),
    "type": ("类", "类别错", "label"),
    "both": ("混", "边界类别皆错", "boundary and label"),
}


# what a boundary remark begins with, in English
_EDGES = {"左多": "left: too much", "左缺": "left: missing", "右缺": "right: missing", "右多": "right: too much"}

# names of the divisions that are not metadata, and of the conditions of a page
DIVISION_NAMES = {
    "condition": ("页面状况", "condition of the page"),
    "length": ("提及长度（字）", "mention length, characters"),
    "genre": ("体裁", "genre"),
    "clean": ("干净", "clean"),
    "markup": ("网页标记", "markup"),
    "invisible": ("不可见字符", "invisible characters"),
    "width": ("全角数字字母", "full-width digits and letters"),
    "ruby": ("拼音注音", "pinyin ruby"),
    "script": ("繁体", "traditional script"),
    "punctuation": ("半角标点", "half-width punctuation"),
    "lost": ("缺字", "lost characters"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A match as the page shows it.

    Attributes:
        number: its number on the page, from 0.
        match: the match.
        labels: its one or two labels, gold first.
        edges: how the predicted boundary differs (Chinese, English), see
            :func:`topner.evaluation.errors.boundary_edges`.
        cause: what went wrong; ``None`` when it is correct.
    """

    number: int
    match: Match
    labels: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    cause: Cause | None

    @property
    def kind(self) -> Kind:
        """Kind of the match."""
        return self.match.kind

    @property
    def marks(self) -> tuple[str, str]:
        """What stands before it in the text, its kind and labels: a character in Chinese, a word in English."""
        short, _, english = KIND_NAMES[self.kind]
        labels = "→".join(self.labels)
        return f"{short} {labels}".strip(), labels if self.kind == "correct" else f"{english} {labels}"

    @property
    def tip(self) -> str:
        """Its kind, labels and offsets in words."""
        _, chinese, english = KIND_NAMES[self.kind]
        sides = [("金标 gold", self.match.gold), ("预测 predicted", self.match.predicted)]
        places = "; ".join(f"{name} {m.label} [{m.start}, {m.end})" for name, m in sides if m is not None)
        return f"{chinese} {english} · {places}"

    @property
    def confidence(self) -> float | None:
        """Score of the prediction, if there is one."""
        return None if self.match.predicted is None else self.match.predicted.score


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
    """The evaluation as one HTML text, see :func:`topner.pages.render.render`."""
    sheets = list(_sheets(result))
    return render(
        "report",
        result=result,
        sheets=sheets,
        kinds=KINDS,
        error_kinds=ERROR_KINDS,
        names=KIND_NAMES,
        divisions=DIVISION_NAMES,
        measures=MEASURES,
        totals=Counter(item.kind for sheet in sheets for item in sheet.items),
        causes={cause.id: cause for cause in CAUSES},
        confusion=confusion(result.errors),
        edges=common_edges(result),
        variances=result.variances[:_STRINGS_SHOWN],
        losses=[] if result.ledger is None else result.ledger.losses[:_LOSSES_SHOWN],
    )


def common_edges(result: Evaluation, limit: int = 12) -> list[tuple[tuple[str, str], int]]:
    """The boundary differences (Chinese, English) that occur more than once, the commonest first."""
    texts = {document.id: document.text for document in result.gold}
    counts = Counter(
        edge for error in result.errors for edge in boundary_edges(texts[error.document], error.gold, error.predicted)
    )
    return [(_both(edge), count) for edge, count in counts.most_common(limit) if count > 1]


def worst_first(result: Evaluation) -> list[int]:
    """Indices of the documents by F1, the worst first; those without any mention come last."""
    scores = [document.score for document in result.documents]
    return sorted(range(len(scores)), key=lambda i: (not scores[i].defined, scores[i].f1))


def _sheets(result: Evaluation) -> Iterator[Sheet]:
    number = 0
    held: defaultdict[str, list[Cause]] = defaultdict(list)  # errors and matches come in the same order
    for error, cause in zip(result.errors, result.causes, strict=True):
        held[error.document].append(cause)
    for rank, i in enumerate(worst_first(result), start=1):
        gold, answer = result.gold[i], result.predicted[i]
        matches = match_mentions(gold.mentions, answer.mentions)
        items, causes = [], iter(held[gold.id])
        for match in matches:
            labels = tuple(dict.fromkeys(mention.label for mention in match.mentions))
            edges = tuple(map(_both, boundary_edges(gold.text, match.gold, match.predicted)))
            items.append(Item(number, match, labels, edges, None if match.kind == "correct" else next(causes)))
            number += 1
        yield Sheet(rank, gold, result.documents[i].score, items, segments(gold.text, matches))


def _both(edge: str) -> tuple[str, str]:
    """A boundary remark in Chinese and in English."""
    return edge, f"{_EDGES[edge[:2]]} {edge[2:]}"
