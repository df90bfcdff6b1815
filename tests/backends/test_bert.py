import json

import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertForTokenClassification

from topner.backends.bert import BertShape, BertTagger, bert_state
from topner.backends.torch_network import load_bert, load_torch
from topner.errors import TopnerError
from topner.labels import LabelSchema
from topner.model.tagger_model import load_model, new_model, save_model


@pytest.fixture
def folder(encoder, tmp_path):
    torch.manual_seed(2)
    model = new_model(str(encoder), LabelSchema(), "softmax", "eager")
    save_model(model, AutoTokenizer.from_pretrained(encoder), tmp_path / "model", {})
    return tmp_path / "model"


@pytest.mark.parametrize("act", ["gelu", "gelu_new"])
@pytest.mark.parametrize("kinds", [1, 2])
def test_it_computes_what_transformers_computes(act, kinds):
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=40, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=30,
        max_position_embeddings=20, type_vocab_size=kinds, hidden_act=act, num_labels=5, layer_norm_eps=1e-5,
    )  # fmt: skip
    reference = BertForTokenClassification(config).eval()
    for parameter in reference.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    shape = BertShape.read(config.to_dict())
    network = BertTagger(shape, 5)
    network.load_state_dict(bert_state(reference.state_dict(), shape))
    ids, mask = torch.randint(0, 40, (3, 20)), torch.ones(3, 20, dtype=torch.int64)
    mask[1, 12:] = mask[2, 1:] = 0
    with torch.inference_mode():
        wanted = reference(ids, attention_mask=mask).logits
        found = network.eval()(ids, mask)
        assert torch.allclose(found[mask > 0], wanted[mask > 0], atol=1e-4)
        assert torch.allclose(network(ids), reference(ids).logits, atol=1e-4)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model_type", "roberta"), ("position_embedding_type", "relative_key"), ("hidden_act", "swish"), ("hidden_act", []),
        ("is_decoder", True), ("hidden_size", "32"), ("num_attention_heads", 0), ("hidden_size", 33), ("layer_norm_eps", {}),
    ],
)  # fmt: skip
def test_what_is_no_plain_bert_is_left_to_transformers(folder, key, value):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert BertShape.read(config) is not None
    assert BertShape.read({**config, key: value}) is None


def test_an_activation_of_its_own_goes_through_transformers(folder):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "hidden_act": "relu"}), "utf-8")
    assert load_bert(folder) is None
    network = load_torch(folder, torch.device("cpu"), "fp32")
    ids = torch.randint(0, 20, (2, 9))
    mask = torch.ones_like(ids)
    mask[1, 4:] = 0
    with torch.inference_mode():
        wanted = load_model(folder)[0](ids, mask)["logits"]
    found = torch.from_numpy(network(ids.numpy(), mask.numpy()))
    assert torch.allclose(found[mask > 0], wanted[mask > 0], atol=1e-5)


def test_bfloat16_is_near(folder):
    ids = torch.randint(0, 20, (2, 9)).numpy()
    exact, rough = (load_torch(folder, torch.device("cpu"), p)(ids, ids * 0 + 1) for p in ("fp32", "bf16"))
    assert rough.dtype == exact.dtype
    assert 0 < abs(rough - exact).max() < 0.05


def test_torch_has_no_int8(folder):
    with pytest.raises(TopnerError, match="topner export"):
        load_torch(folder, torch.device("cpu"), "int8")
