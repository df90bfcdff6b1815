"""Files cut, mixed up and made of anything: they are read or refused in words, never with another exception."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import SCHEMA, sets
from topner.annotation.formats import FORMATS, read_documents, write_documents
from topner.document import Document
from topner.errors import TopnerError
from topner.ledger import Ledger


def read_or_refused(path: Path, format: str | None) -> None:
    ledger, documents, refusal = Ledger(), [], "damaged"
    try:
        documents = read_documents(path, format, SCHEMA, ledger)
    except TopnerError as error:
        refusal = str(error)
    assert "damaged" in refusal
    kept = sum(len(document.mentions) for document in documents)
    assert kept + ledger.dropped <= ledger.seen
    for document in documents:
        assert all(a.end <= b.start for a, b in zip(document.mentions, document.mentions[1:], strict=False))
        document.text.encode()


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=60, deadline=None)
@given(docs=sets(), data=st.data())
def test_cut_and_patched_files(format, docs: list[Document], data):
    with TemporaryDirectory() as folder:
        target = Path(folder) / "damaged"
        write_documents(docs, target, format, SCHEMA)
        files = [target] if target.is_file() else sorted(target.iterdir())
        for file in files:
            content = file.read_bytes()
            at = data.draw(st.integers(0, len(content)))
            width = data.draw(st.integers(0, 5))
            patch = data.draw(
                st.sampled_from([b"", b"]", b'"', b"\n", b"\t", b"\xff", b"9", b"{", "省".encode(), b"\\"])
            )
            file.write_bytes(content[:at] + patch + content[at + width :])
            read_or_refused(file, format)
            read_or_refused(file, None)
        read_or_refused(target, None)


NAMES = """
id doc_id text data label labels entities spans annotations completions predictions result value type start end start_offset
end_offset globalOffsets task meta surface was_cancelled updated_at completed_by user score answer annotation_id
hypertextlabels ORG 省
"""
names = st.sampled_from(NAMES.split())
leaves = st.sampled_from(
    [None, True, 0, 1, 3, -1, 2.5, 10**30, float("nan"), "", "ORG", "省厅", "labels", "\ud842", "🏭省"]
)
things = st.recursive(leaves, lambda x: st.lists(x, max_size=3) | st.dictionaries(names, x, max_size=4), max_leaves=12)
results = st.lists(st.fixed_dictionaries({"type": leaves, "value": things}), max_size=2)
versions = st.fixed_dictionaries({"result": results}, optional={"updated_at": leaves, "completed_by": things})
near = st.fixed_dictionaries(
    {},
    optional={
        "text": st.just("🏭由省厅办") | leaves,
        "data": st.fixed_dictionaries({"text": st.just("由省厅办") | things}) | things,
        "label": st.lists(st.tuples(leaves, leaves, leaves) | things, max_size=2) | things,
        "entities": st.lists(st.dictionaries(names, leaves, max_size=4) | things, max_size=2),
        "annotations": st.lists(versions | things, max_size=2),
        "id": leaves,
        "annotation_id": leaves,
        "meta": things,
    },
)


@pytest.mark.parametrize("format", [None, "label-studio", "doccano", "jsonl"])
@settings(max_examples=120, deadline=None)
@given(records=st.lists(near | things, min_size=1, max_size=3), lines=st.booleans())
def test_json_of_any_shape(format, records: list[Any], lines: bool):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.json"
        path.write_text("\n".join(map(json.dumps, records)) if lines else json.dumps(records))
        read_or_refused(path, format)


@pytest.mark.parametrize("format", [None, *FORMATS])
@settings(max_examples=40, deadline=None)
@given(content=st.text(st.sampled_from('---\n[](){}"\\:# \tOBI-idT1省ORG,=;0'), max_size=60) | st.binary(max_size=20))
def test_text_of_any_shape(format, content: str | bytes):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        read_or_refused(path, format)
