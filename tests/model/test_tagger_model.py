import json

import pytest
import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.model.tagger_model import load_model, new_model, save_model


@pytest.fixture(params=["softmax", "crf"])
def saved(request, encoder, tmp_path):
    torch.manual_seed(1)
    model = new_model(str(encoder), LabelSchema(), request.param, "eager").eval()
    if model.crf is not None:
        with torch.no_grad():
            model.crf.transitions.normal_()
    save_model(model, AutoTokenizer.from_pretrained(encoder), tmp_path / "model", {"text": {}})
    return model, tmp_path / "model"


def test_saved_and_loaded_they_agree(saved):
    model, folder = saved
    loaded, settings = load_model(folder)
    ids = torch.randint(5, 60, (2, 9))
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        assert torch.allclose(loaded(ids, mask)["logits"], model(ids, mask)["logits"], atol=1e-5)
    assert loaded.head == model.head
    assert settings["head"] == model.head
    assert (loaded.chain().transitions == model.chain().transitions).all()


def test_plain_transformers_loads_the_folder(saved):
    model, folder = saved
    plain = AutoModelForTokenClassification.from_pretrained(folder).eval()
    assert plain.config.id2label == LabelSchema().id2label
    ids = torch.tensor([AutoTokenizer.from_pretrained(folder)("云湖新城")["input_ids"]])
    with torch.inference_mode():
        assert torch.allclose(plain(ids).logits, model(ids)["logits"], atol=1e-5)


def test_weights_are_safetensors_alone(saved):
    _, folder = saved
    assert {path.suffix for path in folder.iterdir()} <= {".json", ".safetensors", ".md"}


def test_broken_folders_say_so(saved, tmp_path):
    _, folder = saved
    with pytest.raises(TopnerError, match="holds no model"):
        load_model(tmp_path / "nowhere")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:200])
    with pytest.raises(TopnerError, match="cannot be loaded"):
        load_model(folder)


def test_labels_that_are_not_iob2_are_refused(saved):
    _, folder = saved
    config = json.loads((folder / "config.json").read_text())
    config["id2label"]["0"], config["id2label"]["1"] = "B-TARGET", "O"
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(TopnerError, match="IOB2"):
        load_model(folder)


def test_half_precision_folder_loads_as_single(saved, encoder, tmp_path):
    model, folder = saved
    save_model(model, AutoTokenizer.from_pretrained(encoder), tmp_path / "half", {}, half=True)
    loaded, _ = load_model(tmp_path / "half")
    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}
    assert (tmp_path / "half/model.safetensors").stat().st_size < (folder / "model.safetensors").stat().st_size * 0.6


def test_an_encoder_that_is_not_there():
    with pytest.raises(TopnerError, match="cannot be loaded"):
        new_model("./no/such/encoder", LabelSchema(), "crf", "eager")


def test_a_dropout_that_the_encoder_calls_otherwise_is_said(tmp_path):
    from transformers import DistilBertConfig, DistilBertModel

    config = DistilBertConfig(vocab_size=30, dim=8, hidden_dim=16, n_layers=1, n_heads=2)
    DistilBertModel(config).save_pretrained(tmp_path / "e")
    schema = LabelSchema.of(None)
    assert new_model(str(tmp_path / "e"), schema, "softmax", "eager").head == "softmax"
    with pytest.raises(TopnerError, match="does not take attention_probs_dropout_prob"):
        new_model(str(tmp_path / "e"), schema, "softmax", "eager", attention_dropout=0.0)
