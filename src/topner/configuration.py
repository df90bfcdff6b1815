"""Configuration files: YAML, overridden by ``key=value`` on the command line, checked before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from topner.errors import TopnerError
from topner.files import read_text
from topner.safe_yaml import FAULTS, load_yaml


class Section(BaseModel):
    """A part of a configuration; unknown keys are errors, so that a typing mistake is never silent."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_Config = TypeVar("_Config", bound=Section)


def read_config(path: Path, overrides: Sequence[str], kind: type[_Config], example: str) -> _Config:
    """Read a configuration file, apply ``key.sub=value`` overrides (values in YAML) and check it.

    Args:
        path: the YAML file.
        overrides: in the order in which they apply.
        kind: what the file must hold.
        example: a shipped file of this kind, named in error messages.

    Raises:
        TopnerError: the file or an override is not readable, names an unknown key or holds a value out of range.
    """
    try:
        values = load_yaml(read_text(path))
    except FAULTS as error:
        raise TopnerError(f"is not YAML: {error}", path=path) from None
    if not isinstance(values, dict):
        raise TopnerError("expected keys and values", path=path)
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals or not key:
            raise TopnerError(f"{override!r} is no override", hint="write key=value, for example seed=14")
        try:
            _set(values, key.split("."), load_yaml(text))
        except FAULTS:
            raise TopnerError(f"{override!r} is no override of this configuration", path=path) from None
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise TopnerError("; ".join(problems), path=path, hint=f"see the comments in {example}") from None


def dump_config(config: Section) -> str:
    """The configuration as YAML, every default written out."""
    return yaml.safe_dump(config.model_dump(mode="json"), allow_unicode=True, sort_keys=False)


def _set(values: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        values = values.setdefault(key, {})
    if not isinstance(values, dict):
        raise TypeError
    values[keys[-1]] = value
