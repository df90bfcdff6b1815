import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from transformers import AutoTokenizer

from topner.backends.choice import remember, remembered
from topner.cli.export import export_command
from topner.document import Document
from topner.encoder.locate import cache_folder
from topner.errors import TopnerError
from topner.export import export as module
from topner.export.export import export_model, measure_backends, table
from topner.files import write_jsonl
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.model.tagger_model import new_model, save_model
from topner.text.clean import CleanConfig

TEXTS = [
    "力争工业投资突破300亿元，",
    "推进云湖新城建设。\n市科技局表示，增长5%" * 5,
    "",
    "县委要求，确保60个重点项目开工。😀",
]


@pytest.fixture(scope="module", params=["crf", "softmax"])
def folder(request, encoder, tmp_path_factory):
    torch.manual_seed(5)
    model = new_model(str(encoder), LabelSchema(), request.param, "eager")
    with torch.no_grad():
        model.network.classifier.weight.normal_(std=1.0)
    path = tmp_path_factory.mktemp("model") / "model"
    save_model(model, AutoTokenizer.from_pretrained(encoder), path, settings_of(CleanConfig(), 24, 8))
    return path


@pytest.fixture
def gold(folder, tmp_path):
    """What the single-precision tagger itself finds: any difference costs F1."""
    texts = (Document(str(i), text) for i, text in enumerate(TEXTS))
    documents = list(Tagger.from_pretrained(folder, precision="fp32").pipe(texts))
    assert sum(len(document.mentions) for document in documents) > 5
    write_jsonl(tmp_path / "gold.jsonl", (document.to_json() for document in documents))
    return tmp_path / "gold.jsonl"


def needs(backend):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnx", reason="onnx is not installed")
    if backend == "openvino":
        pytest.importorskip("openvino", reason="openvino is not installed")


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_single_precision_answers_alike(folder, gold, backend, tmp_path):
    needs(backend)
    before, after = export_model(folder, tmp_path / "out", backend, "fp32", gold, 0.0)
    assert (before.name, after.name) == ("torch fp32", f"{backend} fp32")
    assert before.f1 == after.f1 == 1.0
    assert min(after.size, after.load, after.speed) > 0
    one, other = Tagger.from_pretrained(folder, precision="fp32"), Tagger.from_pretrained(tmp_path / "out")
    assert (other.network.backend, other.network.precision) == (backend, "fp32")
    for wanted, found in zip(one.pipe(TEXTS), other.pipe(TEXTS), strict=True):
        assert [m.key for m in found.mentions] == [m.key for m in wanted.mentions]
        assert [m.score for m in found.mentions] == pytest.approx([m.score for m in wanted.mentions], abs=1e-4)
    assert not list((tmp_path / "out").glob("*.safetensors")) or one.crf
    ids = np.arange(1, 41).reshape(2, 20) % 30  # longer than what the export was traced with
    mask = np.ones_like(ids)
    mask[1, 7:] = 0
    assert np.allclose(one.network(ids, mask)[mask > 0], other.network(ids, mask)[mask > 0], atol=1e-4)


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_int8_is_smaller_and_near(folder, gold, backend, tmp_path):
    needs(backend)
    export_model(folder, tmp_path / "out", backend, "int8", gold, 100.0)
    exact, rough = Tagger.from_pretrained(folder, precision="fp32"), Tagger.from_pretrained(tmp_path / "out")
    assert rough.network.precision == "int8"
    ids = exact.first_window(TEXTS[1])[None]
    wanted, found = (tagger.network(ids, np.ones_like(ids)) for tagger in (exact, rough))
    assert 0 < abs(found - wanted).max() < 0.5 * wanted.std() + 0.5
    export_model(folder, tmp_path / "plain", backend, "fp32")
    held = [list((tmp_path / name).glob("*.onnx")) + list((tmp_path / name).glob("*.bin")) for name in ("out", "plain")]
    sizes = [sum(path.stat().st_size for path in files) for files in held]
    assert sizes[0] < sizes[1]


def test_openvino_in_bfloat16(folder, tmp_path):
    needs("openvino")
    export_model(folder, tmp_path / "out", "openvino", "bf16")
    exact, rough = Tagger.from_pretrained(folder, precision="fp32"), Tagger.from_pretrained(tmp_path / "out")
    ids = exact.first_window(TEXTS[1])[None]
    assert np.allclose(*(tagger.network(ids, np.ones_like(ids)) for tagger in (exact, rough)), atol=0.3)


