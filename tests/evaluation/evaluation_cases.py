"""Documents and hypothesis strategies shared by the tests of this folder."""

from itertools import pairwise

from hypothesis import strategies as st

from topner.document import Document
from topner.labels import LabelSchema

SCHEMA = LabelSchema(("TARGET", "PROJECT", "ORG"))
ALPHABET = "增长百分点建设局“”《》，。 \n\r　５5G%𠮷🚄<>&\"'=é"


def document(id, text, *spans, **meta):
    """A document; spans as ``(start, end, label)`` or as ``(surface, label)`` for its first occurrence."""
    return Document.from_spans(id, text, [_span(text, span) for span in spans], meta)


def _span(text, span):
    if len(span) == 3:
        return span
    surface, label = span
    start = text.index(surface)
    return start, start + len(surface), label


@st.composite
def layers(draw, length):
    """A flat layer over a text of that length: spans that may touch, not overlap."""
    edges = sorted(draw(st.lists(st.integers(0, length), max_size=14, unique=True)))
    labels = st.sampled_from([*SCHEMA.names, None])
    spans = [(start, end, draw(labels)) for start, end in pairwise(edges)]
    return [span for span in spans if span[2] is not None]


@st.composite
def data_sets(draw, max_documents=4):
    """Gold and predicted documents over random texts."""
    gold, predicted = [], []
    for i in range(draw(st.integers(0, max_documents))):
        text = draw(st.text(ALPHABET, max_size=25))
        gold.append(document(f"d{i}", text, *draw(layers(len(text)))))
        predicted.append(document(f"d{i}", text, *draw(layers(len(text)))))
    return gold, predicted
