import base64
import csv
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_disputes import SCHEMA, layers, versions

from topner.corpus.adjudication import Decisions, adjudicate, read_decisions, version_hash
from topner.corpus.agreement import agreement
from topner.corpus.agreement_page import render_page, write_report
from topner.corpus.disputes import find_disputes
from topner.document import Document
from topner.errors import TopnerError

VOID = {"meta", "input", "br", "hr", "img"}
EVIL = '<script>alert("1")</script>\r\n“𠮷”\'&amp;<img src=x onerror=alert(2)>🚄 {{ 7*7 }} 　 末\n'
NAME = "\"><b onclick=alert(3)>坏'</b>"
ID = "a\"\r\n<i>'&"
ONE = [(1, 5, "ORG"), (7, 15, "TARGET"), (19, 26, "PROJECT")]
OTHER = [(1, 5, "ORG"), (5, 15, "TARGET")]


class Page(HTMLParser):
    """What a browser would make of the page: elements, and the text of each source document."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.elements, self.inline = [], [], [], {"style": [], "script": []}
        self.lines = {}  # class of a line: the text over it
        self.feed(re.sub("\r\n?", "\n", html))  # as browsers do
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag in VOID:
            return
        self.open.append((tag, attributes))
        if "text" in attributes.get("class", "").split():
            self.texts.append("")
        if tag in self.inline:
            self.inline[tag].append("")

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, "elements nest"

    def handle_data(self, data):
        classes = [attributes.get("class", "").split() for _, attributes in self.open]
        if any("text" in names for names in classes):
            self.texts[-1] += data
            for names in classes:
                if "u" in names:
                    self.lines[names[1]] = self.lines.get(names[1], "") + data
        if self.open and self.open[-1][0] in self.inline:
            self.inline[self.open[-1][0]][-1] += data

    def all(self, tag, **wanted):
        return [a for t, a in self.elements if t == tag and all(a.get(k) == v for k, v in wanted.items())]


def page(held, sources=None):
    return Page(render_page(agreement(held, SCHEMA), held, SCHEMA, sources))


@pytest.fixture
def evil():
    spans = [(0, 8, "ORG"), (30, 33, "TARGET")], [(3, 12, "ORG"), (30, 33, "PROJECT")]
    one, other = (Document.from_spans(ID, EVIL, marks, {"title": "<u>标题</u>"}) for marks in spans)
    return {NAME: [one], "=乙": [other], "丙": [one]}


def test_markup_is_shown_not_run(evil):
    made = page(evil, {"read": "<em>两份</em>"})
    assert made.texts == [EVIL]
    assert len(made.inline["script"]) == len(made.inline["style"]) == 1
    strange = {"img", "u", "link", "iframe", "object", "base"}
    assert not any(tag in strange or "onclick" in attributes for tag, attributes in made.elements)
    assert not made.all("b", onclick="alert(3)")
    [article] = made.all("article")
    assert json.loads(article["data-document"]) == ID
    assert json.loads(made.all("form")[0]["data-annotators"]) == list(evil)


def test_page_refers_to_nothing_outside_and_permits_only_its_own_code(evil):
    made = page(evil)
    for tag, attributes in made.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        assert all(attributes.get(name, "#").startswith("#") for name in ("href", "src", "action")), tag
    policy = next(a["content"] for _, a in made.elements if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for kind, name in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(made.inline[kind][0].encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    code = "".join(map("".join, made.inline.values()))
    assert not re.search(r"url\(|@import|https?:|fetch\(|XMLHttp|innerHTML|insertAdjacent|document\.write", code)


def test_every_link_and_id_is_there_once(evil):
    made = page(evil)
    ids = [a["id"] for _, a in made.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in made.all("a")} <= set(ids)
    script = made.inline["script"][0]
    asked = set(re.findall(r"byId\(\"(\w+)\"\)", script)) | set(re.findall(r"getElementById\(\"(\w+)\"\)", script))
    assert asked <= set(ids)


def test_each_dispute_has_a_place_in_the_text_and_a_choice_for_each_reading():
    held = layers(ONE, OTHER, ONE)
    made = page(held)
    rows = [a for a in made.all("li") if "data-k" in a]
    assert [(a["data-i"], a["data-k"], a["data-l"], a["data-p"], a["data-start"], a["data-end"]) for a in rows] == [
        ("1", "boundary", "TARGET", "1-2 2-3", "5", "15"),
        ("2", "missed", "PROJECT", "1-2 2-3", "19", "26"),
    ]
    assert [a["data-i"] for a in made.all("span") if a.get("class") == "dispute"] == ["1", "2"]
    assert [a["data-who"] for a in made.all("button") if "data-who" in a] == ["1 3", "2", "0"] * 2
    assert made.lines == {
        "u1": "引进2个𠮷林团队“科创杯”大赛",
        "u2": "力争引进2个𠮷林团队",
        "u3": "引进2个𠮷林团队“科创杯”大赛",
    }
    assert [a["title"] for a in made.all("span") if a.get("class") == "agreed"] == ["ORG"]
    assert made.all("article")[0]["data-hash"] == version_hash({name: documents[1] for name, documents in held.items()})


def test_touching_mentions_of_one_annotator_are_told_apart():
    made = page(layers([(5, 15, "TARGET")], [(5, 9, "TARGET"), (9, 15, "TARGET")]))
    lines = [a["class"].split() for a in made.all("span") if a.get("class", "").startswith("u ")]
    assert [names for names in lines if "touching" in names] == [["u", "u2", "a2", "touching"]]


def test_pairs_can_be_chosen_where_there_are_several():
    assert [a["value"] for a in page(layers(ONE, OTHER, ONE)).all("option")] == ["", "1-2", "1-3", "2-3"]
    assert page(layers(ONE, OTHER)).all("option") == []


@pytest.mark.parametrize("spans", [[], ONE])
def test_nothing_in_dispute(spans, tmp_path):
    held = layers(spans, spans)
    write_report(agreement(held, SCHEMA), held, SCHEMA, tmp_path)
    html = (tmp_path / "agreement.html").read_text(encoding="utf-8")
    made = Page(html)
    assert made.all("article") == made.all("form") == []
    assert ("没有可比的提及" in html) == (not spans)
    assert ("没有争议" in html) == bool(spans)
    assert json.loads((tmp_path / "agreement.json").read_text(encoding="utf-8"))["disputes"] == 0


@pytest.mark.parametrize(("wrong", "word"), [(0, "一致性可靠"), (1, "只够作初步结论"), (3, "不足为据")])
def test_the_verdict_follows_alpha(wrong, word):
    one = Document.from_spans("a", "省厅市局县委。" * 3, [(i, i + 2, "ORG") for i in range(0, 21, 7)])
    other = one.with_mentions(one.mentions[wrong:]) if wrong < 3 else one.with_mentions(())
    html = render_page(agreement({"x": [one], "y": [other]}, SCHEMA), {"x": [one], "y": [other]}, SCHEMA)
    assert word in html


@settings(max_examples=25, deadline=None)
@given(held=versions())
def test_text_survives_whatever_the_layers(held):
    made = page(held)
    disputes = find_disputes(held, SCHEMA)
    assert made.texts == ([held["n1"][1].text] if disputes else [])
    for number, name in enumerate(held, 1):
        assert made.lines.get(f"u{number}", "") == "".join(m.text for d in disputes for m in d.readings[name])


@settings(max_examples=25, deadline=None)
@given(held=versions(), data=st.data())
def test_what_the_page_would_save_is_what_merging_takes(held, data):
    made = page(held)
    annotators = list(held)
    choices = {}
    for row in (a for a in made.all("li") if "data-k" in a):
        choices["a", int(row["data-start"]), int(row["data-end"])] = data.draw(st.sampled_from([None, *annotators]))
    hashes = {json.loads(a["data-document"]): a["data-hash"] for a in made.all("article")}
    assert adjudicate(held, SCHEMA, Decisions(tuple(annotators), hashes, choices)).undecided == ()


def test_files(evil, tmp_path):
    folder = tmp_path / "new" / "run"
    result = agreement(evil, SCHEMA)
    write_report(result, evil, SCHEMA, folder, {"read": "两份"})
    assert sorted(path.name for path in folder.iterdir()) == ["agreement.html", "agreement.json", "disputes.csv"]
    figures = json.loads((folder / "agreement.json").read_text(encoding="utf-8"))
    assert figures["schema_version"] == 1
    assert figures["disputes_by"]["boundary"] == {"ORG": 1}
    assert figures["disputes_by"]["label"] == {"TARGET/PROJECT": 1}
    assert figures["alpha"] == result.to_json()["alpha"]
    with (folder / "disputes.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert len(list(csv.DictReader(handle))) == 2
    write_report(result, evil, SCHEMA, folder)  # a second time, over the first
    assert len(list(folder.iterdir())) == 3
    with pytest.raises(TopnerError):
        read_decisions(folder / "agreement.json")  # not to be taken for decisions
