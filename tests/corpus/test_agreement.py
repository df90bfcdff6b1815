import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from topner.corpus.agreement import MISSING, agreement, cohen_kappa, krippendorff_alpha, reliability
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema

SCHEMA = LabelSchema()
TEXT = "市科技局力争引进2个科研团队😀，办好“科创杯”大赛。"
A = Document.from_spans("a", TEXT, [(0, 4, "ORG"), (6, 14, "TARGET"), (18, 25, "PROJECT")])
B = Document.from_spans("a", TEXT, [(0, 4, "ORG"), (4, 14, "TARGET"), (18, 25, "PROJECT")])
codes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40).map(
    lambda rows: np.array(rows).T
)
partial = (
    st.lists(st.tuples(*[st.integers(MISSING, 3)] * 4), min_size=2, max_size=25)
    .map(lambda rows: np.array(rows).T)
    .filter(lambda values: ((values != MISSING).sum(axis=0) > 1).any())
)


@st.composite
def layered(draw, id):
    """Someone's version of the one text under an id."""
    cuts = sorted(draw(st.lists(st.integers(0, len(TEXT)), max_size=8, unique=True)))
    spans = [(a, b, draw(st.sampled_from(SCHEMA.names))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    return Document.from_spans(id, TEXT, spans)


def test_krippendorffs_own_example():
    # Krippendorff 2011, Computing Krippendorff's alpha-reliability, section B: nominal data, two observers, 0.692
    one, other = "aabbdccceddA".lower(), "babbbccceddd"
    values = np.array([[ord(c) - 97 for c in row] for row in (one, other)])
    assert krippendorff_alpha(values) == pytest.approx(0.692, abs=5e-4)


def test_krippendorffs_example_with_missing_values():
    # ibid., section C: nominal data, four observers, of whom none judged all twelve units, 0.743
    rows = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    values = np.array([[MISSING if c == "." else int(c) for c in row] for row in rows])
    assert values.shape == (4, 12)
    assert krippendorff_alpha(values) == pytest.approx(0.743, abs=5e-4)


def test_a_hand_computed_value():
    # Three coders, units aab, aa., .bb, a..: pairs o_aa = 2/2 + 2 = 3, o_bb = 2, o_ab = o_ba = 1; n_a = 4, n_b = 3, n = 7;
    # alpha = 1 - (7 - 1) * (1 + 1) / (2 * 4 * 3) = 1/2
    values = np.array([[0, 0, MISSING, 0], [0, 0, 1, MISSING], [1, MISSING, 1, MISSING]])
    assert krippendorff_alpha(values) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="no unit"):
        krippendorff_alpha(np.array([[0, MISSING], [MISSING, 1]]))


@given(values=codes)
@settings(deadline=None)
def test_kappa_is_that_of_scikit_learn(values):
    ours = cohen_kappa(values)
    if len(set(values.flat)) == 1:
        assert ours == 1.0
    else:
        assert ours == pytest.approx(cohen_kappa_score(values[0], values[1]))


@given(values=codes)
@settings(deadline=None)
def test_alpha_of_equal_coders_is_one(values):
    assert krippendorff_alpha(np.stack([values[0]] * 3)) == pytest.approx(1.0)
    assert krippendorff_alpha(values) == pytest.approx(krippendorff_alpha(values[::-1]))


def test_one_boundary_apart():
    result = agreement({"甲": [A], "乙": [B]}, SCHEMA)
    scores = result.pairs["甲", "乙"]
    assert scores["ORG"].f1 == scores["PROJECT"].f1 == 1.0
    assert scores["TARGET"].f1 == 0.0
    assert result.span_f1 == pytest.approx(2 / 3)
    assert 0 < result.alpha["TARGET"] < 1 == result.alpha["ORG"]
    assert [(d.mention.text, d.annotators) for d in result.disagreements] == [
        ("力争引进2个科研团队", ("乙",)),
        ("引进2个科研团队", ("甲",)),
    ]
    assert result.to_json()["span_f1"] == 0.6667


def test_three_annotators_and_documents_that_one_lacks():
    other = Document.from_spans("b", "省委召开会议。", [(0, 2, "ORG")])
    lone = Document("c", "只有一人标注。")
    result = agreement({"x": [A, other, lone], "y": [A], "z": [B, other.with_mentions(())]}, SCHEMA)
    assert (result.documents, result.complete, result.alone) == (2, 1, 1)
    assert result.characters == len(TEXT) + len(other.text)
    assert result.held == {"x": 3, "y": 1, "z": 2}
    assert result.shared == {("x", "y"): 1, ("x", "z"): 2, ("y", "z"): 1}
    assert result.pairs["x", "y"]["micro"].f1 == 1.0
    assert result.pairs["x", "z"]["ORG"].f1 == pytest.approx(2 / 3)  # one of two in x, that one in z
    assert result.pairs["y", "z"]["ORG"].f1 == 1.0
    assert result.mentions["x"] == {"TARGET": 1, "PROJECT": 1, "ORG": 2, "micro": 4}
    assert [(d.document, d.mention.text, d.annotators) for d in result.disagreements] == [
        ("a", "力争引进2个科研团队", ("z",)),
        ("a", "引进2个科研团队", ("x", "y")),
        ("b", "省委", ("x",)),  # y has not seen b
    ]


def test_annotators_who_share_nothing_are_no_pair():
    other = Document.from_spans("b", "省委召开会议。", [(0, 2, "ORG")])
    result = agreement({"x": [A], "y": [A, other], "z": [other]}, SCHEMA)
    assert set(result.pairs) == set(result.kappa) == {("x", "y"), ("y", "z")}
    assert result.shared["x", "z"] == 0
    assert result.span_f1 == result.alpha["micro"] == 1.0
    assert result.to_json()["pairs"][1] == {"annotators": ["x", "z"], "documents": 0, "span_f1": {}, "kappa": {}}


def test_empty_texts_are_agreed_on():
    result = agreement({"x": [Document("a", "")], "y": [Document("a", "")]}, SCHEMA)
    assert result.alpha["micro"] == result.kappa["x", "y"]["micro"] == 1.0
    assert not result.pairs["x", "y"]["micro"].defined


@given(values=partial, data=st.data())
@settings(deadline=None)
def test_order_of_annotators_and_units_changes_nothing(values, data):
    rows = data.draw(st.permutations(range(values.shape[0])))
    columns = data.draw(st.permutations(range(values.shape[1])))
    assert krippendorff_alpha(values[rows][:, columns]) == pytest.approx(krippendorff_alpha(values))


@given(values=codes)
@settings(deadline=None)
def test_alpha_of_two_without_missing_values_is_the_short_formula(values):
    counts = np.bincount(values.ravel()).astype(float)
    total = counts.sum()
    chance = (counts * (counts - 1)).sum() / (total * (total - 1))  # probability that two values drawn are the same
    expected = 1.0 if chance == 1 else 1 - (values[0] != values[1]).mean() / (1 - chance)
    assert krippendorff_alpha(values) == pytest.approx(expected)


@given(values=partial)
@settings(deadline=None)
def test_coders_without_values_and_units_with_one_change_nothing(values):
    nobody = np.full((1, values.shape[1]), MISSING)
    lone = np.full((values.shape[0], 1), MISSING)
    lone[0] = 2
    alpha = krippendorff_alpha(values)
    assert krippendorff_alpha(np.vstack([values, nobody])) == pytest.approx(alpha)
    assert krippendorff_alpha(np.hstack([values, lone])) == pytest.approx(alpha)


@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_whoever_comes_first(data):
    names = ["甲", "乙", "丙"]
    held = {
        name: data.draw(st.lists(layered("d1") | layered("d2"), max_size=2, unique_by=lambda d: d.id)) for name in names
    }
    if sum(len(documents) for documents in held.values()) < len({d.id for ds in held.values() for d in ds}) + 1:
        return  # no document in common
    one = agreement(held, SCHEMA)
    other = agreement({name: held[name] for name in data.draw(st.permutations(names))}, SCHEMA)
    assert other.alpha == pytest.approx(one.alpha)
    assert other.span_f1 == pytest.approx(one.span_f1)
    assert (other.documents, other.complete, other.alone) == (one.documents, one.complete, one.alone)
    assert {frozenset(pair): n for pair, n in other.shared.items()} == {frozenset(p): n for p, n in one.shared.items()}
    found = [{(d.document, d.mention, frozenset(d.annotators)) for d in r.disagreements} for r in (one, other)]
    assert found[0] == found[1]


@given(document=layered("a"), many=st.integers(2, 4))
@settings(deadline=None)
def test_identical_layers_agree_wholly(document, many):
    result = agreement({f"x{i}": [document] for i in range(many)}, SCHEMA)
    assert set(result.alpha.values()) == {1.0}
    assert not result.disagreements
    assert result.span_f1 == (1.0 if document.mentions else 0.0)


def test_what_a_value_of_alpha_means():
    assert [reliability(a) for a in (1.0, 0.8, 0.7999, 0.667, 0.66, -0.1)] == [
        "reliable", "reliable", "tentative", "tentative", "unreliable", "unreliable",
    ]  # fmt: skip


def test_what_cannot_be_compared():
    with pytest.raises(TopnerError, match="two annotators"):
        agreement({"x": [A]}, SCHEMA)
    with pytest.raises(TopnerError, match="no document in common"):
        agreement({"x": [A], "y": [Document("b", "省委")]}, SCHEMA)
    with pytest.raises(TopnerError, match="different texts under the id 'a'"):
        agreement({"x": [A], "y": [Document("a", "省委")]}, SCHEMA)
