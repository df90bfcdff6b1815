from pathlib import Path

import pytest

from topner.annotation import brat
from topner.annotation.found import Notices
from topner.annotation.settle import settle
from topner.document import Document
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.ledger import Ledger


def read(tmp_path: Path, text: str, annotations: str, name: str = "doc") -> tuple[Document, Ledger, Notices]:
    (tmp_path / f"{name}.txt").write_bytes(text.encode())
    (tmp_path / f"{name}.ann").write_bytes(annotations.encode())
    ledger, notices = Ledger(), Notices()
    [one] = settle(brat.read(tmp_path / f"{name}.ann", ledger, notices), LabelSchema(), ledger, notices)
    return one, ledger, notices


def mentions(document: Document) -> list[tuple[str, str]]:
    return [(m.label, m.text) for m in document.mentions]


def test_text_bound_lines_are_mentions_and_the_rest_is_counted(tmp_path):
    annotations = (
        "T1\tORG 1 5\t省发改委\r\nT2\tTARGET 8 15\tGDP增长5%\r\n\n"
        "R1\tsets Arg1:T1 Arg2:T2\nA1\tSure T2\n#1\tAnnotatorNotes T1\t核\n*\tEquiv T1 T2\nE1\tTARGET:T2\n"
    )
    one, ledger, notices = read(tmp_path, "由省发改委牵头，GDP增长5%。", annotations)
    assert (one.id, mentions(one)) == ("doc", [("ORG", "省发改委"), ("TARGET", "GDP增长5%")])
    assert not ledger.losses
    assert notices.notes["brat relations, attributes and notes passed over"] == 5


def test_offsets_count_code_points_and_every_carriage_return(tmp_path):
    one, ledger, _ = read(tmp_path, "𠮷林\r\n省厅\r\n", "T1\tORG 4 6\t省厅\n")
    assert (one.text, mentions(one)) == ("𠮷林\r\n省厅\r\n", [("ORG", "省厅")])
    assert not ledger.losses


def test_a_byte_order_mark_is_a_character(tmp_path):
    one, ledger, _ = read(tmp_path, "\ufeff省厅", "T1\tORG 1 3\t省厅\n")
    assert (one.text, mentions(one)) == ("\ufeff省厅", [("ORG", "省厅")])
    assert not ledger.losses


def test_a_discontinuous_annotation_becomes_its_cover_and_is_listed(tmp_path):
    one, ledger, _ = read(tmp_path, "省教育、卫生厅负责", "T1\tORG 0 3;6 7\t省教育 厅\n")
    assert mentions(one) == [("ORG", "省教育、卫生厅")]
    assert [(x.action, x.text) for x in ledger] == [("moved", "省教育 厅")]
    assert ledger.losses[0].reason.startswith("discontinuous")


def test_a_mention_over_several_lines_is_no_loss(tmp_path):
    one, ledger, _ = read(tmp_path, "新建\r\n学校14所", "T1\tTARGET 0 2;4 9\t新建 学校14所\n")
    assert mentions(one) == [("TARGET", "新建\r\n学校14所")]
    assert not ledger.losses
    assert brat.write([one])["doc.ann"] == "T1\tTARGET 0 2;4 9\t新建 学校14所\n"


def test_fragments_that_do_not_fit_the_text_are_dropped(tmp_path):
    one, ledger, _ = read(tmp_path, "省教育、卫生厅负责", "T1\tORG 0 3;6 7\t市农业 局\n")
    assert one.mentions == ()
    assert [x.action for x in ledger] == ["dropped"]


def test_an_empty_annotation_file_is_a_document_without_mentions(tmp_path):
    one, _, _ = read(tmp_path, "省厅", "")
    assert one.mentions == ()
    assert brat.is_annotations(tmp_path / "doc.ann")
    assert not brat.is_annotations(tmp_path / "doc.txt")
    assert not brat.is_annotations(tmp_path / "none.ann")


@pytest.mark.parametrize(
    ("annotations", "line", "message"),
    [
        ("T1\tORG 0 2\t省厅\n省厅\n", 2, "is not a line of brat's"),
        ("T1 ORG 0 2 省厅\n", 1, "is not a line of brat's"),
        ("T1\tORG 0\t省厅\n", 1, "is not 'T<number> TAB"),
        ("T1\tORG 0 2\n", 1, "is not 'T<number> TAB"),
        ("T1\tORG 0 2;x\t省厅\n", 1, "is not 'T<number> TAB"),
    ],
)
def test_errors_name_the_line(tmp_path, annotations, line, message):
    with pytest.raises(TopnerError, match=message) as error:
        read(tmp_path, "省厅", annotations)
    assert (error.value.path, error.value.where) == (tmp_path / "doc.ann", f"line {line}")


def test_half_a_pair_is_an_error(tmp_path):
    (tmp_path / "a.ann").write_text("T1\tORG 0 2\tab\n")
    with pytest.raises(TopnerError, match=r"a\.ann: its partner a\.txt is missing"):
        brat.read(tmp_path / "a.ann", Ledger(), Notices())


def test_what_is_written():
    document = Document.from_spans("a/b", "由省厅办", [(1, 3, "ORG")])
    assert brat.write([document]) == {"a%2Fb.txt": "由省厅办", "a%2Fb.ann": "T1\tORG 1 3\t省厅\n"}


def test_scores_and_the_model_stand_in_notes(tmp_path):
    annotations = (
        "T1\tORG 0 4\t省发改委\n#1\tAnnotatorNotes T1\tmodel=tagger-3 score=0.91\n"
        "T2\tTARGET 5 11\tGDP增5%\n#2\tAnnotatorNotes T2\tscore=0.5\n"
    )
    one, ledger, notices = read(tmp_path, "省发改委，GDP增5%。", annotations)
    assert [mention.score for mention in one.mentions] == [0.91, 0.5]
    assert one.meta == {"model_version": "tagger-3"}
    assert not ledger.losses
    assert not notices.notes
    written = brat.write([one])
    assert "#1\tAnnotatorNotes T1\tmodel=tagger-3 score=0.9100\n" in written["doc.ann"]
    again, _, _ = read(tmp_path, written["doc.txt"], written["doc.ann"])
    assert [mention.score for mention in again.mentions] == [0.91, 0.5]


def test_two_models_in_one_file_are_no_model(tmp_path):
    mine = "T1\tORG 0 2\t省厅\n#1\tAnnotatorNotes T1\tmodel=a score=1\n"
    annotations = mine + "T2\tORG 2 4\t市局\n#2\tAnnotatorNotes T2\tmodel=b score=0.2\n"
    one, _, _ = read(tmp_path, "省厅市局", annotations)
    assert one.meta == {}
    assert [mention.score for mention in one.mentions] == [1.0, 0.2]


@pytest.mark.parametrize("offsets", ["0 " + "9" * 5000, "9" * 5000 + " 1", "0 1;2 " + "9" * 20])
def test_endless_offsets_are_refused(tmp_path, offsets):
    with pytest.raises(TopnerError, match="line 1"):
        read(tmp_path, "省厅", f"T1\tORG {offsets}\t省厅\n")
