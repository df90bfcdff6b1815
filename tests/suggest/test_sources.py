import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.sources.remarks import Remarks
from topner.suggest.sources import cut, file_ids, read_source

RAW = st.lists(
    st.sampled_from(["市科技局表示", "。", "；", "\n", "\r\n", "\n\n", " ", "\u3000", "增长5%", "𠮷", "😀", "“", "”"]),
    max_size=80,
).map("".join)


@given(RAW, st.integers(1, 60))
def test_passages_cover_all_but_white_space_and_keep_to_the_length(text, longest):
    position = 0
    for start, end in cut(text, longest):
        assert position <= start < end <= len(text)
        assert end - start <= longest
        assert not text[position:start].strip()
        assert text[start:end].strip() == text[start:end]
        position = end
    assert not text[position:].strip()


def test_passages_end_at_paragraphs_then_at_sentences():
    text = "第一段很长很长。还没完。\n第二段。也不短，一口气写下去没有句号也没有分号"
    assert [text[a:b] for a, b in cut(text, 14)] == [
        "第一段很长很长。还没完。",
        "第二段。",
        "也不短，一口气写下去没有句号",
        "也没有分号",
    ]


def test_a_heading_alone_is_no_passage():
    text = "标题\n" + "正文没有换行，" * 4 + "写到这里。" + "接着再写几句。"
    assert next(text[a:b] for a, b in cut(text, 40)).startswith("标题\n正文")


def test_offsets_of_a_passage_lead_back_to_the_file(tmp_path):
    text = "陈𠮷局长表示。\r\n" + "😀清河水库加固。\r\n" * 9
    path = tmp_path / "报告.txt"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    pieces = list(read_source(path, "报告", 30, Remarks()))
    assert len(pieces) > 2
    for piece in pieces:
        start = piece.meta["source_start"]
        assert piece.id == f"报告#{start}-{start + len(piece.text)}"
        assert text[start : start + len(piece.text)] == piece.text
        assert piece.meta["source"] == str(path)


def test_a_file_that_is_short_enough_stays_whole(tmp_path):
    (tmp_path / "a.txt").write_bytes("\n增长5%。\n".encode())
    for passages in (None, 50):
        [one] = read_source(tmp_path / "a.txt", "a", passages, Remarks())
        assert (one.id, one.text, dict(one.meta)) == ("a", "\n增长5%。\n", {"source": str(tmp_path / "a.txt")})


def test_passages_need_room():
    with pytest.raises(ValueError, match="positive"):
        list(cut("增长", 0))


def test_rows_of_tables_are_documents_with_passages_of_their_own(tmp_path):
    path = tmp_path / "表.csv"
    path.write_text("text\n增长5%。\n" + "清河水库加固。" * 9, encoding="utf-8")
    remarks = Remarks()
    pieces = list(read_source(path, "表", 30, remarks))
    assert [piece.id for piece in pieces] == ["表:0", "表:1#0-28", "表:1#28-56", "表:1#56-63"]
    assert pieces[2].meta["source_start"] == 28
    assert list(remarks.lines()) == []


def test_a_blank_file_is_a_document_and_a_broken_one_a_problem(tmp_path):
    remarks = Remarks()
    (tmp_path / "空.txt").write_text("\n", encoding="utf-8")
    assert [one.text for one in read_source(tmp_path / "空.txt", "空", None, remarks)] == ["\n"]
    assert remarks.problems == []
    (tmp_path / "坏.docx").write_bytes(b"PK\x03\x04")
    assert list(read_source(tmp_path / "坏.docx", "坏", None, remarks)) == []
    assert "坏.docx: is broken" in remarks.problems[0]


def test_ids_are_names_and_where_these_clash_paths(tmp_path):
    paths = [tmp_path / name for name in ("a/1.txt", "b/1.txt", "b/2.txt", "c/3.txt", "c/3.md")]
    ids = file_ids(paths)
    assert ids == [
        str(tmp_path / "a/1"),
        str(tmp_path / "b/1"),
        "2",
        str(tmp_path / "c/3.txt"),
        str(tmp_path / "c/3.md"),
    ]
