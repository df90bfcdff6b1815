"""Ids that stand in several rows of a table are told apart, and told of."""

import json

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topner.sources.ids import RowIds
from topner.sources.read import read_file
from topner.sources.remarks import Remarks

ROWS = [("文-1", "力争增长5%"), ("文-2", "云湖新城😀"), ("文-1", "“百千万工程”"), (None, "增长6%"), ("文-1", "增长7%")]


def write(path):
    ids, texts = [id for id, _ in ROWS], [text for _, text in ROWS]
    if path.suffix == ".csv":
        path.write_text("id,text\n" + "".join(f"{id or ''},{text}\n" for id, text in ROWS), encoding="utf-8")
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in ROWS), encoding="utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(pa.table({"id": ids, "text": texts}), path)
    else:
        book = openpyxl.Workbook()
        for row in (("id", "text"), *ROWS):
            book.active.append(row)
        book.save(path)
    return path


@pytest.mark.parametrize("name", ["表.csv", "表.xlsx", "表.jsonl", "表.parquet"])
def test_the_file_and_its_rows_are_named(tmp_path, name):
    path, remarks = write(tmp_path / name), Remarks()
    found = [(document.id, document.text) for document in read_file(path, remarks)]
    assert [text for _, text in found] == [text for _, text in ROWS]
    assert [id for id, _ in found] == ["文-1", "文-2", "文-1:2", f"{path}:3", "文-1:4"]
    assert remarks.problems == []
    assert remarks.notes == [
        f"{path}: ids repeat, the row number was added: row 2 has '文-1', as has row 0; row 4 has '文-1', as has row 0"
    ]


def test_many_are_counted():
    ids = RowIds()
    for row in range(8):
        ids.take("甲", row)
    assert ids.note.endswith("row 5 has '甲', as has row 0 and 2 more")


@given(st.lists(st.sampled_from(["a", "a:1", "a:1:2", "b", "b:0", "a:2"]), max_size=12))
def test_ids_come_once_and_first_ones_stay(given_ids):
    ids = RowIds()
    found = [ids.take(id, row) for row, id in enumerate(given_ids)]
    assert len(set(found)) == len(found)
    assert bool(ids.note) == (found != given_ids)
    assert all(new.startswith(old) for new, old in zip(found, given_ids, strict=True))
