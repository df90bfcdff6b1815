from evaluation_cases import data_sets, document
from hypothesis import given, settings

from topner.evaluation.breakdown import breakdown
from topner.evaluation.matching import match_mentions


def test_by_length_condition_and_metadata():
    clean = document("a", "市科技局与江门双碳实验室", (0, 4, "ORG"), (5, 12, "ORG"), genre="news")
    ruby = document("b", "全社會研發(fā)經(jīng)費(fèi)，市科技局", ("市科技局", "ORG"), genre="plan")
    more = [document(f"c{i}", "市科技局", (0, 4, "ORG"), genre=g) for i, g in enumerate(("news", "plan"))]
    gold = [clean, ruby, *more]
    short = document("a", clean.text, (0, 4, "ORG"), (5, 11, "ORG"), genre="news")
    parts = breakdown([(gold[0], short), *((d, d) for d in gold[1:])])
    assert list(parts) == ["genre", "condition", "length"]
    assert (parts["genre"]["news"].strict.support, parts["genre"]["news"].strict.correct) == (3, 2)
    assert parts["condition"]["ruby"].strict.support == parts["condition"]["script"].strict.support == 1
    assert parts["condition"]["clean"].documents == 3
    assert parts["length"]["1–4"].strict.f1 == 1
    long = parts["length"]["5–8"]
    assert (long.strict.support, long.strict.predicted, long.strict.correct) == (1, 1, 0)
    assert (long.partial["type"].f1, long.partial["partial"].f1) == (1, 0.5)


@settings(max_examples=60, deadline=None)
@given(data_sets())
def test_lengths_hold_every_mention_once(sets):
    pairs = list(zip(*sets, strict=True))
    parts = breakdown(pairs).get("length")
    kinds = [m.kind for g, p in pairs for m in match_mentions(g.mentions, p.mentions)]
    if parts is not None:
        assert sum(part.strict.support for part in parts.values()) == sum(len(g.mentions) for g, _ in pairs)
        assert sum(part.strict.predicted for part in parts.values()) == sum(len(p.mentions) for _, p in pairs)
        assert sum(part.strict.correct for part in parts.values()) == kinds.count("correct")
