import json

import pytest

from topner.corpus.agreement import agreement
from topner.corpus.agreement_page import write_report
from topner.document import Document
from topner.evaluation.compare import compare
from topner.evaluation.compare_report import write_comparison
from topner.labels import LabelSchema

SCHEMA = LabelSchema(("TARGET", "PROJECT", "ORG"))
EVIL = '<script>alert("1")</script><img src=x onerror=alert(2)>“𠮷”省政府推进深江铁路，增长10%</div>'
SPANS = {"省政府": "ORG", "深江铁路": "PROJECT", "增长10%": "TARGET"}


def document(id, *names, shift=0):
    spans = [(EVIL.index(n), EVIL.index(n) + len(n) - shift, SPANS[n]) for n in names]
    return Document.from_spans(id, EVIL, spans, {"genre": "<b>news</b>"})


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    gold = [document(f"<i>{i}</i>", *SPANS) for i in range(6)]
    a = [document(d.id, "省政府", "增长10%", shift=1) for d in gold]
    b = [document(d.id, *list(SPANS)[: 2 + i % 2]) for i, d in enumerate(gold)]
    folder = tmp_path_factory.mktemp("comparison")
    write_comparison(compare(gold, a, b, SCHEMA), folder)
    return folder / "compare.html"


@pytest.fixture(scope="module")
def disputes(tmp_path_factory):
    one = [document(f"d{i}", *SPANS) for i in range(3)]
    other = [document(f"d{i}", "省政府", "增长10%", shift=1) for i in range(3)]
    folder = tmp_path_factory.mktemp("disputes")
    layers = {"<u>甲</u>": one, "乙": other}
    write_report(agreement(layers, SCHEMA), layers, SCHEMA, folder)
    return folder / "agreement.html"


@pytest.mark.parametrize("name", ["comparison", "disputes"])
def test_quiet_inert_and_bilingual(request, visit, name):
    path = request.getfixturevalue(name)
    page = visit(path)
    chinese = page.locator("h2").first.inner_text()
    page.get_by_role("button", name="English").click()
    assert page.locator("h2").first.inner_text() != chinese
    for key in "nnnpn":
        page.keyboard.press(key)
    assert page.locator(".now").count() >= 1
    assert page.locator("main img, main u > u, main i > b").count() == 0
    assert page.trouble == []
    assert page.requests == [path.as_uri()]
    assert visit(path, width=1100).evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_comparison_can_be_filtered(visit, comparison):
    page = visit(comparison)
    changes = page.locator(".change:visible")
    everything = changes.count()
    assert everything > 6
    page.get_by_label("ORG", exact=True).uncheck()
    assert 0 < changes.count() < everything
    assert page.locator(".change[data-l=ORG]:visible").count() == 0


def test_decisions_are_made_by_keys_and_saved(visit, disputes):
    page = visit(disputes)
    page.keyboard.press("n")
    page.keyboard.press("1")
    page.keyboard.press("n")
    page.keyboard.press("0")
    with page.expect_download() as download:
        page.locator("#save").click()
    decisions = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert len(decisions["decisions"]) == 2
    page.reload()
    assert page.locator("#progress").get_attribute("value") == "2", "they are kept in the browser"
    assert page.trouble == []
