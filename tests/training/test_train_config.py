from pathlib import Path

import pytest
import yaml

from topner.configuration import dump_config
from topner.errors import TopnerError
from topner.training.config import TrainConfig, load_config

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["embedded", "macbert-base", "smoke"])
def test_shipped_configurations_are_right(name):
    config = load_config(ROOT / "configs" / f"{name}.yaml")
    assert config.labels == ["TARGET", "PROJECT", "ORG"]
    assert config.data.path == Path("data/corpus")
    assert config.run == Path("runs") / name


def test_overrides(tmp_path):
    config = load_config(
        ROOT / "configs/smoke.yaml", ["training.epochs=3", "run=elsewhere", "labels=[会议, 人物]", "text.ruby=false"]
    )
    assert config.training.epochs == 3
    assert config.run == Path("elsewhere")
    assert config.labels == ["会议", "人物"]
    assert config.text.ruby is False


def test_written_out_and_read_again_it_is_the_same(tmp_path):
    config = load_config(ROOT / "configs/embedded.yaml")
    (tmp_path / "c.yaml").write_text(dump_config(config), encoding="utf-8")
    assert load_config(tmp_path / "c.yaml") == config


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epoch=3", r"training\.epoch"),
        ("training.epochs=-1", r"training\.epochs"),
        ("training.epochs=many", r"training\.epochs"),
        ("epochs", "is no override"),
        ("run.deep=1", "is no override"),
        ("training.epochs=[1", "is no override"),
        ("model.head=bilstm", r"model\.head"),
        ("window.overlap=200", "overlap"),
        ("data.train=x", "either"),
        ("data.path=null", "either"),
        ("data.shares={train: 1}", "must name train and dev"),
        ("text.rubi=true", r"text\.rubi"),
    ],
)
def test_mistakes_are_named(override, message):
    overrides = [override]
    if override.startswith("data.shares"):
        overrides.append("data.splits=null")
    with pytest.raises(TopnerError, match=message):
        load_config(ROOT / "configs/embedded.yaml", overrides)


@pytest.mark.parametrize(("content", "message"), [("- a\n", "keys and values"), ("a: [\n", "is not YAML")])
def test_files_that_are_no_configuration(tmp_path, content, message):
    (tmp_path / "c.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(TopnerError, match=message):
        load_config(tmp_path / "c.yaml")


def test_defaults_can_be_dumped():
    values = yaml.safe_load(dump_config(TrainConfig.model_validate({"run": "r", "data": {"path": "d"}})))
    assert values["window"] == {"size": 256, "overlap": 64}
