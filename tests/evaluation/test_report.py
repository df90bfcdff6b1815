import base64
import csv
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from evaluation_cases import ALPHABET, SCHEMA, document, layers
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.document import Mention
from topner.errors import TopnerError
from topner.evaluation.evaluate import evaluate_documents
from topner.evaluation.page import render_page
from topner.evaluation.report import summarise, write_report
from topner.ledger import Ledger

VOID = {"meta", "input", "br", "rect", "circle", "path"}
EVIL = '<script>alert("1")</script>\r\n“𠮷”\'&amp;<img src=x onerror=alert(2)>🚄 {{ 7*7 }} 　 末\n'
DEV = Path(__file__).parents[2].parent / "shared" / "gold" / "dev.jsonl"


class Page(HTMLParser):
    """What a browser would make of the page: elements, and the text of each source document."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.elements, self.inline = [], [], [], {"style": [], "script": []}
        self.rows, self.headings = [], []
        self.feed(re.sub("\r\n?", "\n", html))  # as browsers do
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag in VOID:
            return
        self.open.append((tag, attributes))
        if attributes.get("class") == "text":
            self.texts.append("")
        if tag in self.inline:
            self.inline[tag].append("")
        if tag == "h3" and not attributes:
            self.headings.append("")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, "elements nest"

    def handle_data(self, data):
        if any(attributes.get("class") == "text" for _, attributes in self.open):
            self.texts[-1] += data
        if self.open and self.open[-1][0] in self.inline:
            self.inline[self.open[-1][0]][-1] += data
        if self.open and self.open[-1] == ("h3", {}):
            self.headings[-1] += data


def evaluation(*pairs, ledger=None, provenance=None):
    gold, predicted = zip(*pairs, strict=True) if pairs else ((), ())
    return evaluate_documents(gold, predicted, SCHEMA, ledger, provenance, resamples=50)


@pytest.fixture
def evil():
    ledger = Ledger(seen=3)
    ledger.add(EVIL, "convert", "dropped", "ORG", 0, 3, '=HYPERLINK("x")<b>', "<i>reason</i>")
    gold = document("<b>坏</b>", EVIL, (0, 8, "ORG"), (30, 33, "TARGET"), title="<u>标题</u>")
    predicted = document("<b>坏</b>", EVIL, (3, 12, "ORG"), (30, 33, "PROJECT"))
    good = document("好", "省政府", (0, 3, "ORG"))
    return evaluation((good, good), (gold, predicted), ledger=ledger, provenance={"model": "<m>", "n": {"a": 1}})


def test_markup_in_the_source_is_shown_not_run(evil):
    html = render_page(evil)
    page = Page(html)
    assert page.texts == [EVIL, "省政府"]
    assert page.headings == ["<b>坏</b>", "好"]
    assert len(page.inline["script"]) == len(page.inline["style"]) == 1
    assert not any(tag in ("img", "u", "m", "link", "iframe", "object", "base") for tag, _ in page.elements)


def test_page_refers_to_nothing_outside_and_permits_only_its_own_code(evil):
    page = Page(render_page(evil))
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        assert all(attributes.get(name, "#").startswith("#") for name in ("href", "src")), tag
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for kind, name in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(page.inline[kind][0].encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    assert not re.search(
        r"url\(|@import|https?:|fetch\(|XMLHttp|innerHTML", "".join(map("".join, page.inline.values()))
    )


def test_worst_document_first_and_those_without_mentions_last():
    right = document("right", "省政府", (0, 3, "ORG"))
    wrong, nothing = document("wrong", "省政府", (0, 2, "ORG")), document("nothing", "没有")
    empty = document("empty", "")
    half = document("half", "省政府市政府", (0, 3, "ORG"), (3, 6, "ORG"))
    pairs = [(nothing, nothing), (right, right), (empty, empty), (half, document("half", half.text, (0, 3, "ORG")))]
    pairs.append((wrong, document("wrong", "省政府", (0, 3, "ORG"))))
    page = Page(render_page(evaluation(*pairs)))
    assert page.headings == ["wrong", "half", "right", "nothing", "empty"]
    assert page.texts[:4] == ["省政府", "省政府市政府", "省政府", "没有"]


def test_every_match_is_marked_and_every_error_listed(evil):
    page = Page(render_page(evil))
    in_text = [a for tag, a in page.elements if tag == "span" and "data-i" in a]
    marks = [a["data-m"] for a in in_text if "data-m" in a]
    assert marks == ["界 ORG", "类 TARGET→PROJECT", "ORG"]
    listed = [(a["data-i"], a["data-k"], a["data-l"]) for tag, a in page.elements if tag == "li" and "data-i" in a]
    assert listed == [("0", "boundary", "ORG"), ("1", "type", "TARGET PROJECT")]
    assert {a["data-i"] for a in in_text} == {"0", "1", "2"}


def test_control_characters_become_visible():
    page = Page(render_page(evaluation((document("a", "甲\x00乙\x1b丙\t丁"),) * 2)))
    assert page.texts == ["甲␀乙␛丙\t丁"]


@pytest.mark.parametrize("pairs", [[], [(document("a", ""),) * 2], [(document("a", "没有提及"),) * 2]])
def test_empty_data(pairs, tmp_path):
    result = evaluation(*pairs)
    write_report(result, tmp_path)
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert len(page.texts) == len(pairs)
    assert "没有可评的内容" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "—" in (tmp_path / "summary.md").read_text(encoding="utf-8")


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_text_survives_whatever_the_layers(data):
    text = data.draw(st.text(ALPHABET, min_size=1, max_size=30))
    gold, predicted = (document("a", text, *data.draw(layers(len(text)))) for _ in range(2))
    assert Page(render_page(evaluation((gold, predicted)))).texts == [text]


def test_files(evil, tmp_path):
    folder = tmp_path / "new" / "run"
    write_report(evil, folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "errors.csv",
        "ledger.csv",
        "metrics.json",
        "predictions.jsonl",
        "report.html",
        "summary.md",
    ]
    assert json.loads((folder / "metrics.json").read_text(encoding="utf-8")) == evil.to_json()
    assert Page((folder / "report.html").read_bytes().decode("utf-8")).texts[0] == EVIL
    write_report(evil, folder)  # a second time, over the first
    assert len(list(folder.iterdir())) == 6


def test_folder_that_cannot_be_written(evil, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(TopnerError, match="cannot be written"):
        write_report(evil, tmp_path / "taken")


def test_errors_as_csv_with_formulas_made_inert(tmp_path):
    text = "=SUM(A1)，+5%增长，＝甲"
    gold = document("@id", text, (0, 8, "ORG"), (9, 14, "TARGET"))
    predicted = document("@id", text).with_mentions([Mention(9, 12, "TARGET", "+5%", score=0.123456)])
    write_report(evaluation((gold, predicted)), tmp_path)
    assert (tmp_path / "errors.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "errors.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["kind"] for row in rows] == ["missed", "boundary"]
    assert [row["cause"] for row in rows] == ["elliptical", "tail_missing"]
    assert rows[0]["document"] == "'@id"
    assert (rows[0]["gold_text"], rows[0]["predicted_text"], rows[0]["after"]) == ("'=SUM(A1)", "", "，+5%增长，＝甲")
    assert (rows[1]["gold_text"], rows[1]["predicted_text"]) == ("'+5%增长", "'+5%")
    assert (rows[1]["gold_start"], rows[1]["gold_end"], rows[1]["predicted_end"]) == ("9", "14", "12")
    assert (rows[1]["score"], rows[1]["boundary"], rows[1]["before"]) == ("0.1235", "右缺“增长”", "'=SUM(A1)，")


def test_summary(evil):
    summary = summarise(evil)
    assert "**严格微平均 F1 0.333**" in summary
    assert "| ORG | 0.500 | 0.500 | 0.500 |" in summary
    assert "| PROJECT | 0.000 | 0.000 | 0.000 |" in summary
    assert "\\<b\\>坏\\</b\\>" in summary
    assert "- model: \\<m\\>" in summary
    assert "3 annotations, 1 dropped" in summary
    assert "| 标签错 wrong label | 1 | 1 | 0 | 0 |" in summary


def test_real_documents():
    if not DEV.exists():
        pytest.skip("the development documents are not here")
    gold = []
    for line in DEV.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        spans = [(e["start"], e["end"], e["label"]) for e in record["entities"]]
        gold.append(document(record["id"], record["text"], *spans))
    # every third mention missed, every third cut short
    predicted = [
        d.with_mentions(
            m if i % 3 else Mention(m.start, m.end - 1, m.label, m.text[:-1])
            for i, m in enumerate(d.mentions)
            if i % 3 != 1 and len(m.text) > 1
        )
        for d in gold
    ]
    result = evaluate_documents(gold, predicted, SCHEMA)
    texts = {d.id: d.text for d in gold}
    page = Page(render_page(result))
    assert page.texts == [texts[id] for id in page.headings]
    assert result.error_counts["boundary"] == sum(
        p.key not in {m.key for m in g.mentions} for g, d in zip(gold, predicted, strict=True) for p in d.mentions
    )
