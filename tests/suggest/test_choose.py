import csv
import random

import pytest
from suggest_cases import TEXTS, Patterns, raw_folder, tagged

from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.sources.remarks import Remarks
from topner.suggest.choose import choose, label_counts, rarity, uncertainty
from topner.suggest.listing import choice_table, write_choice
from topner.suggest.pool import tag_pool

EVEN = {"TARGET": 5, "PROJECT": 5, "ORG": 5}
LABELS = Patterns.schema.names


def document(text, *scores, label="ORG"):
    return Document("x", text, tuple(Mention(i, i + 1, label, text[i], score) for i, score in enumerate(scores)))


def test_uncertainty_is_expected_errors_in_a_thousand_characters():
    assert uncertainty(document("字" * 500, 0.5, 0.75)) == pytest.approx(1.5)
    assert uncertainty(document("字" * 1000, 0.5, 0.75)) == pytest.approx(0.75)
    assert uncertainty(document("字" * 500)) == 0
    assert uncertainty(document("字", 0.5)) == pytest.approx(2.5)  # as if of 200 characters


def test_rare_labels_count_more():
    counts = {"TARGET": 99, "ORG": 9, "PROJECT": 0}
    text = "字" * 1000
    assert rarity(document(text, 0.5, 0.5, label="PROJECT"), counts) == pytest.approx(2)
    assert rarity(document(text, 0.5, label="ORG"), counts) == pytest.approx(0.1)
    assert rarity(document(text, 0.5, label="TARGET"), counts) == pytest.approx(0.01)
    assert rarity(document(text), counts) == 0


def test_labels_that_do_not_occur_are_counted():
    assert label_counts([document("字字", 0.5)], LABELS) == {"TARGET": 0, "PROJECT": 0, "ORG": 1}


def test_the_doubtful_come_first():
    pool = [
        d.with_mentions(Mention(*m.span, m.label, m.text, 0.2 if d.id == "公园" else 0.99) for m in d.mentions)
        for d in tagged()
    ]
    ranked = choose(pool, [], 5, EVEN, diversity=0, rare=0)
    assert ranked[0].document.id == "公园"
    assert [one.total for one in ranked] == sorted((one.total for one in ranked), reverse=True)
    assert ranked[-1].document.id == "无"
    assert ranked[-1].uncertainty == 0


def test_rare_alone_follows_the_rare_label():
    ranked = choose(tagged(0.9), [], 1, {"TARGET": 100, "PROJECT": 0, "ORG": 100}, diversity=0, rare=1)
    assert {m.label for m in ranked[0].document.mentions} >= {"PROJECT"}


def test_diversity_prefers_what_is_unlike():
    base = "市水利局介绍，清河水库加固后汛前完工，两岸农田旱涝保收。"
    near = "市水利局介绍，清河水库清淤后灌区复耕，下游果园添了蓄水池。"
    pool = [Patterns(0.5).tag(Document(id, text)) for id, text in (("a", base), ("b", near), ("c", TEXTS["公园"]))]
    greedy = [one.document.id for one in choose(pool, [], 2, EVEN, diversity=0) if one.rank]
    varied = [one.document.id for one in choose(pool, [], 2, EVEN, diversity=0.9) if one.rank]
    assert set(greedy) == {"a", "b"}
    assert "c" in varied


def test_what_is_held_is_nothing_new():
    held = [Document("旧", TEXTS["水利"][:24] + "剩下的篇幅写了别的事情，和水没有关系，写的是灯会和庙会。")]
    ranked = {one.document.id: one for one in choose(tagged(), held, 5, EVEN)}
    fresh = {one.document.id: one for one in choose(tagged(), [], 5, EVEN)}
    assert ranked["水利"].novelty < fresh["水利"].novelty
    assert ranked["公园"].novelty > ranked["水利"].novelty


def test_near_duplicates_of_the_chosen_are_passed_over_and_said_so():
    text = TEXTS["科技"]
    pool = [Patterns(0.5).tag(Document(id, lead + text)) for id, lead in (("原", ""), ("转", "本报讯："))]
    first, second = choose(pool, [], 2, EVEN)
    assert (first.rank, first.reason) == (1, "chosen")
    assert (second.rank, second.reason) == (None, f"near-duplicate of {first.document.id}, which was chosen")


def test_the_order_of_the_pool_does_not_matter():
    pool = tagged()
    expected = choose(pool, [], 3, EVEN)
    assert [one.rank for one in expected] == [1, 2, 3, None, None]
    for seed in range(5):
        shuffled = random.Random(seed).sample(pool, len(pool))
        assert choose(shuffled, [], 3, EVEN) == expected


def test_choosing_from_nothing_and_for_nothing():
    assert choose([], [], 3, EVEN) == []
    with pytest.raises(TopnerError, match="makes no sense"):
        choose(tagged(), [], 0, EVEN)
    with pytest.raises(TopnerError, match="makes no sense"):
        choose(tagged(), [], 1, EVEN, diversity=1.5)


def test_the_pool_leaves_out_what_is_held_and_names_what_it_cannot_read(tmp_path):
    raw = raw_folder(tmp_path / "raw", {**TEXTS, "空": " \n", "水利转载": "本报讯：" + TEXTS["水利"]})
    (raw / "坏.txt").write_bytes(bytes(range(256)))
    held = [Document("水利旧", TEXTS["水利"]), Document("无", "同名的另一篇文章，写了别的事。")]
    remarks = Remarks()
    pool, left_out = tag_pool(Patterns(), [raw, tmp_path / "没有.txt"], held, None, 2, remarks)
    assert sorted(d.id for d in pool) == ["公园", "工业", "科技"]
    assert all(d.mentions for d in pool)
    assert {out.document.id: out.reason for out in left_out} == {
        "空": "blank",
        "水利": "near-duplicate of 水利旧 in the corpus",
        "水利转载": "near-duplicate of 水利旧 in the corpus",
        "无": "the corpus has a document of this id",
    }
    assert [problem.rpartition("/")[2].split(" (")[0] for problem in remarks.problems] == [
        "坏.txt: is no text in UTF-8, UTF-16, GB18030 or Big5",
        "没有.txt: no such file",
    ]


def test_table_and_csv_tell_of_every_document(tmp_path):
    raw = raw_folder(tmp_path / "raw", {**TEXTS, "=空": "\n"})
    pool, left_out = tag_pool(Patterns(), [raw], [], None, 2, Remarks())
    ranked = choose(pool, [], 2, EVEN)
    table = choice_table(ranked, left_out, LABELS)
    assert table.splitlines()[-1] == "chosen 2 of 6; blank 1, not chosen 3"
    assert [line.split()[:2] for line in table.splitlines()[1:3]] == [
        [str(one.rank), one.document.id] for one in ranked[:2]
    ]
    write_choice(tmp_path / "c.csv", ranked, left_out, LABELS)
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["rank"] for row in rows] == ["1", "2", "", "", "", ""]
    assert (rows[-1]["id"], rows[-1]["reason"], rows[-1]["characters"]) == ("'=空", "blank", "1")
    first = ranked[0].document
    assert int(rows[0]["ORG"]) == sum(m.label == "ORG" for m in first.mentions)
    assert rows[0]["source"] == first.meta["source"]
