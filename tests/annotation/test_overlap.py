from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from topner.annotation.overlap import resolve_overlaps
from topner.document import Mention
from topner.labels import LabelSchema
from topner.ledger import Ledger

TEXT = "到2027年建成丹青新区智慧物流园等重大项目50个，由省发展改革委牵头"
SCHEMA = LabelSchema()


def mention(part: str, label: str) -> Mention:
    start = TEXT.index(part)
    return Mention(start, start + len(part), label, part)


def resolved(*mentions: Mention, schema: LabelSchema = SCHEMA) -> tuple[list[str], list[str]]:
    ledger = Ledger()
    kept = resolve_overlaps("d", mentions, schema, ledger)
    return [f"{m.label} {m.text}" for m in kept], [f"{loss.label} {loss.text}: {loss.reason}" for loss in ledger]


def test_a_target_swallows_the_project_in_it():
    target = mention("建成丹青新区智慧物流园等重大项目50个", "TARGET")
    kept, lost = resolved(mention("丹青新区智慧物流园", "PROJECT"), target)
    assert kept == [f"TARGET {target.text}"]
    assert lost == [f"PROJECT 丹青新区智慧物流园: overlaps a TARGET: {target.text!r} at [6, 25) stays"]


def test_the_stronger_label_wins_though_shorter_and_later():
    kept, lost = resolved(mention("丹青新区智慧物流园", "ORG"), mention("智慧物流园", "PROJECT"))
    assert kept == ["PROJECT 智慧物流园"]
    assert len(lost) == 1


def test_precedence_is_the_order_of_the_schema():
    schema = LabelSchema(("ORG", "PROJECT"))
    kept, _ = resolved(mention("丹青新区智慧物流园", "ORG"), mention("智慧物流园", "PROJECT"), schema=schema)
    assert kept == ["ORG 丹青新区智慧物流园"]


def test_of_one_label_the_longest_then_the_first():
    kept, lost = resolved(mention("发展改革委", "ORG"), mention("省发展改革委", "ORG"), mention("省发展", "ORG"))
    assert kept == ["ORG 省发展改革委"]
    assert len(lost) == 2
    kept, _ = resolved(mention("发展改革", "ORG"), mention("省发展改", "ORG"))
    assert kept == ["ORG 省发展改"]


def test_the_same_mention_twice_is_no_loss():
    kept, lost = resolved(mention("省发展改革委", "ORG"), mention("省发展改革委", "ORG"))
    assert kept == ["ORG 省发展改革委"]
    assert lost == []


def test_neighbours_do_not_overlap():
    kept, lost = resolved(mention("丹青新区", "ORG"), mention("智慧物流园", "PROJECT"))
    assert kept == ["ORG 丹青新区", "PROJECT 智慧物流园"]
    assert lost == []


@given(
    st.lists(
        st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 9), st.sampled_from(SCHEMA.names)).map(
            lambda t: Mention(t[0], min(t[0] + t[1], len(TEXT)), t[2], TEXT[t[0] : t[0] + t[1]])
        ),
        max_size=12,
    )
)
def test_what_is_left_is_flat_and_every_loss_has_a_winner(mentions):
    ledger = Ledger()
    kept = resolve_overlaps("d", mentions, SCHEMA, ledger)
    assert all(a.end <= b.start for a, b in pairwise(kept))
    assert set(kept) <= set(mentions)
    lost = {(loss.start, loss.end, loss.label) for loss in ledger}
    assert {m.key for m in mentions} == {m.key for m in kept} | lost
    assert not lost & {m.key for m in kept}
    for start, end, label in lost:
        assert any(
            k.start < end and start < k.end and SCHEMA.precedence(k.label) <= SCHEMA.precedence(label) for k in kept
        )
