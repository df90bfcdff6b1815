import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.corpus.standoff import join_standoff, split_standoff
from topner.document import Document
from topner.errors import TopnerError
from topner.pretraining.source import read_lines

ROOT = Path(__file__).parents[2]
TEXT = ROOT.parent / "shared/pretrain/formal_zh.txt.zst"
LINES = ["一、回顾", "市科技局局长陈𠮷说，力争高企达到500家。", "二、展望"]


def record(**changes):
    text = "".join(f"{line}\n" for line in LINES[1:3])
    start = text.index("高企")
    entities = [{"start": 0, "end": 4, "label": "ORG"}, {"start": start, "end": start + 8, "label": "TARGET"}]
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"id": "a", "lines": [1, 3], "sha256": digest, "entities": entities, **changes}


def written(folder, value):
    path = folder / "standoff.jsonl"
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def test_annotations_come_back_to_their_words(tmp_path):
    (document,) = join_standoff(written(tmp_path, record()), LINES)
    assert [mention.text for mention in document.mentions] == ["市科技局", "高企达到500家"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (record(lines=[0, 2]), "not those that were annotated"),
        (record(lines=[1]), "'lines'"),
        (record(entities=[{"start": 0, "label": "ORG"}]), "'entities'"),
        (record(entities=[{"start": 0, "end": 999, "label": "ORG"}]), "does not stand"),
        ({"id": "a"}, "'lines'"),
    ],
)
def test_what_does_not_fit_is_said_with_its_line(tmp_path, value, message):
    with pytest.raises(TopnerError, match=message) as error:
        join_standoff(written(tmp_path, value), LINES)
    assert "standoff.jsonl" in str(error.value)


@given(data=st.data(), lines=st.lists(st.text("市科技局5%“”𠮷 ", max_size=6), min_size=1, max_size=8))
def test_taking_apart_and_joining_is_the_identity(data, lines, tmp_path_factory):
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first + 1, len(lines)))
    text = "".join(f"{line}\n" for line in lines[first:last])
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    document = Document.from_spans("段", text, [(start, end, "ORG")])
    (value,) = split_standoff([document], lines)
    path = written(tmp_path_factory.mktemp("standoff"), value)
    assert join_standoff(path, lines) == [document]


def test_what_is_no_run_of_lines_is_not_taken_apart():
    with pytest.raises(TopnerError, match="'改' is no run of whole lines"):
        split_standoff([Document("改", "市科技局局长说\n")], LINES)
    (record,) = split_standoff([Document("尾", "二、展望")], LINES)
    assert record["lines"] == [2, 3]


def test_what_is_measured_on_is_no_part_of_what_is_trained_on():
    measured, trained = (
        [json.loads(line)["lines"] for line in (ROOT / f"data/real/{name}.jsonl").read_text("utf-8").splitlines()]
        for name in ("first", "train")
    )
    assert len(trained) == len({tuple(lines) for lines in trained}) == 320
    assert not [pair for pair in measured for lines in trained if pair[0] < lines[1] and lines[0] < pair[1]]


@pytest.mark.skipif(not TEXT.is_file(), reason="the text lies outside the project (shared/pretrain)")
@pytest.mark.parametrize(
    ("layer", "documents", "mentions"),
    [("first", 50, 726), ("second", 18, 330), ("train", 320, 3850), ("train-second", 20, 224)],
)
def test_the_annotated_real_stretches_are_still_there(layer, documents, mentions):
    joined = join_standoff(ROOT / f"data/real/{layer}.jsonl", list(read_lines(TEXT)))
    assert len(joined) == documents
    assert sum(len(document.mentions) for document in joined) == mentions
    for document in joined:
        for mention in document.mentions:
            assert mention.text == mention.text.strip(" ，。、；：\n")
