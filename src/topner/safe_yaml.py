"""YAML from anybody: plain values only, and never more of them than the text could hold written out."""

from __future__ import annotations

from typing import Any

import yaml

FAULTS = (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What PyYAML raises at bad input: beside its own error others escape from its constructors (a date 2026-13-45, ``!!bool x``)."""
_MOST = 100_000
_DEEPEST = 50


class _Loader(yaml.SafeLoader):
    """Plain values, nested no deeper than anybody writes: PyYAML is slow to find the end of the stack by itself."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise yaml.YAMLError(f"it is nested more than {_DEEPEST} deep")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def load_yaml(text: str) -> Any:
    """The plain value (mappings, lists, strings, numbers, dates) of a YAML text, ``None`` for an empty one.

    Args:
        text: YAML, from any source.

    Raises:
        One of :data:`FAULTS`: it is not YAML, names a type of its own, is nested more than 50 deep, or its aliases stand for
            more than 100,000 values or for themselves ("billion laughs").
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > _MOST:
            raise yaml.YAMLError(f"its aliases stand for more than {_MOST} values")
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many nodes there are with every alias written out."""
    if id(node) in known:
        if known[id(node)] == 0:
            raise yaml.YAMLError("an alias stands inside of what it names")
        return known[id(node)]
    known[id(node)] = 0
    total = 1
    if isinstance(node, yaml.SequenceNode):
        total += sum(_size(item, known) for item in node.value)
    elif isinstance(node, yaml.MappingNode):
        total += sum(_size(key, known) + _size(value, known) for key, value in node.value)
    known[id(node)] = total
    return total
