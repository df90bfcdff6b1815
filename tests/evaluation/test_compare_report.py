import base64
import csv
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from evaluation_cases import ALPHABET, SCHEMA, document, layers
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.document import Mention
from topner.errors import TopnerError
from topner.evaluation import compare_page
from topner.evaluation.compare import compare, compare_pairs
from topner.evaluation.compare_page import layer, render_comparison, scale_of
from topner.evaluation.compare_report import write_comparison

VOID = {"meta", "input", "br", "rect", "circle", "path"}
EVIL = "<script>alert(1)</script>“𠮷”'&amp;<img src=x onerror=alert(2)>🚄{{ 7*7 }}末"
NAME = "<b>坏</b>"


class Page(HTMLParser):
    """What a browser would make of the page: elements, and the text of each line of each change."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.inline = [], [], {"style": [], "script": []}
        self.texts, self.headings, self.all = [], [], ""
        self.feed(re.sub("\r\n?", "\n", html))  # as browsers do
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag in VOID:
            return
        self.open.append((tag, attributes))
        if tag in self.inline:
            self.inline[tag].append("")
        if attributes.get("class") == "text" and tag == "p":
            self.texts.append("")
        if tag == "h3":
            self.headings.append("")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, "elements nest"

    def handle_data(self, data):
        tag = self.open[-1][0] if self.open else ""
        if tag in self.inline:
            self.inline[tag][-1] += data
            return
        self.all += data
        if any(attributes.get("class") == "text" for _, attributes in self.open):
            self.texts[-1] += data
        if tag == "h3":
            self.headings[-1] += data

    def changes(self):
        return [(a["data-k"], a["data-l"]) for tag, a in self.elements if tag == "div" and "data-k" in a]


@pytest.fixture(scope="module")
def evil():
    gold = document(NAME, EVIL, (0, 8, "ORG"), (26, 27, "TARGET"), genre="<u>类</u>")
    a = document(NAME, EVIL, (0, 8, "ORG"), (30, 40, "PROJECT"))
    b = document(NAME, EVIL, (3, 12, "ORG"), (26, 27, "PROJECT"))
    other = [
        document(id, "省政府", (0, 3, "ORG"), genre=genre)
        for id, genre in (("好", "<u>类</u>"), ("二", "x"), ("三", "x"))
    ]
    provenance = {"A": ["<m>"], "B": ["runs/<i>b</i>"], "left_out": ["<s>无</s>"]}
    return compare([gold, *other], [a, *other], [b, *other], SCHEMA, provenance, resamples=50)


def test_markup_in_the_source_is_shown_not_run(evil):
    page = Page(render_comparison(evil))
    assert page.headings == [NAME]
    assert len(page.inline["script"]) == len(page.inline["style"]) == 1
    assert not any(tag in ("img", "u", "m", "s", "link", "iframe", "object", "base") for tag, _ in page.elements)
    for shown in ("<m>", "runs/<i>b</i>", "<s>无</s>", "<u>类</u>"):
        assert shown in page.all
    assert "<script>alert(1)</script>“" in page.texts[0]
    assert "49" not in "".join(page.texts)


def test_page_refers_to_nothing_outside_and_permits_only_its_own_code(evil):
    page = Page(render_comparison(evil))
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


def test_every_change_is_listed_with_its_three_lines(evil):
    page = Page(render_comparison(evil))
    assert page.changes() == [(change.kind, change.label) for change in evil.changes]
    assert [kind for kind, _ in page.changes()] == ["broken", "changed", "vanished"]
    assert len(page.texts) == 3 * len(evil.changes)
    for i in range(0, len(page.texts), 3):
        assert len(set(page.texts[i : i + 3])) == 1, "the same stretch of text for gold, A and B"
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    boxes = {a["value"] for tag, a in page.elements if tag == "input"}
    assert {f"l:{name}" for name in SCHEMA.names} | {f"k:{kind}" for kind, _ in page.changes()} <= boxes


def test_phrases_stand_in_both_languages(evil):
    page = Page(render_comparison(evil))
    languages = [a["class"] for tag, a in page.elements if tag == "span" and a.get("class") in ("zh", "en")]
    assert languages == ["zh", "en"] * (len(languages) // 2)
    assert "分不出 A 与 B 的优劣" in page.all
    assert "B is not distinguishable from A" in page.all
    assert "Fewer than ten documents" in page.all


def test_context_stops_at_line_ends():
    text = f"甲\r\n{'长' * 30}省政府要求\n乙"
    gold = document("一", text, ("省政府", "ORG"))
    page = Page(render_comparison(compare([gold], [gold], [document("一", text)], SCHEMA, resamples=20)))
    assert page.texts == [f"…{'长' * 20}省政府要求"] * 3


def test_layer_cuts_off_what_reaches_beyond():
    text = "支持东江材料实验室建设"
    mentions = [Mention(0, 4, "TARGET", "支持东江"), Mention(4, 9, "ORG", "材料实验室")]
    pieces = layer(text, 2, 8, mentions, mentions[1])
    assert [(piece.text, piece.mention, piece.main) for piece in pieces] == [
        ("东江", mentions[0], False),
        ("材料实验", mentions[1], True),
    ]
    assert layer(text, 9, 11, mentions, None)[0].text == "建设"


def test_nothing_changed():
    gold = [document("一", "省政府", (0, 3, "ORG"))]
    page = Page(render_comparison(compare(gold, gold, gold, SCHEMA, resamples=20)))
    assert "没有变化" in page.all
    assert "changes.csv" not in page.all
    assert (page.changes(), page.texts) == ([], [])
    empty = [document("一", "没有提及")]
    assert "—" in Page(render_comparison(compare(empty, empty, empty, SCHEMA, resamples=20))).all


def test_document_with_the_most_changes_first():
    gold = [document("少", "省政府", (0, 3, "ORG")), document("多", "省政府市政府", (0, 3, "ORG"), (3, 6, "ORG"))]
    nothing = [document(one.id, one.text) for one in gold]
    assert Page(render_comparison(compare(gold, nothing, gold, SCHEMA, resamples=20))).headings == ["多", "少"]


def test_page_that_would_be_too_long(monkeypatch, tmp_path):
    gold = [document(str(i), "省政府市政府", (0, 3, "ORG"), (3, 6, "ORG")) for i in range(3)]
    result = compare(gold, [document(one.id, one.text) for one in gold], gold, SCHEMA, resamples=20)
    monkeypatch.setattr(compare_page, "_SHOWN", 3)
    write_comparison(result, tmp_path)
    page = Page((tmp_path / "compare.html").read_text(encoding="utf-8"))
    assert (page.headings, len(page.changes())) == (["0", "1"], 3)
    assert "3 of the 6 changes are listed here" in page.all
    assert len((tmp_path / "changes.csv").read_text(encoding="utf-8").splitlines()) == 1 + 6


def test_pairs_are_named():
    gold = [document("一", "省政府", (0, 3, "ORG"))]
    none, short = [document("一", "省政府")], [document("一", "省政府", (1, 3, "ORG"))]
    page = Page(
        render_comparison(compare_pairs(gold, [(none, gold), (short, gold), (none, gold)], SCHEMA, resamples=20))
    )
    assert len(page.changes()) == 2
    for phrase in ("第 1、3 对", "pairs 1, 3", "第 2 对", "pair 2", "Mean over 3 pairs"):
        assert phrase in page.all


def test_scale_holds_every_interval(evil):
    assert scale_of([evil.micro, *evil.labels.values()]) in (0.5, 1.0)
    assert scale_of([]) == 0.01
    for tag, attributes in Page(render_comparison(evil)).elements:
        if tag == "rect":
            assert 0 <= float(attributes["x"]) <= float(attributes["x"]) + float(attributes["width"]) <= 400
        if tag == "circle":
            assert 0 <= float(attributes["cx"]) <= 400


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_text_survives_whatever_the_layers(data):
    text = data.draw(st.text(ALPHABET, min_size=1, max_size=30))
    gold, a, b = ([document("d", text, *data.draw(layers(len(text))))] for _ in range(3))
    result = compare(gold, a, b, SCHEMA, resamples=10)
    page = Page(render_comparison(result))
    assert len(page.changes()) == len(result.changes)
    for change, shown in zip(result.changes, page.texts[::3], strict=True):
        start, end = change.span
        assert text[start:end] in shown
        assert shown.strip("…") in text


def test_files(evil, tmp_path):
    folder = tmp_path / "new" / "ab"
    write_comparison(evil, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["changes.csv", "compare.html", "compare.json"]
    assert json.loads((folder / "compare.json").read_text(encoding="utf-8")) == evil.to_json()
    write_comparison(evil, folder)  # a second time, over the first
    assert len(list(folder.iterdir())) == 3
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(TopnerError, match="cannot be written"):
        write_comparison(evil, tmp_path / "taken")


def test_changes_as_csv_with_formulas_made_inert(tmp_path):
    text = "=SUM(A1)，+5%增长，＝甲"
    gold = [document("@id", text, (0, 8, "ORG"), (9, 14, "TARGET"))]
    a, b = [document("@id", text, (9, 12, "TARGET"))], [document("@id", text, (0, 8, "ORG"), (15, 17, "ORG"))]
    write_comparison(compare(gold, a, b, SCHEMA, resamples=10), tmp_path)
    assert (tmp_path / "changes.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "changes.csv").open(encoding="utf-8-sig", newline="") as handle:
        fixed, changed, new = csv.DictReader(handle)
    assert (fixed["document"], fixed["change"], fixed["label"], fixed["pairs"]) == ("'@id", "fixed", "ORG", "1")
    assert (fixed["before"], fixed["after"], fixed["a_text"], fixed["b_text"]) == ("missed", "correct", "", "'=SUM(A1)")
    assert (changed["change"], changed["before"], changed["after"]) == ("changed", "boundary", "missed")
    assert (changed["gold_start"], changed["gold_end"], changed["a_end"], changed["b_end"]) == ("9", "14", "12", "")
    assert (changed["gold_text"], changed["text_before"], changed["text_after"]) == (
        "'+5%增长",
        "'=SUM(A1)，",
        "，＝甲",
    )
    assert (new["change"], new["before"], new["after"], new["b_text"]) == ("appeared", "", "spurious", "'＝甲")
