import random

import pytest

from topner.corpus.statistics import describe, diversity, spread, value_of
from topner.document import Document
from topner.labels import LabelSchema

SPANS = [(0, 4, "ORG"), (5, 12, "TARGET")]
DOCUMENTS = [
    Document.from_spans("a", "市科技局：引进20个团队。", SPANS, {"genre": "statement", "place": "广东省江门市"}),
    Document.from_spans("b", "市委部署。", [(0, 2, "ORG")], {"genre": "meeting", "place": "内蒙古自治区包头市"}),
    Document("c", "今日无事。", meta={"genre": "meeting", "year": 2020, "place": "全国"}),
]


def random_text(size, seed):
    rng = random.Random(seed)
    return "".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(size))


def test_counts():
    found = describe(DOCUMENTS, LabelSchema())
    assert (found.documents, found.characters, found.bare) == (3, 23, 1)
    assert found.mentions == {"TARGET": 1, "PROJECT": 0, "ORG": 2}
    assert found.lengths["TARGET"] == (7, 7, 7, 7)
    assert found.lengths["PROJECT"] == (0, 0, 0, 0)


def test_spread_by_genre_and_province():
    genres = spread(DOCUMENTS, "genre")
    assert list(genres) == ["meeting", "statement"]
    assert genres["meeting"] == {"documents": 2, "characters": 10, "ORG": 1}
    assert [value_of(d, "province") for d in DOCUMENTS] == ["广东", "内蒙古", "全国"]
    assert value_of(DOCUMENTS[0], "year") == "-"


def test_diversity_knows_templates():
    varied = [random_text(1000, i) for i in range(30)]
    template = "今年要确保规模以上工业增加值增长百分之六，固定资产投资增长百分之八，社会消费品零售总额增长百分之七。"
    assert diversity(varied) == pytest.approx(10_000, rel=0.01)
    assert diversity([template * 10] * 30) < 100
    assert diversity(varied) == diversity(varied)
    assert diversity([]) == diversity(["，。"]) == 0


def test_diversity_does_not_depend_on_the_size_of_the_set():
    texts = [random_text(300, i % 40) for i in range(400)]
    assert diversity(texts[:200]) == pytest.approx(diversity(texts), rel=0.1)
