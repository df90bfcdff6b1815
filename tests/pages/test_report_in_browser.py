import random
from pathlib import Path

import pytest

from topner.annotation.formats import read_documents
from topner.document import Document, Mention
from topner.evaluation.evaluate import evaluate_documents
from topner.evaluation.report import write_report
from topner.labels import LabelSchema
from topner.ledger import Ledger

SCHEMA = LabelSchema(("TARGET", "PROJECT", "ORG"))
CORPUS = Path(__file__).parents[2] / "data" / "corpus"
EVIL = (
    '<script>alert("1")</script><img src=x onerror=alert(2)><svg onload=alert(3)>“𠮷”</div></body>'
    "<style>*{display:none}</style><a href='javascript:alert(4)'>省政府</a>"
)


def answer(document, rng):
    """A prediction with errors of every kind."""
    found, last = [], 0
    for m in document.mentions:
        chance, start, label = rng.random(), max(last, m.start), m.label
        end = m.end - (0.1 < chance < 0.2 and m.end - start > 1)
        if 0.2 < chance < 0.25:
            label = rng.choice(SCHEMA.names)
        if chance > 0.08 and start < end:
            found.append(Mention(start, end, label, document.text[start:end], round(rng.betavariate(6, 1), 3)))
            last = end
    if last + 4 < len(document.text):
        found.append(Mention(last + 1, last + 4, "ORG", document.text[last + 1 : last + 4], 0.3))
    return document.with_mentions(found)


def report(documents, folder):
    rng = random.Random(7)
    write_report(evaluate_documents(documents, [answer(d, rng) for d in documents], SCHEMA, Ledger()), folder)
    return folder / "report.html"


@pytest.fixture(scope="module")
def long_report(tmp_path_factory):
    documents = read_documents(CORPUS, None, SCHEMA, Ledger())[:300]
    assert len(documents) == 300
    return report(documents, tmp_path_factory.mktemp("long"))


@pytest.fixture(scope="module")
def small_report(tmp_path_factory):
    texts = ["省政府，市科技局推进深江铁路，增长10%", "侨梦苑由市教育局管，新建学校3所。省政府督办"]
    names = {"省政府": "ORG", "市科技局": "ORG", "市教育局": "ORG", "深江铁路": "PROJECT", "侨梦苑": "PROJECT"}
    names |= {"增长10%": "TARGET", "新建学校3所": "TARGET"}
    documents = []
    for i, text in enumerate(texts):
        spans = [(text.index(n), text.index(n) + len(n), label) for n, label in names.items() if n in text]
        documents.append(Document.from_spans(f"文{i}", text, spans))
    copies = [Document(f"{d.id}-{i}", d.text, d.mentions) for i in range(12) for d in documents]
    return report(copies, tmp_path_factory.mktemp("small"))


def listed(page):
    return page.locator("aside li:not(.off)")


def test_three_hundred_documents(visit, long_report):
    assert long_report.stat().st_size < 25_000_000
    page = visit(long_report)
    assert page.locator("article").count() == 300
    errors = listed(page).count()
    assert page.locator("#shown").inner_text() == f"错误 {errors} 处"
    page.keyboard.press("n")
    assert page.locator("aside li.now").count() == 1
    assert page.locator("#now").is_visible()
    box = page.locator(".text .now").first.bounding_box()
    assert 0 <= box["y"] <= 900, "the error pointed at is on the screen"
    assert page.trouble == []
    assert page.requests == [long_report.as_uri()], "nothing else is asked for"


def test_filters(visit, small_report):
    page = visit(small_report)
    everything = listed(page).count()
    page.get_by_label("ORG", exact=True).uncheck()
    without = listed(page).count()
    assert 0 < without < everything
    assert page.locator("aside li:not(.off)[data-l='ORG']").count() == 0
    assert page.locator("#shown").inner_text() == f"错误 {without} / {everything} 处"
    page.get_by_label("ORG", exact=True).check()
    page.locator("input[value='k:missed']").uncheck()
    assert page.locator("aside li:not(.off)[data-k=missed]").count() == 0
    page.locator("input[value='k:missed']").check()
    assert listed(page).count() == everything
    button = page.locator("[data-cause]").first
    button.click()
    cause = button.get_attribute("data-cause")
    kinds = {row.get_attribute("data-c") for row in listed(page).all()}
    assert kinds == {cause}
    assert page.locator("aside li.now").get_attribute("data-c") == cause
    page.locator("#cause").select_option("")
    assert listed(page).count() == everything


def test_keys_walk_every_error_in_order_and_back(visit, small_report):
    page = visit(small_report)
    rows = page.locator("aside li")
    numbers = [row.get_attribute("data-i") for row in rows.all()]
    walked = []
    for _ in numbers:
        page.keyboard.press("n")
        walked.append(page.locator("aside li.now").get_attribute("data-i"))
    assert walked == sorted(numbers, key=int)
    page.keyboard.press("n")
    assert page.locator("aside li.now").get_attribute("data-i") == walked[0], "round again"
    page.keyboard.press("p")
    assert page.locator("aside li.now").get_attribute("data-i") == walked[-1]
    page.keyboard.press("Escape")
    assert page.locator("#now").is_hidden()


@pytest.mark.parametrize(("order", "sign"), [("high", -1), ("low", 1)])
def test_by_confidence(visit, small_report, order, sign):
    page = visit(small_report)
    page.locator("#order").select_option(order)
    walked = []
    for _ in range(page.locator("aside li").count()):
        page.locator("#next").click()
        score = page.locator("aside li.now").get_attribute("data-s")
        walked.append(None if score is None else sign * float(score))
    scored = [score for score in walked if score is not None]
    assert scored == sorted(scored)
    assert len(scored) > 2
    assert walked[len(scored) :] == [None] * (len(walked) - len(scored)), "missed mentions have no score and come last"


def test_languages(visit, small_report):
    page = visit(small_report)
    assert page.locator("h2").first.inner_text() == "各标签得分"
    assert page.locator("#order option").first.inner_text() == "按位置"
    page.get_by_role("button", name="English").click()
    assert page.locator("h2").first.inner_text() == "Scores by label"
    assert page.locator("#order option").first.inner_text() == "by position"
    assert page.locator("html").get_attribute("lang") == "en"
    assert "errors" in page.locator("#shown").inner_text()
    mark = page.locator(".text [data-m].k-missed").first
    assert "missed" in mark.evaluate("node => getComputedStyle(node, '::before').content")
    page.reload()
    assert page.locator("h2").first.inner_text() == "Scores by label", "the choice is kept"
    assert visit(small_report, locale="en-US").locator("h2").first.inner_text() == "Scores by label"
    assert page.trouble == []


def test_hostile_text_is_inert(visit, tmp_path):
    gold = Document.from_spans(
        "<img src=x onerror=alert(5)>", EVIL, [(0, 8, "ORG"), (40, 60, "TARGET")], {"title": EVIL}
    )
    page = visit(report([gold, Document("b", "省政府")], tmp_path))
    assert page.locator(".text").first.text_content() == EVIL
    assert page.locator("img, .text script, .text a").count() == 0
    page.keyboard.press("n")
    assert page.locator("#now").is_visible()
    assert page.trouble == []
    assert len(page.requests) == 1


def test_nothing_leaves_the_window_at_laptop_width(visit, small_report):
    page = visit(small_report, width=1100)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
