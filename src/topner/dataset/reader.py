"""A tokenizer made ready for tagging: loaded without ``transformers`` where that can be, and by table where that is the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from topner.dataset.tags import trim_offsets
from topner.dataset.tokens import Tokens, require_fast, split_frame
from topner.errors import TopnerError
from topner.text.points import code_points, white_space

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Classes that are their tokenizer.json and nothing else; others may put in more when transformers loads them.
_PLAIN = frozenset({"TokenizersBackend", "PreTrainedTokenizerFast"})
_ONE_EACH = {"type": "Split", "pattern": {"Regex": r"[\s\S]"}, "behavior": "Isolated", "invert": False}
_CODE_POINTS = 0x110000


@dataclass(frozen=True, eq=False)
class TokenReader:
    """Reads texts into tokens, without special ones.

    Attributes:
        backend: the tokenizer, without truncation and padding.
        before, after: ids of the special tokens around one sequence.
        padding: id of the padding token.
        table: token id by code point where every code point is one token, whatever stands beside it; else ``None``.
        reserved: strings that are tokens of their own wherever they stand.
    """

    backend: Tokenizer
    before: list[int]
    after: list[int]
    padding: int
    table: NDArray[np.int32] | None
    reserved: tuple[str, ...]

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase) -> TokenReader:
        """From a tokenizer of ``transformers``, which is left as it is.

        Raises:
            TopnerError: it is not a fast one.
        """
        require_fast(tokenizer)
        return cls._of(Tokenizer.from_str(tokenizer.backend_tokenizer.to_str()), tokenizer.pad_token_id)

    @classmethod
    def load(cls, folder: Path) -> TokenReader:
        """From a model folder.

        Raises:
            TopnerError: it holds no fast tokenizer, or a broken one.
        """
        settings, file = folder / "tokenizer_config.json", folder / "tokenizer.json"
        try:
            named = json.loads(settings.read_text("utf-8")) if settings.is_file() else {}
            if file.is_file() and isinstance(named, dict) and named.get("tokenizer_class") in _PLAIN:
                backend = Tokenizer.from_file(str(file))
                padding = named.get("pad_token")
                return cls._of(backend, backend.token_to_id(padding) if isinstance(padding, str) else None)
            from transformers import AutoTokenizer

            return cls.of(AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False))
        except TopnerError:
            raise
        except Exception as error:  # tokenizers raises plain Exception
            raise TopnerError(f"the tokenizer cannot be loaded: {error}", path=folder) from None

    @classmethod
    def _of(cls, backend: Tokenizer, padding: int | None) -> TokenReader:
        backend.no_truncation()
        backend.no_padding()
        frame = split_frame(backend.encode("国", add_special_tokens=False).ids, backend.encode("国").ids)
        reserved = tuple(token.content for token in backend.get_added_tokens_decoder().values())
        return cls(backend, *frame, padding or 0, character_table(json.loads(backend.to_str())), reserved)

    @property
    def line_by_line(self) -> bool:
        """Whether no token depends on what stands beyond a line end or a full stop."""
        if any(character.isspace() or character == "。" for token in self.reserved for character in token):
            return False
        return self.table is not None or isinstance(self.backend.pre_tokenizer, BertPreTokenizer)

    def looks_around(self, text: str) -> bool:
        """Whether a token of the text may be more than one character by itself."""
        return self.table is None or any(token in text for token in self.reserved)

    def read(self, text: str) -> Tokens:
        """Tokens of a text with offsets in code points, the same by table as by tokenizer."""
        if self.table is not None and not self.looks_around(text):
            starts = np.arange(len(text), dtype=np.int64)
            return Tokens(self.table[code_points(text)].astype(np.int64), np.stack([starts, starts + 1], axis=1))
        encoded = self.backend.encode(text, add_special_tokens=False)
        offsets = np.asarray(encoded.offsets, dtype=np.int64).reshape(-1, 2)
        if len(text):
            space, last = white_space(text), len(text) - 1
            wide = space[np.minimum(offsets[:, 0], last)] | space[np.clip(offsets[:, 1] - 1, 0, last)]
            offsets[wide] = trim_offsets(text, offsets[wide])
        return Tokens(np.asarray(encoded.ids, dtype=np.int64), offsets)


def character_table(tokenizer: dict[str, Any]) -> NDArray[np.int32] | None:
    """Token ids by code point, shape ``(0x110000,)``, of a ``tokenizer.json`` that looks at each code point alone.

    That is: nothing is normalised, each code point is split off by itself, and the pieces are looked up whole. For any other
    tokenizer ``None``. Reserved tokens (``[PAD]``), which are found before all that, are the caller's to look for.
    """
    model = tokenizer["model"]
    unknown = model.get("vocab", {}).get(model.get("unk_token")) if model["type"] == "WordLevel" else None
    if unknown is None or tokenizer["normalizer"] is not None or tokenizer["pre_tokenizer"] != _ONE_EACH:
        return None
    table = np.full(_CODE_POINTS, unknown, dtype=np.int32)
    for token, number in model["vocab"].items():
        if len(token) == 1:
            table[ord(token)] = number
    return table
