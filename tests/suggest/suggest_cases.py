"""A tagger that finds what a pattern says, with scores one can reckon, documents tagged by it, and the command line."""

import re
import subprocess
import sys

from topner.document import Document, Mention
from topner.labels import LabelSchema

PATTERNS = {
    "TARGET": r"增长\d+%|引进\d+个团队|新建公园\d+座",
    "PROJECT": r"云湖新城|清河水库|“科创杯”大赛",
    "ORG": r"市科技局|市水利局|华远电气",
}
TEXTS = {
    "水利": "市水利局介绍，清河水库加固后汛前完工。😀\n\n陈𠮷局长说，今年雨水偏多，各村要早做准备，沟渠清淤一刻也不能等。",
    "科技": "市科技局表示，争取引进2个团队，办好“科创杯”大赛。［２０２６］年的经费已经到位，实验楼里灯火通明。",
    "工业": "华远电气的新车间昨日投产，厂区占地300亩。全年力争增长7%，工人们忙着调试机器，叉车来回穿梭。",
    "公园": "街道答应今年新建公园12座，老人有了遛弯的去处，孩子也有地方放风筝，附近的菜场跟着热闹起来。",
    "无": "下了一夜的雨，早上的街道湿漉漉的，卖早点的摊子支起棚子，蒸笼冒着白汽，行人三三两两。",
}


class Patterns:
    """Stands in for a tagger: ``pipe`` and ``schema``. Mentions get the scores in turn."""

    schema = LabelSchema()

    def __init__(self, *scores: float) -> None:
        self.scores = scores or (0.6, 0.9, 0.97)

    def pipe(self, texts, batch_size=32):
        for document in texts:
            yield self.tag(document)

    def tag(self, document: Document) -> Document:
        spans = sorted(
            (*m.span(), label) for label, pattern in PATTERNS.items() for m in re.finditer(pattern, document.text)
        )
        return document.with_mentions(
            Mention(start, end, label, document.text[start:end], self.scores[i % len(self.scores)])
            for i, (start, end, label) in enumerate(spans)
        )


def raw_folder(folder, texts=TEXTS):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_bytes(text.encode())
    return folder


def tagged(*scores):
    tagger = Patterns(*scores)
    return [tagger.tag(Document(name, text, (), {"source": f"原文/{name}.txt"})) for name, text in TEXTS.items()]


def topner(*arguments):
    command = [sys.executable, "-c", "from topner.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False)
