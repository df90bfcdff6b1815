import pytest

from topner.document import Document
from topner.inference.output import render

EVIL = (
    '<script>alert("1")</script><img src=x onerror=alert(2)><style>*{display:none}</style></div><!-- “𠮷”省政府'
    '<meta http-equiv=refresh content="0;url=http://evil.example"><iframe src=javascript:alert(3)></iframe>"\' onclick=alert(4)'
)


@pytest.mark.parametrize("labels", [("ORG",), ()])
def test_tagged_text_is_inert(visit, tmp_path, labels):
    start = EVIL.index("省政府")
    document = Document.from_spans(EVIL, EVIL, [(0, 8, "ORG"), (start, start + 3, "ORG")])
    path = tmp_path / "tagged.html"
    path.write_text("".join(render([document], "html", labels)), encoding="utf-8")
    page = visit(path)
    assert page.locator("h2").text_content() == EVIL
    text = page.locator(".text").evaluate(
        "node => [...node.querySelectorAll('small')].forEach(s => s.remove()) || node.textContent"
    )
    assert text == EVIL
    assert page.locator("body script, img, iframe, meta[http-equiv=refresh], body style, [onclick]").count() == 0
    assert page.locator("mark").count() == 2
    assert page.trouble == []
    assert page.requests == [path.as_uri()]


def test_the_page_may_not_run_what_gets_into_it(visit, tmp_path):
    """Were escaping to fail one day, the policy still stands: no script, no request, no picture."""
    path = tmp_path / "tagged.html"
    page = "".join(render([Document("x", "省")], "html")).replace("省", EVIL)
    path.write_text(page.replace("<style>*{display:none}</style>", ""), encoding="utf-8")
    shown = visit(path)
    assert shown.locator("img").count() == 1, "the markup is really there"
    assert all("Content Security Policy" in line or "Refused" in line for line in shown.trouble), shown.trouble
    assert [url for url in shown.requests if not url.startswith("file:")] == []
