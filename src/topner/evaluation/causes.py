"""What went wrong, in the words an annotator uses."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from topner.document import Document, Mention
from topner.evaluation.errors import Disagreement


@dataclass(frozen=True, slots=True)
class Cause:
    """A kind of error that one line of the guidelines, or one more example, would mend.

    Attributes:
        id: its name in files.
        chinese: its name for a Chinese reviewer.
        english: its name for an English one.
        hint: what it means (Chinese, English).
    """

    id: str
    chinese: str
    english: str
    hint: tuple[str, str]


MARKS = Cause(
    "marks", "只差标点引号", "marks only", ("差别只在引号、标点或空白", "only quotes, punctuation or space differ")
)
MERGED = Cause(
    "merged",
    "并列被合并",
    "coordination merged",
    ("一个预测盖住几处金标", "one prediction covers several gold mentions"),
)
SPLIT = Cause(
    "split", "一处被拆开", "mention split", ("一处金标被几个预测分割", "several predictions share one gold mention")
)
QUANTITY = Cause(
    "quantity_cut",
    "数值与单位断开",
    "quantity cut",
    (
        "边界落在数量短语之内：数字、单位、“以上”之间",
        "the boundary falls inside the quantity: digits, unit, 以上",
    ),
)
INTENT = Cause(
    "intent",
    "多含意图词",
    "intent word inside",
    ("力争、确保、实现、到2025年等应在外面", "力争, 确保, 实现, 到2025年 belong outside"),
)
LEFT_SHORT = Cause(
    "modifier_missing", "缺修饰语", "modifier missing", ("左侧缺指标、动词或地名", "indicator, verb or place cut off")
)
LEFT_LONG = Cause("modifier_extra", "多含修饰语", "modifier too many", ("左侧多出文字", "too much on the left"))
RIGHT_SHORT = Cause("tail_missing", "缺尾部", "tail missing", ("右侧缺字", "too little on the right"))
RIGHT_LONG = Cause("tail_extra", "多含尾部", "tail too long", ("右侧多出文字", "too much on the right"))
EXTENT = Cause("extent", "两侧都不同", "both ends differ", ("左右边界都不同", "start and end both differ"))
ACHIEVED = Cause(
    "achieved",
    "实绩当目标",
    "achieved taken for promised",
    ("句中有去年、已、累计、同比等字样", "the sentence speaks of 去年, 已, 累计, 同比"),
)
DESCRIBING = Cause(
    "describing",
    "描述性数量当目标",
    "description taken for a goal",
    ("数量后接“的”，只是修饰", "the quantity only describes: 的 follows"),
)
INCONSISTENT = Cause(
    "gold_elsewhere",
    "他处有标注、此处没有",
    "gold elsewhere, not here",
    (
        "同一字串在别处是金标：先查金标",
        "the same string is gold elsewhere: look at the gold first",
    ),
)
GENERIC = Cause(
    "not_a_name", "泛称或不标之名", "no name to be tagged", ("金标中从未出现的字串", "a string that is never gold")
)
OTHER_QUANTITY = Cause(
    "spurious_quantity", "非目标的数量", "quantity that is no goal", ("其他数量误报", "other quantities tagged")
)
REPEAT = Cause(
    "repeat", "重复提及漏检", "repeat missed", ("同一字串在本文别处找对了", "the same string was found elsewhere here")
)
ELLIPTICAL = Cause(
    "elliptical",
    "省略指标的数量漏检",
    "bare quantity missed",
    ("如“增长10%”：指标承前省略", "such as 增长10%: the indicator stands before"),
)
WORDED = Cause(
    "unnumbered", "无数字的目标漏检", "goal without a number missed", ("如翻一番、与…同步", "such as 翻一番, 与…同步")
)
MISSED = Cause("missed", "其他漏检", "otherwise missed", ("未找到", "not found"))
LABEL = Cause("label", "标签错", "wrong label", ("位置对、标签错", "the right span under another label"))

CAUSES = (
    *(MERGED, SPLIT, QUANTITY, INTENT, LEFT_SHORT, LEFT_LONG, RIGHT_SHORT, RIGHT_LONG, EXTENT, MARKS),
    *(ACHIEVED, DESCRIBING, OTHER_QUANTITY, INCONSISTENT, GENERIC, REPEAT, ELLIPTICAL, WORDED, MISSED, LABEL),
)
"""Every cause, boundaries first."""

_DIGIT = "0-9０-９.．,，〇零一二三四五六七八九十百千万亿两"
_QUANTITY = re.compile(r"[0-9０-９]|[一二三四五六七八九十百千万亿两]")
_INSIDE = re.compile(
    f"(?<=[{_DIGIT}])(?=[{_DIGIT}%％‰个项家户人名亩公吨倍成年月座条所台套件处米元以左]|百分|余|多)|(?=以[上下内]|左右)"
)
_INTENT = re.compile(
    r"(力争|确保|争取|实现|全力|推动|冲刺|努力|力促|预期|计划|预计|今年|明年|到?20\d\d年|到?[“\"]?十[一二三四五]五[”\"]?|我[省市县区])"
)
_PAST = re.compile(
    r"去年|上年|同比|累计|已[经建完成达有]?|截至|过去[一二三四五六]年|以来|[成到了破]了|年均|先后|首次|获评"
)
_SENTENCE = "。！？；!?;\n"
_MARKS = "—–-·…“”‘’\"'《》〈〉（）()【】[]「」『』、，。；：,.;: \t\u3000\r\n"
_SHORT = 8  # characters of a quantity that has no room for an indicator
_QUANTIFIED = 0.8


def causes(
    errors: Sequence[Disagreement], gold: Sequence[Document], predicted: Sequence[Document]
) -> tuple[Cause, ...]:
    """The cause of each error, the first that fits.

    The words looked for are those of Chinese policy text; the label names are not: a label counts as one of quantities when
    four fifths of its gold mentions hold a number, and the causes that speak of quantities are for these labels.

    Args:
        errors: what :func:`topner.evaluation.errors.disagreements` gives.
        gold: documents with gold mentions.
        predicted: the same documents with predicted mentions, in any order.
    """
    documents = {document.id: document for document in gold}
    answers = {document.id: document for document in predicted}
    quantified = _quantified(gold)
    strings = {m.text for document in gold for m in document.mentions}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for document in gold:
        keys = {m.key for m in answers[document.id].mentions}
        found[document.id] = {m.text for m in document.mentions if m.key in keys}
    return tuple(
        _boundary(error.gold, error.predicted, documents[error.document], answers[error.document], quantified)
        if error.gold and error.predicted
        else _missed(error.gold, answers[error.document], found[error.document], quantified)
        if error.gold
        else _spurious(error.predicted, documents[error.document], strings, quantified)
        for error in errors
    )


def count_causes(
    errors: Sequence[Disagreement], found: Sequence[Cause], labels: Sequence[str]
) -> dict[str, Mapping[str, int]]:
    """How often each cause occurs, by label (the gold one; the predicted one of a spurious mention) and under ``total``.

    Returns:
        Counts by the cause's id, the commonest first, only causes that occur.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for error, cause in zip(errors, found, strict=True):
        mention = error.gold or error.predicted
        counts[cause.id].update(("total", mention.label) if mention else ())
    ranked = sorted(counts.items(), key=lambda item: (-item[1]["total"], item[0]))
    return {name: {label: counter[label] for label in (*labels, "total")} for name, counter in ranked}


