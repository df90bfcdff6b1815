"""What the contenders read."""

from itertools import islice

import pytest

from topner.benchmark.texts import fill, invented, read_gold, read_texts, stretches
from topner.errors import TopnerError
from topner.labels import LabelSchema


def test_invented_documents_are_the_same_again_and_chinese():
    first, again = list(islice(invented(3), 20)), list(islice(invented(3), 20))
    assert first == again
    assert first != list(islice(invented(4), 20))
    assert min(map(len, first)) >= 190
    assert all("{" not in text and "。" in text for text in first)


def test_fill_repeats_and_cuts():
    assert fill(["一二三", "四五"], 12) == ["一二三", "四五", "一二三", "四五", "一二"]
    assert fill(["𠮷😀龘"], 2) == ["𠮷😀"]
    assert fill(["　\n", "文"], 5) == ["文"]
    assert sum(map(len, fill(invented(), 7000))) == 7000


def test_stretches_have_the_length_asked_for():
    found = stretches(["云湖新城" * 30, " " * 50], 100, 4)
    assert [len(text) for text in found] == [100] * 4


def test_texts_of_annotated_and_plain_files(corpus, tmp_path):
    texts = read_texts([corpus], LabelSchema())
    assert len(texts) == 8
    assert not any("](TARGET)" in text for text in texts)
    (tmp_path / "甲.txt").write_text("加快云湖新城建设。", encoding="utf-8")
    (tmp_path / "乙.txt").write_text("  ", encoding="utf-8")
    assert read_texts([tmp_path], LabelSchema()) == ["加快云湖新城建设。"]
    with pytest.raises(TopnerError, match="no such file"):
        read_texts([tmp_path / "无.txt"], LabelSchema())
    with pytest.raises(TopnerError, match="no text"):
        read_texts([tmp_path / "乙.txt"], LabelSchema())


def test_gold_must_not_lose_annotations(corpus):
    assert len(read_gold(corpus, LabelSchema())) == 8
    with pytest.raises(TopnerError):
        read_gold(corpus, LabelSchema(("PERSON",)))
