"""What the fuzzing begins with: valid inputs of each target, and the pieces of which hostile ones are put together."""

from __future__ import annotations

import json
import struct
import tempfile
from functools import cache
from pathlib import Path

from fuzz_sources import ENDINGS, flipped
from fuzz_sources import PIECES as SOURCE_PIECES
from fuzz_sources import seeds as source_seeds
from hypothesis import strategies as st

from topner.annotation.formats import FORMATS, write_documents
from topner.document import Document
from topner.labels import LabelSchema

_SCHEMA = LabelSchema(("TARGET", "PROJECT", "ORG"))
_TEXT = "市科技局\u3000力争GDP增长５%，\n建成[1]“百园\\工程”3座😀，超115亿元。𠮷"
_DOCUMENTS = (
    Document.from_spans(
        "甲/1", _TEXT, [(0, 4, "ORG"), (7, 14, "TARGET"), (16, 28, "PROJECT")], {"year": 2026, "标题": "a: b"}
    ),
    Document.from_spans("2", "由省厅办\r\n", [(1, 3, "ORG")]),
)

_COMMON = [
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\ufeff",
    "\x00",
    "\u2028",
    "\udcff",
    *"省😀𠮷１",
    "-1",
    "1e999",
    "ORG",
    "9" * 20,
    "9" * 5000,
]
_KEYS = """
id text data label entities start end annotations result value meta score hypertextlabels startOffset answer surface scores
labels task ORG
"""
_SIGNS = '{ " : , [ ] } null true NaN 1e400 -Infinity "\\ud842" ,"'
_JSON = [*_SIGNS.split(), *(f'"{key}"' for key in _KEYS.split())]
_MARKS = "1 23 0.5 ， . % ％ 亿元 个百分点 — - ~ ± “ ” Ⅲ类 5G PM2.5 2025年"
_HAN = [
    *"零一二两十百千万亿兆点半成番翻倍约超过不低于至到增长前第强位个家元人以上左右多余几分之比",
    *_MARKS.split(),
    *("1" * 300, "万" * 90, "一" * 90, "零" * 5000, "1-" * 200),
]
_HTML = """
< > </ /> <b <p> <script> </script> <rt> </rt> <ruby> <!-- --> <![CDATA[ ]]> <? " ' = & &# &#0; &#x110000; &lt; &nbsp
&#55357; (fā) （zhǎn） 發 ? ？ （ ） ( ) , : ﬃ ㎡ ① ½ ⑽ 𠮷 體 裏面
"""
_MARKUP = [*_HTML.split(), *"\ufffd\u200b\u202e\u0301\u3000\x85"]
_LINES = [
    *(
        "---\n",
        "id: ",
        "- ",
        "[a](ORG)",
        "](ORG)",
        "[",
        "]",
        "\\",
        "B-ORG\n",
        "I-ORG\n",
        "O\n",
        "S-X ",
        "E-X ",
        "L-X ",
        "U_X ",
        "M-X ",
    ),
    *(
        "# id = ",
        "# meta = {}",
        "-DOCSTART-\n",
        "T1\tORG 0 2\t",
        "T2\tORG 0 1;3 4\t",
        "#1\tAnnotatorNotes T1\tscore=0.5\n",
        "R1\t",
    ),
    *(
        "*\t",
        "\n%%\n",
        "annotation_id,label,text\n",
        "1,",
        '"[{""start"":0,""end"":1,""labels"":[""ORG""]}]"',
        "\\u0041",
        "\\s",
    ),
]
_YAML = [
    *(
        "run: ",
        "seed: ",
        "data: ",
        "labels: ",
        "path: ",
        "\n  ",
        "\n",
        ": ",
        "- ",
        "&a ",
        "*a",
        "<<: ",
        "!!bool ",
        "!!timestamp ",
    ),
    *(
        "!!int ",
        "!!python/object/apply:os.system [x]",
        "2026-13-45",
        *"{}[],~'\"|>",
        "? ",
        "!seed=",
        "!data.path=",
        "!=",
        "0x",
    ),
    *("1:99", ".inf", "[" * 2000, "\\ud842", "window", "{size: 5, overlap: 9}", "training: {epochs: -1}"),
]

PIECES: dict[str, list[str]] = {
    **{name: [*_LINES, *_JSON[:12], *_YAML[:18]] for name in ("inline", "brat", "conll", "table")},
    "label-studio": _JSON,
    "doccano": _JSON,
    "jsonl": _JSON,
    "model": _JSON,
    "any": [*_JSON, *_LINES],
    "config": _YAML,
    "text": [*_MARKUP, *_HAN],
    "pages": _MARKUP,
    "tags": [*_LINES, "B-a ", "I-a ", "I-b ", "B-b ", "O "],
    "windows": [*"，。；：、！？\n", "字字字字字字字", " " * 50],
    "quantity": _HAN,
    "tagger": [*_MARKUP, "力争", "增长5%", "市科技局", "“百园工程”", "加快深江鐵路", "\n", "。" * 300],
    **SOURCE_PIECES,
    "decoder": ["\x00\x7c", "\x00\xfc", "\xff\x7b", "\xff\xfb", "\x00\x3c", "\x00\x00"],
}
"""Pieces by target."""


# Where a value is expected, hostile ones: numbers no machine holds, nesting near the limit, the wrong kind.
_PLAIN = (
    'null true -1 0 1.5 1e400 -1e400 NaN "１" "\\ud842" {} "" "省" [null] [{"start":0}] "ORG" !!bool !!timestamp !!int'
)
VALUES = [
    *_PLAIN.split(),
    *(
        "9" * 400,
        "9" * 4300,
        "9" * 5000,
        f'"{"9" * 5000}"',
        *("[" * n + "]" * n for n in (1, 700, 880, 900, 920, 940, 960, 2000)),
    ),
    *(
        "0x" + "f" * 5000,
        "!!bool x",
        "!!timestamp x",
        "2026-13-45",
        "&a [*a]",
        "*a",
        "<<",
        "'",
        "|",
        ".inf",
        "1:" * 2000 + "1",
    ),
]
"""What the holes of templates and the values of JSON are filled with."""

