import pytest
import yaml

from topner.errors import TopnerError
from topner.safe_yaml import FAULTS, load_yaml
from topner.training.config import load_config

LAUGHS = "a0: &a0 [哈, 哈, 哈, 哈, 哈, 哈, 哈, 哈, 哈]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)
MERGES = "a0: &a0 {k: 1}\n" + "".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 12))


@pytest.mark.parametrize(
    "text", ["", "a: 1", "labels: [会议, 人物]", "a: &x {b: 2026-07-01}\nc: *x\n", "- ~\n- .5\n- 'x'"]
)
def test_plain_values(text):
    assert load_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text", [LAUGHS, MERGES, "&a [*a]", "a: &a {b: *a}", "[" * 60 + "]" * 60, "{a: " * 60, "!!python/name:os.system"]
)
def test_texts_that_stand_for_more_than_they_hold(text):
    with pytest.raises(yaml.YAMLError):
        load_yaml(text)


@pytest.mark.parametrize(
    "value", ["2026-13-45", "!!bool x", "!!int x", "!!timestamp x", "9" * 5000, "[" * 5000, LAUGHS]
)
def test_configurations_are_refused_in_words(tmp_path, value):
    with pytest.raises(FAULTS):
        load_yaml(value)
    path = tmp_path / "c.yaml"
    path.write_text(value if "\n" in value else f"seed: {value}", encoding="utf-8")
    with pytest.raises(TopnerError, match=r"c\.yaml.*YAML"):
        load_config(path)
    path.write_text("run: r\ndata: {path: d}\n", encoding="utf-8")
    with pytest.raises(TopnerError, match="no override"):
        load_config(path, [f"seed={value}"])


def test_an_override_of_a_part_of_a_number(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("run: r\ndata: {path: d}\nseed: 1\n", encoding="utf-8")
    for override in ("seed.x=1", "seed.x.y=1"):
        with pytest.raises(TopnerError, match="no override"):
            load_config(path, [override])
