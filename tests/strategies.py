"""Documents that are hard to write down: brackets, line ends, rare characters, names that are no file names."""

from hypothesis import strategies as st

from topner.annotation.verify import trim
from topner.document import Document
from topner.labels import LabelSchema

SCHEMA = LabelSchema(("TARGET", "PROJECT", "ORG", "政策.V-2"))

PIECES = [
    *"增长约5%，到２０２５年“十四五”末[](){}\\#*'\"|:;&<>-—…〇㎡％𠮷🏭é",
    *" \t\u3000\u00a0\u200b\ufeff\u2028\x85\x00\x1c\r\n",
    "\r\n", "\n\n", "---\n", "\n---\n", "](ORG)", "# id = x\n", "T1\tORG 0 2\t", "-DOCSTART-", "O\n", "\\n", "\\[",
    "国家发展改革委", "GDP", "GDP growth", "B-ORG", "👨‍👩‍👧", "{\"text\":",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=30
)
ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    [
        "../../etc/passwd",
        ".hidden",
        "a/b",
        "a\\b",
        "2024",
        "007",
        "null",
        "2026-07-01",
        '"x"',
        " x ",
        "x\ny",
        "广东省 2026",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
    | st.sampled_from(["---", "yes", "2026-07-01", "1:20", "a: b", "# no", "'", "null", "~", "\n---\n"])
)
keys = st.sampled_from(["title", "标题", "text", "label", "data", "a: b", "yes", "1", "meta", "date"])


@st.composite
def documents(draw: st.DrawFn, id: str | None = None, meta: bool = True) -> Document:
    """A document whose mentions do not overlap and begin and end with something one can see."""
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12, unique=True)))
    spans = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        start, end = trim(text, start, end)
        if start < end:
            spans.append((start, end, draw(st.sampled_from(SCHEMA.names))))
    if len(cuts) % 2 and spans and spans[-1][1] < cuts[-1]:  # sometimes one mention at the heels of another
        start, end = trim(text, spans[-1][1], cuts[-1])
        if start < end:
            spans.append((start, end, draw(st.sampled_from(SCHEMA.names))))
    values = draw(st.dictionaries(keys, scalars, max_size=3)) if meta else {}
    return Document.from_spans(draw(ids) if id is None else id, text, spans, values)


def sets(meta: bool = True) -> st.SearchStrategy[list[Document]]:
    """A few documents with distinct ids."""
    return st.lists(documents(meta=meta), min_size=1, max_size=3, unique_by=lambda document: document.id)


def content(document: Document) -> tuple[str, str, tuple[tuple[int, int, str, str], ...]]:
    """What every format keeps."""
    return document.id, document.text, tuple((*mention.key, mention.text) for mention in document.mentions)
