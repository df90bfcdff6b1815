import json

import pytest
from evaluation_cases import SCHEMA, document

from topner.errors import TopnerError
from topner.evaluation.predictions import PREDICTIONS, write_predictions
from topner.evaluation.runs import compare_runs, spread
from topner.labels import LabelSchema

TEXT = "市科技局支持“科创杯”大赛，新增企业60家。"
GOLD = [document(id, TEXT, ("市科技局", "ORG"), ("“科创杯”大赛", "PROJECT")) for id in ("甲", "乙", "丙")]
HALF = [document(one.id, TEXT, ("科技局", "ORG"), ("“科创杯”大赛", "PROJECT")) for one in GOLD]


def evaluation(folder, gold=GOLD, predicted=GOLD, labels=SCHEMA.names):
    folder.mkdir(parents=True, exist_ok=True)
    write_predictions(folder / PREDICTIONS, gold, predicted)
    (folder / "metrics.json").write_text(json.dumps({"labels": labels}), encoding="utf-8")
    return str(folder)


def jsonl(path, documents):
    path.write_text("".join(json.dumps(one.to_json()) + "\n" for one in documents), encoding="utf-8")
    return path


def run(a, b, **options):
    return compare_runs(a, b, resamples=20, **options)


def test_evaluation_folders(tmp_path):
    a, b = evaluation(tmp_path / "a", predicted=HALF), evaluation(tmp_path / "b")
    result = run(a, b)
    assert result.provenance == {"A": [a], "B": [b]}
    assert result.tally() == {"fixed": 3}
    assert result.schema == SCHEMA
    assert run(f"{a}/{PREDICTIONS}", b).tally() == {"fixed": 3}


def test_training_runs_take_test_where_all_have_it(tmp_path):
    for name in ("one", "two"):
        evaluation(tmp_path / name / "evaluation/test")
        evaluation(tmp_path / name / "evaluation/dev", predicted=HALF)
    evaluation(tmp_path / "three/evaluation/dev")
    one, two, three = (str(tmp_path / name) for name in ("one", "two", "three"))
    assert run(one, two).provenance["A"] == [f"{one}/evaluation/test"]
    assert run(one, two, split="dev").provenance["B"] == [f"{two}/evaluation/dev"]
    assert run(one, three).provenance == {"A": [f"{one}/evaluation/dev"], "B": [f"{three}/evaluation/dev"]}
    assert run(one, f"{three}/evaluation/dev").provenance["A"] == [f"{one}/evaluation/test"]
    with pytest.raises(TopnerError, match=r"three: has no evaluation 'test', but dev \(name another with --split\)"):
        run(one, three, split="test")
    (tmp_path / "four/evaluation/real").mkdir(parents=True)
    with pytest.raises(TopnerError, match="four: has no evaluation 'test' or 'dev', but real"):
        run(one, str(tmp_path / "four"))


def test_jsonl_with_gold(tmp_path):
    gold = jsonl(tmp_path / "gold.jsonl", GOLD)
    a, b = jsonl(tmp_path / "a.jsonl", HALF), evaluation(tmp_path / "b", gold=HALF)
    result = run(str(a), b, data=gold)
    assert result.tally() == {"fixed": 3}  # by the gold that was given, not the one kept in b
    assert result.provenance["gold"] == str(gold)
    assert result.provenance["gold_losses"] == "6 annotations, nothing lost"
    with pytest.raises(TopnerError, match=r"a.jsonl, line 1: .*no list 'gold' .*--gold"):
        run(str(a), b)


def test_gold_that_loses_too_much(tmp_path):
    gold = jsonl(tmp_path / "gold.jsonl", GOLD)
    a = evaluation(tmp_path / "a")
    with pytest.raises(TopnerError, match="annotations were dropped"):
        run(a, a, data=gold, schema=LabelSchema(("ORG",)))


def test_lists_go_in_pairs(tmp_path):
    a = ",".join(evaluation(tmp_path / f"a{i}", predicted=HALF) for i in range(3))
    b = ",".join(evaluation(tmp_path / f"b{i}", predicted=GOLD if i else HALF) for i in range(3))
    result = run(a, b)
    assert [difference > 0 for difference in result.micro.by_pair] == [False, True, True]
    assert {change.pairs for change in result.changes} == {(2, 3)}
    with pytest.raises(TopnerError, match="3 runs cannot be paired with 1"):
        run(a, str(tmp_path / "b1"))
    with pytest.raises(TopnerError, match="an empty name"):
        run(a + ",", b)
    odd = evaluation(tmp_path / "with,comma")
    assert run(odd, odd).verdict == "same"


