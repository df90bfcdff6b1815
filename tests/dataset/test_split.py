import json
import random

import pytest

from topner.dataset.duplicates import near_duplicate_groups
from topner.dataset.split import read_splits, split_documents, write_splits
from topner.document import Document
from topner.errors import TopnerError

SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}


def make(number, genre):
    generator = random.Random(number)
    words = [
        "产业",
        "园区",
        "铁路",
        "增长",
        "企业",
        "教育",
        "水库",
        "湖",
        "镇",
        "改造",
        "新增",
        "医院",
        "林",
        "桥",
        "港",
    ]
    return Document(f"{genre}-{number:03}", "".join(generator.choice(words) for _ in range(150)), (), {"genre": genre})


DOCUMENTS = [make(100 * g + i, genre) for g, genre in enumerate(("report", "news", "plan")) for i in range(20)]


def ids(splits):
    return {name: {document.id for document in members} for name, members in splits.items()}


def test_every_document_once_and_genres_spread():
    splits = split_documents(DOCUMENTS, SHARES, seed=5)
    assert sorted(d.id for members in splits.values() for d in members) == sorted(d.id for d in DOCUMENTS)
    assert {name: len(members) for name, members in splits.items()} == {"train": 48, "dev": 6, "test": 6}
    assert {d.meta["genre"] for d in splits["test"]} == {"report", "news", "plan"}


def test_the_order_of_the_input_does_not_matter_but_the_seed_does():
    shuffled = random.Random(1).sample(DOCUMENTS, len(DOCUMENTS))
    assert ids(split_documents(shuffled, SHARES, 5)) == ids(split_documents(DOCUMENTS, SHARES, 5))
    assert ids(split_documents(DOCUMENTS, SHARES, 6)) != ids(split_documents(DOCUMENTS, SHARES, 5))


def test_a_reprint_with_a_new_lead_stays_with_its_source():
    source = DOCUMENTS[7]
    reprint = Document(
        "reprint", "本报讯（记者 陈𠮷）昨日获悉：" + source.text[:120] + "（来源：市政府网）", (), {"genre": "news"}
    )
    groups = near_duplicate_groups([d.text for d in [*DOCUMENTS, reprint]])
    assert [7, len(DOCUMENTS)] in groups
    assert sum(len(group) > 1 for group in groups) == 1
    for seed in range(5):
        found = ids(split_documents([*DOCUMENTS, reprint], SHARES, seed))
        assert any({source.id, "reprint"} <= members for members in found.values())


def test_short_and_empty_texts_are_no_duplicates_of_each_other():
    assert near_duplicate_groups(["", "", "一", "二", "。。"]) == [[0], [1], [2], [3], [4]]


def test_too_few_documents():
    with pytest.raises(TopnerError, match="too few for the splits"):
        split_documents(DOCUMENTS[:2], SHARES)


def test_a_frozen_split_comes_back(tmp_path):
    splits = split_documents(DOCUMENTS, SHARES, 5)
    write_splits(tmp_path / "splits.json", splits)
    assert ids(read_splits(tmp_path / "splits.json", DOCUMENTS)) == ids(splits)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1, 2]", "expected JSON"),
        ("{", "expected JSON"),
        ({"train": ["nowhere"]}, "'nowhere' is not in the data"),
        ({"train": ["report-000", "report-000"]}, "stands twice"),
        ({"train": ["report-000"]}, "is in no split"),
    ],
)
def test_a_frozen_split_that_does_not_fit(tmp_path, content, message):
    path = tmp_path / "splits.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    with pytest.raises(TopnerError, match=message):
        read_splits(path, DOCUMENTS)