def _boundary(
    gold: Mention, predicted: Mention, document: Document, answer: Document, quantified: frozenset[str]
) -> Cause:
    if gold.span == predicted.span:
        return LABEL
    text = document.text
    if gold.text.strip(_MARKS) == predicted.text.strip(_MARKS) and gold.text.strip(_MARKS):
        return MARKS
    if _covered(predicted, document) > 1:
        return MERGED
    if _covered(gold, answer) > 1:
        return SPLIT
    if gold.label in quantified and any(
        _INSIDE.match(text, edge) for edge in {predicted.start, predicted.end} - {gold.start, gold.end}
    ):
        return QUANTITY
    if predicted.start < gold.start and _INTENT.search(text, predicted.start, gold.start):
        return INTENT
    if gold.start != predicted.start and gold.end != predicted.end:
        return EXTENT
    if gold.start != predicted.start:
        return LEFT_SHORT if predicted.start > gold.start else LEFT_LONG
    return RIGHT_SHORT if predicted.end < gold.end else RIGHT_LONG


def _missed(gold: Mention, answer: Document, found: set[str], quantified: frozenset[str]) -> Cause:
    if _covered(gold, answer):  # by a prediction that was paired with a neighbour
        return MERGED
    if gold.text in found:
        return REPEAT
    if gold.label in quantified:
        if not _QUANTITY.search(gold.text):
            return WORDED
        if len(gold.text) <= _SHORT:
            return ELLIPTICAL
    return MISSED


def _spurious(predicted: Mention | None, document: Document, strings: set[str], quantified: frozenset[str]) -> Cause:
    if predicted is None:  # an error has one of the two
        return MISSED
    if _covered(predicted, document):  # by a gold mention that was paired with a neighbour
        return SPLIT
    if predicted.text in strings:
        return INCONSISTENT
    if predicted.label not in quantified:
        return GENERIC
    if _PAST.search(_sentence(document.text, predicted)):
        return ACHIEVED
    return DESCRIBING if document.text.startswith("的", predicted.end) else OTHER_QUANTITY


def _covered(mention: Mention, document: Document) -> int:
    """How many mentions of the document lie over a part of the mention."""
    return sum(m.start < mention.end and mention.start < m.end for m in document.mentions)


def _sentence(text: str, mention: Mention) -> str:
    start = max(text.rfind(mark, 0, mention.start) for mark in _SENTENCE) + 1
    ends = [place for mark in _SENTENCE if (place := text.find(mark, mention.end)) >= 0]
    return text[start : min(ends, default=len(text))]


def _quantified(documents: Sequence[Document]) -> frozenset[str]:
    counts: Counter[str] = Counter()
    numbered: Counter[str] = Counter()
    for document in documents:
        for m in document.mentions:
            counts[m.label] += 1
            numbered[m.label] += bool(_QUANTITY.search(m.text))
    return frozenset(label for label, count in counts.items() if numbered[label] >= _QUANTIFIED * count)