def test_too_great_a_loss_writes_nothing(folder, gold, tmp_path):
    needs("onnx")
    lines = [json.loads(line) for line in gold.read_text("utf-8").splitlines()]

    def worse(load, path, documents):
        found = measure(load, path, documents)
        return found if found.name.startswith("torch") else module.Measured(found.name, 1, 1.0, 1.0, found.f1 - 0.004)

    measure = module.measure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "measure", worse)
        call = [str(folder), "--to", "onnx", "--data", str(gold), "-o", str(tmp_path / "out")]
        done = CliRunner().invoke(export_command, call)
        assert isinstance(done.exception, TopnerError)
        assert "from 100.00 to 99.60" in str(done.exception)
        assert "nothing was written" in str(done.exception)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["gold.jsonl"]
        allowed = CliRunner().invoke(export_command, [*call, "--max-drop", "0.5"], catch_exceptions=False)
    assert allowed.exit_code == 0
    assert f"written: {tmp_path / 'out'}" in allowed.output
    assert len(lines) == len(TEXTS)


def test_int8_needs_data(folder, tmp_path):
    needs("onnx")
    with pytest.raises(TopnerError, match="--data"):
        export_model(folder, tmp_path / "out", "onnx", "int8")
    with pytest.raises(TopnerError, match="--data"):
        Tagger.from_pretrained(folder, backend="onnx", precision="int8")


def test_what_cannot_be(folder, tmp_path):
    needs("onnx")
    with pytest.raises(TopnerError, match="no bfloat16"):
        export_model(folder, tmp_path / "out", "onnx", "bf16")
    with pytest.raises(TopnerError, match="runs on the CPU"):
        Tagger.from_pretrained(folder, backend="onnx", device="cuda")
    with pytest.raises(TopnerError, match="no backend 'abacus'"):
        Tagger.from_pretrained(folder, backend="abacus")
    export_model(folder, tmp_path / "out", "onnx")
    with pytest.raises(TopnerError, match="was exported for onnx in fp32, not for openvino in fp32"):
        Tagger.from_pretrained(tmp_path / "out", backend="openvino")
    with pytest.raises(TopnerError, match="not for torch"):
        export_model(tmp_path / "out", tmp_path / "again", "onnx")


def test_damaged_folders(folder, tmp_path):
    needs("onnx")
    export_model(folder, tmp_path / "out", "onnx")
    (tmp_path / "out/model.onnx").write_bytes(b"no network")
    with pytest.raises(TopnerError, match="network cannot be loaded"):
        Tagger.from_pretrained(tmp_path / "out")
    (tmp_path / "out/extra.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(TopnerError, match=r"extra\.bin"):
        Tagger.from_pretrained(tmp_path / "out")
    (tmp_path / "out/extra.bin").unlink()
    (tmp_path / "out/model.onnx").unlink()
    with pytest.raises(TopnerError, match="holds no network"):
        Tagger.from_pretrained(tmp_path / "out")


def test_a_named_backend_is_exported_once_into_the_cache(folder):
    needs("onnx")
    assert Tagger.from_pretrained(folder, backend="onnx").network.backend == "onnx"
    (made,) = (cache_folder() / "exports").iterdir()
    stamp = (made / "model.onnx").stat().st_mtime_ns
    assert Tagger.from_pretrained(folder, backend="onnx").network.backend == "onnx"
    assert (made / "model.onnx").stat().st_mtime_ns == stamp


def test_without_the_package(folder, monkeypatch):
    from topner.backends import exported

    monkeypatch.setattr(exported, "installed", lambda backend: backend == "torch")
    with pytest.raises(TopnerError, match=r"topner\[openvino\]"):
        Tagger.from_pretrained(folder, backend="openvino")
    assert Tagger.from_pretrained(folder).network.backend == "torch"


def test_the_fastest_is_remembered(folder, gold, monkeypatch):
    needs("onnx")
    assert remembered(folder) is None
    speeds = {"torch fp32": 1.0, "onnx fp32": 3.0}
    measure = module.measure

    def pretend(load, path, documents):
        found = measure(load, path, documents)
        return module.Measured(found.name, found.size, found.load, speeds.get(found.name, 0.5), found.f1)

    monkeypatch.setattr(module, "measure", pretend)
    rows = measure_backends(folder, gold)
    assert rows[0].name == "onnx fp32"
    assert "onnx fp32" in table(rows)
    assert Tagger.from_pretrained(folder).network.backend == "onnx"
    assert Tagger.from_pretrained(folder, precision="bf16").network.backend == "torch"
    assert Tagger.from_pretrained(folder, backend="torch").network.backend == "torch"


def test_a_choice_is_for_one_model_and_one_machine(folder):
    remember(folder, "onnx", "fp32")
    assert remembered(folder) == ("onnx", "fp32")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("topner.backends.choice.cpu", lambda: "another")
        assert remembered(folder) is None
    (cache_folder() / "backends.json").write_text("[", encoding="utf-8")
    assert remembered(folder) is None
