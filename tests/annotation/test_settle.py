from topner.annotation.found import Candidate, Found, Notices
from topner.annotation.settle import settle
from topner.document import Document
from topner.labels import LabelSchema
from topner.ledger import Ledger


def settled(text: str, *candidates: Candidate) -> tuple[Document, Ledger]:
    ledger = Ledger()
    [document] = settle([Found("d", text, candidates)], LabelSchema(), ledger, Notices())
    assert ledger.seen == len(candidates)
    return document, ledger


def rows(ledger: Ledger) -> list[tuple[str, str, int, int, str, str]]:
    return [(x.action, x.label, x.start, x.end, x.text, x.reason) for x in ledger]


def test_an_unknown_label_is_dropped_and_named():
    document, ledger = settled("张三说", Candidate(0, 2, "PERSON", "张三"))
    assert document.mentions == ()
    assert rows(ledger) == [("dropped", "PERSON", 0, 2, "张三", "unknown label PERSON")]


def test_a_repair_is_entered_with_the_offsets_of_the_source():
    document, ledger = settled("🏭省发改委", Candidate(2, 6, "ORG", "省发改委"))
    assert [m.span for m in document.mentions] == [(1, 5)]
    assert rows(ledger) == [("repaired", "ORG", 2, 6, "省发改委", "offsets in UTF-16 units")]


def test_white_space_at_the_ends_is_taken_off():
    document, ledger = settled("由\u3000省发改委 牵头", Candidate(1, 7, "ORG", "\u3000省发改委 "))
    assert [m.text for m in document.mentions] == ["省发改委"]
    assert [row[0] for row in rows(ledger)] == ["moved"]


def test_a_span_of_white_space_alone_is_dropped():
    document, ledger = settled("甲 \u3000 乙", Candidate(1, 4, "ORG", " \u3000 "))
    assert document.mentions == ()
    assert rows(ledger)[0][5] == "nothing but white space"


def test_a_text_that_is_nowhere_is_dropped():
    document, ledger = settled("省发改委", Candidate(0, 4, "ORG", "省教育厅"), Candidate(2, 9, "ORG"))
    assert document.mentions == ()
    assert [row[5] for row in rows(ledger)] == [
        "its text is not at or near its offsets",
        "its offsets are not in the text",
    ]


def test_half_a_surrogate_pair_does_no_harm():
    document, ledger = settled(
        "\ud842省发改委\udfb7", Candidate(1, 5, "ORG", "省发改委"), Candidate(0, 5, "ORG", "\ud842省发改委")
    )
    document.text.encode("utf-8")
    assert document.text == "\ufffd省发改委\ufffd"
    assert [m.text for m in document.mentions] == ["\ufffd省发改委"]
    assert [row[0] for row in rows(ledger)] == ["dropped"]


def test_bare_utf16_spans_of_a_file_are_all_converted():
    text = "🏭省发改委，新增产值120亿元。"
    found = [
        Found("a", text, [Candidate(2, 6, "ORG"), Candidate(7, 16, "TARGET")]),
        Found("b", "省厅", [Candidate(0, 2, "ORG")]),
    ]
    ledger, notices = Ledger(), Notices()
    a, b = settle(found, LabelSchema(), ledger, notices)
    assert [m.text for m in a.mentions] == ["省发改委", "新增产值120亿元"]
    assert [m.text for m in b.mentions] == ["省厅"]
    assert [loss.reason for loss in ledger] == ["offsets in UTF-16 units"] * 2
    assert not notices.notes


def test_bare_code_points_after_an_emoji_are_said_to_be_read_so():
    notices = Notices()
    [one] = settle([Found("a", "🏭省发改委，", [Candidate(1, 5, "ORG")])], LabelSchema(), Ledger(), notices)
    assert [m.text for m in one.mentions] == ["省发改委"]
    assert "read as code points" in notices.summary()


def test_nesting_is_made_flat():
    text = "建成智慧物流园等项目50个"
    document, ledger = settled(text, Candidate(2, 7, "PROJECT", "智慧物流园"), Candidate(0, 13, "TARGET", text))
    assert [m.label for m in document.mentions] == ["TARGET"]
    assert ledger.dropped == 1
    assert [loss.stage for loss in ledger] == ["overlap"]
