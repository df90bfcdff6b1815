"""The script that attacks: it must tell an attack that succeeds from one that does not."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def attack():
    spec = importlib.util.spec_from_file_location("attack", Path(__file__).parents[1] / "scripts" / "attack.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_attack_that_succeeds_is_told(attack, tmp_path, monkeypatch):
    def fails(folder):
        assert not list(folder.iterdir()), "省：写到别处了"

    assert attack.guarded(fails, tmp_path) == ""
    (tmp_path / "x").touch()
    assert "写到别处了" in attack.guarded(fails, tmp_path)
    assert "MemoryError" in attack.guarded(lambda folder: bytes(3 * 2**30), tmp_path)
    monkeypatch.setattr(attack, "SECONDS", 0.2)
    assert "took longer" in attack.guarded(lambda folder: [None for _ in iter(int, 1)], tmp_path)


@pytest.mark.parametrize("number", range(5))
def test_each_kind_has_attacks_that_fail(attack, number, tmp_path):
    attacks = list(list(attack.KINDS.values())[number]())
    assert len({what for what, _ in attacks}) == len(attacks) > 15
    for position in (0, len(attacks) // 2, len(attacks) - 1):
        what, one = attacks[position]
        folder = tmp_path / str(position)
        folder.mkdir()
        assert attack.guarded(one, folder) == "", what
