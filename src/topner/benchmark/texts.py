"""What the contenders read: the user's texts, or invented ones, repeated to a given size."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

from topner.annotation.formats import read_documents
from topner.document import Document
from topner.errors import TopnerError
from topner.files import read_text
from topner.labels import LabelSchema
from topner.ledger import Ledger

_SENTENCES = (
    "今年，{place}力争地区生产总值增长{a}.{b}%以上，固定资产投资突破{n}亿元。",
    "{place}{office}要求，年内新增规上企业{a}家，规上工业增加值达到{n}亿元。",
    "加快{place}{works}建设，完成投资{n}亿元，确保明年上半年建成投用。",
    "去年全县粮食产量{n}万吨，农村居民人均可支配收入增长{b}.{a}%，各项工作稳步推进。",
    "{office}负责人表示，将深入实施“{works}”，引进{b}个科研团队，培育专精特新企业{a}家。",
    "到2030年，{place}森林覆盖率达到{a}.{b}%，空气质量优良天数比率保持在9{b}%以上。",
)
_PLACES = ("清河县", "云湖市", "东岭区", "南浦镇", "石湾市", "青川县")
_OFFICES = ("市发展改革委", "县农业农村局", "市科技局", "区住房城乡建设局", "市水利局")
_WORKS = ("清河水库扩建工程", "云湖新城", "千村焕新行动", "东岭铁路二期", "智能制造产业园", "百企升级计划")


def invented(seed: int = 0) -> Iterator[str]:
    """Endless policy documents of 200 to 3,000 characters, always the same for a seed."""
    draw = random.Random(seed)  # noqa: S311 (no secret)
    while True:
        paragraphs, wanted = [""], draw.randint(200, 3000)
        while sum(map(len, paragraphs)) < wanted:
            values = {"a": draw.randint(3, 90), "b": draw.randint(2, 9), "n": draw.randint(20, 4000)}
            names = {"place": draw.choice(_PLACES), "office": draw.choice(_OFFICES), "works": draw.choice(_WORKS)}
            paragraphs[-1] += draw.choice(_SENTENCES).format(**values, **names)
            if draw.random() < 0.2:
                paragraphs.append("")
        yield "\n".join(paragraphs).strip()


def read_texts(sources: Sequence[Path], schema: LabelSchema) -> list[str]:
    """Texts of annotated documents in any format, and of plain ``.txt`` files; folders are gone through.

    Raises:
        TopnerError: a source is missing or cannot be read, or nothing in it is text.
    """
    texts: list[str] = []
    for source in sources:
        try:
            texts += [document.text for document in read_documents(source, None, schema, Ledger())]
        except TopnerError:
            plain = sorted(source.rglob("*.txt")) if source.is_dir() else [source]
            texts += [read_text(path) for path in plain]
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise TopnerError("there is no text to measure on", hint="name text files or annotated documents with --data")
    return texts


def fill(texts: Sequence[str] | Iterator[str], characters: int) -> list[str]:
    """Texts one after the other, again from the first where they run out, until they make ``characters`` code points.

    The last one is cut; none is empty.
    """
    chosen: list[str] = []
    left = characters
    for text in cycle(texts):
        if left <= 0:
            break
        chosen.append(text[:left])
        left -= len(chosen[-1])
    return [text for text in chosen if text.strip()]


def stretches(texts: Sequence[str], length: int, count: int) -> list[str]:
    """``count`` stretches of ``length`` code points, cut from the texts one after the other."""
    joined = "".join(fill(texts, length * count))
    while len(joined) < length * count:  # texts of white space were left out
        joined += joined
    return [joined[i * length : (i + 1) * length] for i in range(count)]


def read_gold(path: Path, schema: LabelSchema, max_loss: float = 0.02) -> list[Document]:
    """Annotated documents to score by.

    Raises:
        TopnerError: they cannot be read, or more than ``max_loss`` of their annotations would be lost.
    """
    ledger = Ledger()
    documents = read_documents(path, None, schema, ledger)
    ledger.check(max_loss)
    return documents