def test_documents_that_not_all_have(tmp_path):
    a, b = evaluation(tmp_path / "a"), evaluation(tmp_path / "b", GOLD[1:], HALF[1:])
    with pytest.raises(TopnerError, match=r"b: has no prediction for document '甲'.*--common"):
        run(a, b)
    with pytest.raises(TopnerError, match="b: has no prediction for document '甲'"):
        run(b, a)
    result = run(a, b, common=True)
    assert [one.id for one in result.gold] == ["乙", "丙"]
    assert result.provenance["left_out"] == ["甲"]
    other = evaluation(tmp_path / "other", *[[document("丁", TEXT)]] * 2)
    with pytest.raises(TopnerError, match="no document in common"):
        run(a, other, common=True)
    with pytest.raises(TopnerError, match=r"\(4 documents are not everywhere\)"):
        run(a, other)
    gold = jsonl(tmp_path / "gold.jsonl", GOLD[:2])
    with pytest.raises(TopnerError, match="a: is given no gold for document '丙'"):
        run(a, a, data=gold)


def test_texts_that_differ(tmp_path):
    other = [document(one.id, TEXT.replace("60", "61"), *[m.key for m in one.mentions]) for one in GOLD]
    a, b = evaluation(tmp_path / "a"), evaluation(tmp_path / "b", other, other)
    for common in (False, True):
        with pytest.raises(TopnerError, match=r"b: the text of document '甲' is not that of .*a, from character 19 on"):
            run(a, b, common=common)


def test_gold_that_differs(tmp_path):
    less = [GOLD[0], document("乙", TEXT, ("市科技局", "ORG")), GOLD[2]]
    a, b = evaluation(tmp_path / "a"), evaluation(tmp_path / "b", less)
    with pytest.raises(
        TopnerError, match=r"b: the gold of document '乙' .*a: it lacks '“科创杯”大赛' \(PROJECT, 6-13\)"
    ):
        run(a, b)
    with pytest.raises(TopnerError, match=r"a: the gold .* it has beyond it '“科创杯”大赛' .*--gold"):
        run(b, a)


def test_labels(tmp_path):
    names = ["POLICY", "ORG"]
    gold = [document("甲", TEXT, ("科创杯", "POLICY"))]
    a = evaluation(tmp_path / "a", gold, gold, names)
    assert run(a, a).schema.names == tuple(names)
    assert run(a, evaluation(tmp_path / "b", gold, gold, names[::-1])).schema.names == tuple(names)
    with pytest.raises(TopnerError, match=r"c/metrics.json: has the labels TARGET, PROJECT, ORG, .* has POLICY, ORG"):
        run(a, evaluation(tmp_path / "c", gold, gold))
    with pytest.raises(TopnerError, match="labelled 'POLICY', the labels are ORG"):
        run(a, a, schema=LabelSchema(("ORG",)))
    (tmp_path / "a/metrics.json").write_text("[]", encoding="utf-8")
    with pytest.raises(TopnerError, match=r"a/metrics.json: holds no list of labels"):
        run(a, a)
    (tmp_path / "a/metrics.json").unlink()
    assert run(a, a, schema=LabelSchema(("POLICY",))).schema.names == ("POLICY",)


def test_not_a_run(tmp_path):
    good = evaluation(tmp_path / "a")
    with pytest.raises(TopnerError, match="nowhere: no such file or folder"):
        run(good, str(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(TopnerError, match=r"empty: holds no evaluation \(an evaluation folder, a training run"):
        run(good, str(tmp_path / "empty"))
    old = tmp_path / "old"
    old.mkdir()
    (old / "metrics.json").write_text(json.dumps({"labels": SCHEMA.names}), encoding="utf-8")
    with pytest.raises(TopnerError, match=r"old: holds no predictions.jsonl \(evaluate again"):
        run(good, str(old))


def test_spread_is_mean_and_sample_deviation():
    assert spread([0.5]) == "0.500"
    assert spread([0.4, 0.5, 0.6]) == "0.500 ± 0.100"
    assert spread([0.75, 0.77], 4) == "0.7600 ± 0.0141"
