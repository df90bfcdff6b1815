from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.annotation import conll
from topner.annotation.found import Found, Notices
from topner.document import Document
from topner.errors import TopnerError
from topner.ledger import Ledger


def read(tmp_path: Path, content: str) -> tuple[list[Found], Ledger, Notices]:
    path = tmp_path / "train.txt"
    path.write_bytes(content.encode("utf-8"))
    ledger, notices = Ledger(), Notices()
    return conll.read(path, ledger, notices), ledger, notices


def marked(one: Found) -> list[tuple[str, str]]:
    assert all(one.text[c.start : c.end] == c.text for c in one.candidates)
    return [(c.label, c.text or "") for c in one.candidates]


def lines(text: str, tags: str, separator: str = "\t") -> str:
    return "".join(f"{char}{separator}{tag}\n" for char, tag in zip(text, tags.split(), strict=True))


@pytest.mark.parametrize("separator", ["\t", " ", "   ", " -X- _ ", "\tNN\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_foreign_sentences_become_documents(tmp_path, separator, end):
    content = (
        lines("由省厅办", "O B-ORG I-ORG O", separator)
        + "\n\n"
        + lines("GDP5", "B-TARGET I-TARGET I-TARGET O", separator)
    )
    found, ledger, notices = read(tmp_path, content.replace("\n", end))
    assert [(one.id, one.text) for one in found] == [("train-1", "由省厅办"), ("train-2", "GDP5")]
    assert [marked(one) for one in found] == [[("ORG", "省厅")], [("TARGET", "GDP")]]
    assert not ledger.losses
    assert notices.shapes == {"CoNLL IOB2, a document a sentence": 2}


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        ("O I-ORG I-ORG O", "IO"),
        ("O B-ORG E-ORG O", "BIOES"),
        ("O B-ORG L-ORG O", "BIOES"),
        ("O B_ORG I_ORG O", "IOB2"),
    ],
)
def test_the_scheme_is_told(tmp_path, tags, scheme):
    found, _, notices = read(tmp_path, lines("由省厅办", tags))
    assert marked(found[0]) == [("ORG", "省厅")]
    assert list(notices.shapes) == [f"CoNLL {scheme}, a document a sentence"]


def test_docstart_marks_documents(tmp_path):
    parts = [lines("省厅", "B-ORG I-ORG"), lines("市局办", "B-ORG I-ORG O"), lines("县", "O")]
    content = f"-DOCSTART- -X- O O\n\n{parts[0]}\n{parts[1]}\n-DOCSTART- -X- O O\n\n{parts[2]}"
    found, _, notices = read(tmp_path, content)
    assert [(one.id, one.text) for one in found] == [("train-1", "省厅\n市局办"), ("train-2", "县")]
    assert marked(found[0]) == [("ORG", "省厅"), ("ORG", "市局")]
    assert "documents by -DOCSTART-" in notices.summary()


def test_tokens_are_joined_as_their_script_wants(tmp_path):
    content = "New B-ORG\nYork I-ORG\n2025 O\n年 O\nGDP O\n增长 O\n5 O\n. O\n5 O\n"
    found, _, _ = read(tmp_path, content)
    assert found[0].text == "New York2025年GDP增长5.5"
    assert marked(found[0]) == [("ORG", "New York")]
    found, _, _ = read(tmp_path, lines("GDP和AI", "O O O O B-ORG I-ORG"))
    assert found[0].text == "GDP和AI"


def test_white_space_that_is_a_character_stays_one(tmp_path):
    found, _, _ = read(tmp_path, "省\tB-ORG\n\u3000\tI-ORG\n \tI-ORG\n\tI-ORG\n厅\tI-ORG\n")
    assert found[0].text == "省\u3000  厅"
    found, _, _ = read(tmp_path, "省 B-ORG\n  I-ORG\n\u3000 I-ORG\n厅 I-ORG\n")
    assert found[0].text == "省 \u3000厅"


def test_a_stray_tag_is_repaired_and_listed(tmp_path):
    content = lines("省厅和市局", "B-ORG I-ORG O I-ORG I-ORG")
    found, ledger, _ = read(tmp_path, content)
    assert marked(found[0]) == [("ORG", "省厅"), ("ORG", "市局")]
    assert [(x.document, x.action, x.text) for x in ledger] == [("train-1", "repaired", "市")]


@pytest.mark.parametrize(
    ("content", "where", "message"),
    [
        ("省\tB-ORG\n厅\n", "line 2", "'厅' is not a character and a tag"),
        ("省 B-ORG\n厅 I-\n", "line 2", "is not a character and a tag"),
        ("省 O\n\n市 ORG\n", "line 3", "is not a character and a tag"),
        ("省\tO\n# id = a\n市\tO\n", "line 1", "characters before the first"),
        ('# id = "a\n市\tO\n', "line 1", "the heading is not JSON"),
        ("# id = a\n# meta = {\n市\tO\n", "line 2", "the heading is not JSON"),
    ],
)
def test_errors_name_the_line(tmp_path, content, where, message):
    with pytest.raises(TopnerError) as error:
        read(tmp_path, content)
    assert (error.value.path, error.value.where) == (tmp_path / "train.txt", where)
    assert message in error.value.message


def test_what_is_written_can_be_read_by_eye():
    document = Document.from_spans("a", "省厅 办。\r\n\\", [(0, 2, "ORG")], {"题": "讲话"})
    assert conll.write([document]) == (
        '# id = a\n# meta = {"题": "讲话"}\n省\tB-ORG\n厅\tI-ORG\n\\s\tO\n办\tO\n。\tO\n\n\\r\tO\n\\n\tO\n\n\\\\\tO\n\n'
    )


def test_a_mention_over_a_line_end_is_not_torn():
    document = Document.from_spans("a", "省\n厅", [(0, 3, "ORG")])
    assert "\n\n" not in conll.write([document]).removesuffix("\n\n")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_one_visible_line_a_character(text):
    rows = [row for row in conll.write([Document("a", text)]).split("\n")[1:] if row]
    assert len(rows) == len(text)
    assert all(row.endswith("\tO") and row[:-2].isprintable() and " " not in row for row in rows)
