import pytest

from topner.labels import LabelSchema
from topner.model.tagger_model import new_model
from topner.training.config import OptimizationConfig
from topner.training.optimizer import depth, parameter_groups


def test_rates_fall_layer_by_layer(encoder):
    model = new_model(str(encoder), LabelSchema(), "crf", "eager")
    config = OptimizationConfig(learning_rate=1e-4, head_learning_rate=1e-3, layer_decay=0.5, weight_decay=0.1)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = {}
    for group in parameter_groups(model, config):
        for parameter in group["params"]:
            found[names[id(parameter)]] = (group["lr"], group["weight_decay"])
    assert found.keys() == set(names.values())
    layer = "network.bert.encoder.layer.{}.output.dense.{}"
    assert found[layer.format(1, "weight")] == (pytest.approx(1e-4), 0.1)
    assert found[layer.format(0, "weight")] == (pytest.approx(5e-5), 0.1)
    assert found[layer.format(0, "bias")] == (pytest.approx(5e-5), 0.0)
    assert found["network.bert.embeddings.word_embeddings.weight"] == (pytest.approx(2.5e-5), 0.1)
    assert found["network.bert.encoder.layer.1.output.LayerNorm.weight"][1] == 0.0
    assert found["network.classifier.weight"] == (1e-3, 0.1)
    assert found["crf.transitions"] == (1e-3, 0.0)


@pytest.mark.parametrize(
    ("name", "height"),
    [("bert.embeddings.position_embeddings.weight", 0), ("x.layers.3.mlp.weight", 4), ("bert.pooler.weight", 13)],
)
def test_depth(name, height):
    assert depth(name, 12) == height
