"""Model folders as somebody else may have made them: nothing of them runs, whatever is wrong is said in words."""

import json
import pickle
import struct

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from topner.errors import TopnerError
from topner.inference.tagger import Tagger
from topner.labels import LabelSchema
from topner.model.folder import PICKLES, check_model_folder, check_settings, read_shapes
from topner.model.tagger_model import load_model, new_model, save_model


@pytest.fixture
def folder(encoder, tmp_path):
    torch.manual_seed(2)
    model = new_model(str(encoder), LabelSchema(), "crf", "eager")
    save_model(model, AutoTokenizer.from_pretrained(encoder), tmp_path / "model", {"text": {}})
    return tmp_path / "model"


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was read",)


@pytest.mark.parametrize("suffix", [*sorted(PICKLES), ".BIN"])
def test_a_folder_with_a_pickle_is_refused(folder, suffix):
    (folder / f"optimizer{suffix}").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(TopnerError, match=f"optimizer{suffix}.*safetensors"):
        load_model(folder)


def test_an_encoder_that_is_pickled_is_refused(encoder, tmp_path):
    target = tmp_path / "encoder"
    target.mkdir()
    for path in encoder.iterdir():
        if path.suffix != ".safetensors":
            (target / path.name).write_bytes(path.read_bytes())
    (target / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(TopnerError, match="never read"):
        new_model(str(target), LabelSchema(), "softmax", "eager")


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_code_of_its_own_is_refused(folder, name):
    values = json.loads((folder / name).read_text(encoding="utf-8"))
    values["auto_map"] = {"AutoModelForTokenClassification": "evil.Evil"}
    (folder / name).write_text(json.dumps(values), encoding="utf-8")
    (folder / "evil.py").write_text("raise SystemExit('it ran')", encoding="utf-8")
    with pytest.raises(TopnerError, match="code of its own"):
        load_model(folder)


def test_a_model_type_nobody_knows_is_no_question_to_the_terminal(folder):
    values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    values["model_type"] = "省政府"
    (folder / "config.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(TopnerError, match="cannot be loaded"):
        load_model(folder)


def header(declared: dict, data: bytes = b"", length: int | None = None) -> bytes:
    text = json.dumps(declared).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04K\x01.",
        struct.pack("<Q", 2**63) + b"{}",
        header({}, length=100),
        header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 800]}}, b"\0" * 8),
        header({"a": {"dtype": "F32", "shape": [2**62, 2**62], "data_offsets": [0, 8]}}, b"\0" * 8),
        header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}, b"\0" * 8),
        header({"a": {"dtype": "PICKLE", "shape": [2], "data_offsets": [0, 8]}}, b"\0" * 8),
        header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 8),
    ],
)
def test_a_header_that_lies_is_refused_before_loading(folder, content):
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(TopnerError, match=r"model\.safetensors.*cannot be loaded"):
        load_model(folder)


def test_the_header_alone_tells_the_shapes(folder):
    shapes = read_shapes(folder / "model.safetensors")
    assert shapes == {name: tuple(t.shape) for name, t in load_file(folder / "model.safetensors").items()}


