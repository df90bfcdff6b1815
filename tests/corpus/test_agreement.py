import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from topner.corpus.agreement import agreement, cohen_kappa, krippendorff_alpha
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


def test_krippendorffs_own_example():
    # Krippendorff 2011, Computing Krippendorff's alpha-reliability, section B: nominal data, two observers, 0.692
    one, other = "aabbdccceddA".lower(), "babbbccceddd"
    values = np.array([[ord(c) - 97 for c in row] for row in (one, other)])
    assert krippendorff_alpha(values) == pytest.approx(0.692, abs=5e-4)


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
    result = agreement({"x": [A, other], "y": [A], "z": [B, other]}, SCHEMA)
    assert result.documents == 1
    assert len(result.pairs) == 3
    assert result.pairs["x", "y"]["micro"].f1 == 1.0
    assert {d.annotators for d in result.disagreements} == {("x", "y"), ("z",)}


def test_what_cannot_be_compared():
    with pytest.raises(TopnerError, match="two annotators"):
        agreement({"x": [A]}, SCHEMA)
    with pytest.raises(TopnerError, match="no document in common"):
        agreement({"x": [A], "y": [Document("b", "省委")]}, SCHEMA)
    with pytest.raises(TopnerError, match="different texts under the id 'a'"):
        agreement({"x": [A], "y": [Document("a", "省委")]}, SCHEMA)
