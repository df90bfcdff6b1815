from topner.corpus.outliers import unusual_heads, unusual_lengths
from topner.document import Document


def one(id, name, label):
    return Document.from_spans(id, f"走进{name}。", [(2, 2 + len(name), label)])


def test_a_name_whose_head_belongs_to_another_label():
    places = "云清岭南东江赣桂湖海"
    usual = [
        one(f"d{i}", f"{a}{b}实验室", "ORG") for i, (a, b) in enumerate(zip(places * 2, places[1:] * 3, strict=False))
    ]
    odd = one("x", "沙洲联合实验室", "PROJECT")
    (suspicion,) = unusual_heads([*usual, odd])
    assert (suspicion.document, suspicion.kind, suspicion.suggested_label) == ("x", "head", "ORG")
    assert "20 times of 21" in suspicion.reason
    assert list(unusual_heads([*usual[:19], odd])) == []  # too few to know
    assert list(unusual_heads([*usual, odd], target="PROJECT")) == []


def test_lengths():
    usual = [one(f"d{i}", "云" * (5 + i % 4), "PROJECT") for i in range(40)]
    long, short, other = one("x", "岭" * 60, "PROJECT"), one("y", "𠮷", "PROJECT"), one("z", "岭" * 60, "ORG")
    found = list(unusual_lengths([*usual, long, short, other]))
    assert [(s.document, s.kind, s.suggested_label) for s in found] == [("x", "length", ""), ("y", "length", "")]
    assert "60 characters" in found[0].reason


def test_equal_lengths_leave_room():
    same = [one(f"d{i}", "云湖新城", "PROJECT") for i in range(40)]
    assert list(unusual_lengths([*same, one("x", "云湖新城二期", "PROJECT")])) == []
    assert [s.document for s in unusual_lengths([*same, one("x", "云" * 20, "PROJECT")])] == ["x"]