@pytest.mark.parametrize(
    ("key", "value"),
    [("num_hidden_layers", 10**9), ("vocab_size", 10**12), ("hidden_size", -4), ("intermediate_size", 0)],
)
def test_sizes_that_the_weights_do_not_have(folder, key, value):
    values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**values, key: value}), encoding="utf-8")
    with pytest.raises(TopnerError, match=key):
        load_model(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id2label", None),
        ("id2label", {"0": 1}),
        ("id2label", ["O"]),
        ("hidden_size", "32"),
        ("num_attention_heads", 0),
        ("hidden_act", []),
        ("model_type", None),
        ("num_hidden_layers", 1.5),
        ("layer_norm_eps", {}),
        ("hidden_size", 31),
    ],
)
def test_values_of_the_wrong_kind(folder, key, value):
    values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**values, key: value}), encoding="utf-8")
    with pytest.raises(TopnerError, match="model"):
        load_model(folder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"windows": {}}, "entry 'windows', which this version does not know"),
        ({"head": "mlp"}, "head is 'mlp', crf or softmax"),
        ({"head": ["crf"]}, "head is"),
        ({"window": [24, 8]}, "window is .24, 8., an object"),
        ({"window": {"size": 24, "stride": 8}}, "entry 'stride'; it has size and overlap"),
        ({"window": {"size": "24"}}, "window.size is '24'; a number of tokens from 8 to 128, the positions"),
        ({"window": {"size": True}}, "window.size is True"),
        ({"window": {"size": 24.0}}, "window.size is 24.0"),
        ({"window": {"size": 7}}, "window.size is 7"),
        ({"window": {"size": 129}}, "window.size is 129"),
        ({"window": {"size": 10**30}}, "window.size is 1000000"),
        (
            {"window": {"size": 24, "overlap": 12}},
            "window.overlap is 12; a number of tokens from 0 to less than half of 24",
        ),
        ({"window": {"size": 24, "overlap": -1}}, "window.overlap is -1"),
        ({"window": {"size": 24, "overlap": None}}, "window.overlap is None"),
        ({"text": {"markup": 1}}, "do not fit this version"),
        ({"text": [1]}, "do not fit this version"),
    ],
)
def test_settings_that_no_topner_wrote(folder, settings, message):
    (folder / "topner.json").write_text(json.dumps({"head": "crf", **settings}), encoding="utf-8")
    with pytest.raises(TopnerError, match=message) as caught:
        Tagger.from_pretrained(folder)
    assert "topner.json" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "config", "expected"),
    [
        ({}, {"max_position_embeddings": 512}, (256, 64)),
        ({}, {"max_position_embeddings": 100}, (100, 25)),
        ({}, {"model_type": "xlm-roberta", "max_position_embeddings": 130, "pad_token_id": 1}, (128, 32)),
        ({"window": {"size": 1024}}, {}, (1024, 256)),
        ({"window": {"size": 9, "overlap": 4}}, {"max_position_embeddings": 9}, (9, 4)),
    ],
)
def test_windows_fit_the_encoder(settings, config, expected, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert check_settings(settings, tmp_path) == expected


@pytest.mark.parametrize("content", [b"[]", b"\xff", b"[" * 100_000, b'{"head": ', b'"crf"'])
@pytest.mark.parametrize("name", ["topner.json", "config.json"])
def test_settings_that_are_no_object(folder, name, content):
    (folder / name).write_bytes(content)
    with pytest.raises(TopnerError, match=name):
        load_model(folder)


def test_missing_weights_are_not_made_up(folder):
    tensors = load_file(folder / "model.safetensors")
    del tensors["classifier.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TopnerError, match=r"classifier\.weight"):
        load_model(folder)


def test_an_encoder_alone_is_no_tagger(encoder):
    with pytest.raises(TopnerError, match="label set is empty"):
        load_model(encoder)


@pytest.mark.parametrize("name", ["../model.safetensors", "/etc/passwd", "a\\b.safetensors", "shard.bin"])
def test_shards_stay_in_the_folder(folder, name):
    (folder / "model.safetensors").rename(folder.parent / "model.safetensors")
    index = {"metadata": {}, "weight_map": {"classifier.weight": name}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(TopnerError, match="no safetensors file of this folder"):
        check_model_folder(folder)


def test_shards_in_the_folder_load(folder):
    tensors = load_file(folder / "model.safetensors")
    names = sorted(tensors)
    parts = {"one.safetensors": names[::2], "two.safetensors": names[1::2]}
    for file, held in parts.items():
        save_file({name: tensors[name] for name in held}, folder / file, metadata={"format": "pt"})
    (folder / "model.safetensors").unlink()
    index = {"metadata": {}, "weight_map": {name: file for file, held in parts.items() for name in held}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    model, _ = load_model(folder)
    assert torch.equal(model.network.classifier.weight, tensors["classifier.weight"])
    (folder / "model.safetensors.index.json").write_text('{"weight_map": []}', encoding="utf-8")
    with pytest.raises(TopnerError, match="names no file"):
        load_model(folder)
