import zipfile

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from topner.document import Document, Mention
from topner.inference import sheets
from topner.inference.sheets import COLUMNS, write_parquet, write_xlsx

TEXT = "=市科技局\x0b力争增长5%，＋引进2个团队😀"


def document(id="-1+1.txt", text=TEXT):
    return Document(id, text, (Mention(0, 6, "ORG", text[0:6], 0.91236), Mention(8, 12, "TARGET", text[8:12])))


def cells(path):
    return [[cell.value for cell in row] for sheet in load_workbook(path) for row in sheet.iter_rows()]


def test_a_row_a_mention_and_no_formula(tmp_path):
    write_xlsx([document(), Document("空", "")], tmp_path / "a.xlsx")
    assert cells(tmp_path / "a.xlsx") == [
        list(COLUMNS),
        ["'-1+1.txt", 0, 6, "ORG", "'=市科技局�", 0.9124],
        ["'-1+1.txt", 8, 12, "TARGET", "增长5%", None],
    ]
    for row in load_workbook(tmp_path / "a.xlsx").active.iter_rows():
        assert all(cell.data_type != "f" for cell in row)


def test_nothing_is_a_header(tmp_path):
    write_xlsx([], tmp_path / "a.xlsx")
    assert cells(tmp_path / "a.xlsx") == [list(COLUMNS)]
    write_parquet([], tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").column_names == ["id", "text", "entities"]


def test_a_full_sheet_is_followed_by_another(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "_MOST_ROWS", 4)
    write_xlsx([document(str(i)) for i in range(5)], tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    assert [sheet.max_row for sheet in book] == [5, 5, 3]
    assert [row[0] for row in cells(tmp_path / "a.xlsx") if row[0] != "id"] == [str(i // 2) for i in range(10)]


def test_a_text_longer_than_a_cell_ends_in_dots(tmp_path):
    text = "云" * 40_000
    write_xlsx([Document("a", text, (Mention(0, 40_000, "PROJECT", text),))], tmp_path / "a.xlsx")
    value = cells(tmp_path / "a.xlsx")[1][4]
    assert value.endswith("云…")
    assert 16_000 < len(value) <= 32_767


def test_no_date_of_today_is_in_the_file(tmp_path):
    write_xlsx([document()], tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"1980-01-01T00:00:00Z") == 2


@pytest.mark.parametrize("count", [1, 300])
def test_parquet_holds_documents(tmp_path, count):
    documents = [document(str(i)) for i in range(count)]
    write_parquet(iter(documents), tmp_path / "a.parquet")
    rows = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert [row["id"] for row in rows] == [str(i) for i in range(count)]
    assert rows[0]["text"] == TEXT
    assert rows[0]["entities"] == [
        {"start": 0, "end": 6, "label": "ORG", "text": TEXT[:6], "score": 0.9124},
        {"start": 8, "end": 12, "label": "TARGET", "text": "增长5%", "score": None},
    ]
