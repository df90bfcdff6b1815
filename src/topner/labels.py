"""Label schema: which labels exist and which wins where two compete. The only place that knows the default names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from topner.errors import TopnerError

DEFAULT_LABELS = ("TARGET", "PROJECT", "ORG")
TARGET, PROJECT, ORG = DEFAULT_LABELS
OUTSIDE = "O"
_NAME = re.compile(r"[^\W\d][\w.\-]*")


@dataclass(frozen=True)
class LabelSchema:
    """The label set, in order of precedence: an earlier label wins where two spans overlap.

    The order also fixes tag ids: ``O`` is 0, then ``B-x``, ``I-x`` for each label (IOB2, Tjong Kim Sang and Veenstra 1999).

    Attributes:
        names: label names, the strongest first.

    Raises:
        TopnerError: no name, a repeated one, or one that markup could not carry.
    """

    names: tuple[str, ...] = DEFAULT_LABELS

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))
        if not self.names:
            raise TopnerError("the label set is empty", hint="name at least one label")
        if len(set(self.names)) != len(self.names):
            raise TopnerError(f"a label is named twice in {list(self.names)}")
        for name in self.names:
            if not _NAME.fullmatch(name) or name == OUTSIDE:
                raise TopnerError(
                    f"{name!r} cannot be a label",
                    hint="a label begins with a letter and holds letters, digits, _, - and . only",
                )

    @property
    def tags(self) -> tuple[str, ...]:
        """IOB2 tags by id: ``O``, ``B-first``, ``I-first``, ``B-second``, ..."""
        return (OUTSIDE, *(f"{prefix}-{name}" for name in self.names for prefix in "BI"))

    @property
    def id2label(self) -> dict[int, str]:
        """Tag by id, as a ``transformers`` configuration wants it."""
        return dict(enumerate(self.tags))

    @property
    def label2id(self) -> dict[str, int]:
        """Id by tag."""
        return {tag: i for i, tag in enumerate(self.tags)}

    def begin(self, label: str) -> int:
        """Id of ``B-label``."""
        return 1 + 2 * self.names.index(label)

    def inside(self, label: str) -> int:
        """Id of ``I-label``."""
        return 2 + 2 * self.names.index(label)

    def precedence(self, label: str) -> int:
        """Rank of a label, 0 the strongest; unknown labels rank last."""
        return self.names.index(label) if label in self.names else len(self.names)

    @classmethod
    def from_tags(cls, tags: Iterable[str]) -> LabelSchema:
        """The schema whose tag ids are the given tags in order, as stored in a model configuration.

        Raises:
            TopnerError: the tags are not ``O, B-a, I-a, B-b, I-b, ...``.
        """
        tags = tuple(tags)
        schema = cls(tuple(tag[2:] for tag in tags if tag.startswith("B-")))
        if schema.tags != tags:
            raise TopnerError(f"the tags {list(tags)} are not an IOB2 set in the order O, B-x, I-x, ...")
        return schema

    @classmethod
    def parse(cls, names: str | None) -> LabelSchema:
        """The schema of names separated by commas, as given on a command line; the default one for ``None``."""
        return cls.of(None if names is None else [name.strip() for name in names.split(",")])

    @classmethod
    def of(cls, names: Sequence[str] | None) -> LabelSchema:
        """The schema of the given names, the default one for ``None``."""
        return cls() if names is None else cls(tuple(names))
