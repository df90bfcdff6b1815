import hashlib
import json
from pathlib import Path

import pytest

from topner.errors import TopnerError
from topner.targets.page import markdown, read_page
from topner.targets.score import score_records
from topner.targets.table import commitments

ROOT = Path(__file__).parents[2]
SEED = ROOT.parent / "shared" / "seeds" / "article.txt"
TEXT = "市科技局局長(zhǎng)陳實(shí)：\n力爭(zhēng)高企超50家，增長(zhǎng)10%。"


def target(start, end, **fields):
    empty = {"value_max": None, "unit_implied": False, "base": "", "period": "", "scope": "", "inherited": False}
    return {"label": "TARGET", "start": start, "end": end, **empty, **fields}


@pytest.fixture
def files(tmp_path):
    page, gold = tmp_path / "page.txt", tmp_path / "gold.jsonl"
    page.write_text(TEXT, encoding="utf-8")
    first, second = TEXT.index("高企"), TEXT.index("增長")
    rows = [
        {"sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "year": 2024},
        {"label": "ORG", "start": 0, "end": 4},
        target(first, second - 1, direction="count", comparator=">", value="50", unit="家", responsible="市科技局"),
        target(second, len(TEXT) - 1, direction="growth", comparator="=", value="10", unit="%", responsible=None),
    ]
    rows[2]["indicator"] = rows[3]["indicator"] = "高企"
    rows[3]["inherited"] = True
    gold.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return page, gold


def test_gold_meets_its_page(files):
    gold = read_page(*files)
    assert gold.parties == ("市科技局", None)
    assert [m.text for m in gold.document.mentions if m.label == "TARGET"] == ["高企超50家", "增長(zhǎng)10%"]
    rows = commitments(gold.document)
    assert score_records(gold.records, [row.record for row in rows]).whole == 2
    other = [dict(gold.records[0], value="60"), gold.records[1]]
    assert score_records(other, [row.record for row in rows]).whole == 1
    lines = markdown(rows, ["市科技局", ""], ["", "**wrong** | bar"]).splitlines()
    assert lines[2] == f"| 1 | {TEXT.index('高企')} | 高新技术企业 | count | >50家 |  | 市科技局 |  |"
    assert lines[3].endswith("**wrong** \\| bar |")


def test_another_page_and_bad_gold(files, tmp_path):
    page, gold = files
    other = tmp_path / "other.txt"
    other.write_text(TEXT + "。", encoding="utf-8")
    with pytest.raises(TopnerError, match="not the page"):
        read_page(other, gold)
    lines = gold.read_text(encoding="utf-8").splitlines()
    for bad, said in (
        (["[]", *lines[1:]], "no gold for a page"),
        ([*lines, '{"label": "ORG", "start": 3}'], "line 5 lacks end"),
    ):
        gold.write_text("\n".join(bad), encoding="utf-8")
        with pytest.raises(TopnerError, match=said):
            read_page(page, gold)


@pytest.mark.skipif(not SEED.is_file(), reason="the first real page is not part of this repository")
def test_the_first_real_page():
    gold = read_page(SEED, ROOT / "data" / "targets" / "article.jsonl")
    rows = commitments(gold.document)
    scores = score_records(gold.records, [row.record for row in rows])
    assert scores.found == scores.gold == 71
    assert scores.whole >= 68
    heads = [row.party is not None and row.party.via == "heading" for row in rows]
    assert sum(heads) >= 60