TEMPLATES: dict[str, list[str]] = {
    "inline": ["---\nid: @\nyear: @\n---\n[省](ORG)@\n", "---\n@: @\n@: 1\n---\n省", "@[[省](ORG)@](TARGET)"],
    "brat": ["省厅@\n%%\nT1\tORG @ @\t省\n", "省厅\n%%\nT1\tORG 0 1;@ 2\t省厅\n#1\tAnnotatorNotes T1\tscore=@\n"],
    "conll": ['# id = @\n# meta = {"a": @}\n省\tB-ORG\n@\tO\n', "省 @ B-ORG\n\n-DOCSTART- @\n@ I-ORG\n"],
    "table": ['annotation_id,id,label,text,meta\n@,@,"[{""start"":@,""end"":@,""labels"":@}]",省厅,"{""a"":@}"\n'],
    "config": [
        *("run: @\ndata: {path: @}\nseed: @\n", "!seed=@\n!data.path.x=@\n!@=@\n"),
        *("labels: @\nwindow: {size: @}\n", "run: r\ndata: {path: d}\n!@.@=1"),
    ],
    "quantity": ["增长@%", "@亿元", "@-@万@", "前@名", "@分之@", "翻@番", "@比@", "@点@成"],
}
"""Inputs with holes, by target."""


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """Valid inputs of a target."""
    if name in FORMATS:
        return (_written(name),)
    if name in ENDINGS:
        return source_seeds(name)
    if name == "any":
        return tuple(_written(format) for format in FORMATS)
    if name == "table":
        cell = json.dumps([{"start": 0, "end": 4, "text": _TEXT[:4], "labels": ["ORG"]}], ensure_ascii=False).replace(
            '"', '""'
        )
        return (f'annotation_id,annotator,id,label,text\n1,甲,7,"{cell}","{_TEXT}"\n'.encode(),)
    if name == "config":
        files = (Path(__file__).parents[2] / "configs").glob("*.yaml")
        return tuple(path.read_bytes() + b"!seed=3\n!training.epochs=2\n" for path in sorted(files))
    if name == "model":
        head = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
        return (struct.pack("<Q", len(head)) + head + b"\0" * 8, b'{"head": "crf"}')
    if name == "decoder":
        return (bytes(range(256)) * 2,)
    return (
        _TEXT.encode(),
        "我市力争全社会研發(fā)經(jīng)費投入超115億元，<b>加快</b>&nbsp;深江鐵路建設(shè)。".encode(),
    )


def _written(format: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "x"
        write_documents(_DOCUMENTS, target, format, _SCHEMA)
        if target.is_file():
            return target.read_bytes()
        if format == "brat":
            text = min(target.glob("*.txt"))
            return text.read_bytes() + b"\n%%\n" + text.with_suffix(".ann").read_bytes()
        return max(target.iterdir()).read_bytes()


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Inputs of a target: valid ones cut and patched, pieces put together, and any bytes."""
    piece = st.sampled_from([part.encode("utf-8", "surrogateescape") for part in (*PIECES[name], *_COMMON)])
    joined = st.lists(piece, max_size=12).map(b"".join)
    repeated = st.builds(
        lambda lead, part, times, tail: lead + part * times + tail, joined, piece, st.integers(0, 60), joined
    )
    strategy = patched(name, piece) | joined | repeated | st.binary(max_size=80)
    value = st.sampled_from([part.encode("utf-8", "surrogateescape") for part in (*VALUES, *PIECES[name])])
    if name in ("label-studio", "doccano", "jsonl", "any"):
        strategy |= refilled(name, value)
    if name in ENDINGS:
        strategy |= flipped(name)
    if name in TEMPLATES:
        strategy |= filled(TEMPLATES[name], value)
    return strategy


@st.composite
def filled(draw: st.DrawFn, templates: list[str], value: st.SearchStrategy[bytes]) -> bytes:
    """A template with its holes filled."""
    first, *rest = draw(st.sampled_from(templates)).encode().split(b"@")
    return first + b"".join(draw(value) + part for part in rest)


@st.composite
def refilled(draw: st.DrawFn, name: str, value: st.SearchStrategy[bytes]) -> bytes:
    """Valid JSON of which one to three values are replaced, anywhere in it."""
    kinds = ("label-studio", "doccano", "jsonl") if name == "any" else (name,)
    data = seeds(draw(st.sampled_from(kinds)))[0]
    tree = json.loads(data) if data[:1] == b"[" else json.loads(data.split(b"\n")[0])
    for _ in range(draw(st.integers(1, 3))):
        holder = tree
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if not isinstance(holder[key], dict | list) or draw(st.integers(0, 3)) == 0:
                holder[key] = "@"
                break
            holder = holder[key]
    first, *rest = json.dumps(tree, ensure_ascii=False).encode().split(b'"@"')
    return first + b"".join(draw(value) + part for part in rest)


@st.composite
def patched(draw: st.DrawFn, name: str, piece: st.SearchStrategy[bytes]) -> bytes:
    """A valid input of which a few places are cut out, doubled or replaced."""
    data = draw(st.sampled_from(seeds(name)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        to = min(len(data), at + draw(st.sampled_from([0, 0, 1, 2, 8, 40])))
        data = data[:at] + draw(piece | st.just(data[at:to] * 2)) + data[to:]
    return data
