import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.suggest.sources import cut, file_ids, read_source, text_files

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
    pieces = read_source(path, "报告", 30)
    assert len(pieces) > 2
    for piece in pieces:
        start = piece.meta["source_start"]
        assert piece.id == f"报告#{start}-{start + len(piece.text)}"
        assert text[start : start + len(piece.text)] == piece.text
        assert piece.meta["source"] == str(path)


def test_a_file_that_is_short_enough_stays_whole(tmp_path):
    (tmp_path / "a.txt").write_bytes("\n增长5%。\n".encode())
    for passages in (None, 50):
        [one] = read_source(tmp_path / "a.txt", "a", passages)
        assert (one.id, one.text, dict(one.meta)) == ("a", "\n增长5%。\n", {"source": str(tmp_path / "a.txt")})


def test_passages_need_room():
    with pytest.raises(ValueError, match="positive"):
        list(cut("增长", 0))


def test_files_of_folders_once_each_in_order(tmp_path):
    for name in ("b/二.txt", "b/一.txt", "b/.藏.txt", "b/.git/x.txt", "b/读我.md", "a.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("字", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    problems: list[str] = []
    files = text_files([tmp_path / "a.txt", tmp_path / "b", tmp_path / "b/一.txt", tmp_path / "empty"], problems)
    assert [str(path.relative_to(tmp_path)) for path in files] == ["a.txt", "b/一.txt", "b/二.txt"]
    assert problems == [f"{tmp_path / 'empty'}: the folder holds no .txt file"]


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
