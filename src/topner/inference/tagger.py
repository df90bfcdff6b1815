"""The tagger: raw text in, mentions with raw offsets out, for texts of any length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from topner.dataset.tags import Span, decode_tags
from topner.dataset.tokens import require_fast, special_frame, tokenize
from topner.dataset.windows import cut_costs
from topner.document import Document, Mention
from topner.encoder.locate import default_model_path
from topner.errors import TopnerError
from topner.inference.prepare import Prepared, batches, emissions
from topner.labels import LabelSchema
from topner.model.chain import Lattice, lattice, viterbi
from topner.model.device import bf16_pays, pick_device
from topner.model.tagger_model import SETTINGS_FILE, TaggerModel, load_model
from topner.text.clean import CleanConfig, clean

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_DECODE_BUDGET = 65536


@dataclass
class Tagger:
    """Tags documents with a trained model.

    Attributes:
        model: the network, in evaluation mode.
        tokenizer: its fast tokenizer.
        cleaning: how raw text is cleaned before it is tagged.
        window: most tokens of a window, special tokens included.
        overlap: tokens that neighbouring windows share.
        budget: most tokens in one forward pass, padding included.
        bf16: compute in bfloat16.
    """

    model: TaggerModel
    tokenizer: PreTrainedTokenizerBase
    cleaning: CleanConfig
    window: int = 256
    overlap: int = 64
    budget: int = 4096
    bf16: bool = False

    def __post_init__(self) -> None:
        require_fast(self.tokenizer)
        self._frame = special_frame(self.tokenizer)
        self._chain = self.model.chain()

    @classmethod
    def from_pretrained(cls, path: str | Path | None = None, *, device: str | None = None) -> Tagger:
        """Load a trained model folder; nothing is fetched from anywhere.

        Args:
            path: the folder; ``None`` takes the default tagger (see :func:`topner.default_model_path`).
            device: ``cpu``, ``cuda``, ...; ``None`` takes the GPU when there is one.

        Raises:
            TopnerError: there is no such model, or it is broken.
        """
        from transformers import AutoTokenizer

        folder = default_model_path() if path is None else Path(path)
        model, settings = load_model(folder)
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            cleaning = CleanConfig.model_validate(settings.get("text", {}))
            window = int(settings.get("window", {}).get("size", 256))
            overlap = int(settings.get("window", {}).get("overlap", window // 4))
        except ValidationError as error:
            raise TopnerError(f"the settings do not fit this version: {error}", path=folder / SETTINGS_FILE) from None
        except (OSError, ValueError, AttributeError) as error:
            raise TopnerError(f"tokenizer or settings cannot be loaded: {error}", path=folder) from None
        where = pick_device(device)
        return cls(model.to(where), tokenizer, cleaning, window, overlap, bf16=bf16_pays(where))

    @property
    def schema(self) -> LabelSchema:
        """The labels the model knows."""
        return self.model.schema

    def __call__(self, text: str | Document) -> Document:
        """Tag one text; see :meth:`pipe`."""
        return next(self.pipe([text]))

    def pipe(self, texts: Iterable[str | Document], batch_size: int = 32) -> Iterator[Document]:
        """Tag texts lazily, in order.

        Args:
            texts: raw texts, or documents whose mentions are replaced; a text becomes a document with its number as id.
            batch_size: how many texts are read ahead and worked on together.

        Yields:
            Documents with predicted mentions: half-open code points of the raw text, flat, sorted, each with the
            probability (0..1) the model gives to exactly this span with this label.
        """
        if batch_size < 1:
            raise ValueError("batch_size must be positive")
        numbered = (
            text if isinstance(text, Document) else Document(str(number), text) for number, text in enumerate(texts)
        )
        while group := list(islice(numbered, batch_size)):
            yield from self._tag(group)

    def score(self, document: Document) -> Document:
        """The document with its own mentions, each with the probability (0..1) the model gives to exactly this span and label.

        A mention with a label the model does not know, or that runs over a line end, has 0, as has one without a token.
        """
        ready = self._prepare(document.text)
        (scores,) = self._emissions([ready])
        offsets, lines, mentions = ready.tokens.offsets, ready.segments(), []
        lattices: dict[tuple[int, int], Lattice] = {}
        for m in document.mentions:
            start, end = ready.aligned.clean_span(m.start, m.end) or (0, 0)
            first, last = np.searchsorted(offsets[:, 1], start, side="right"), np.searchsorted(offsets[:, 0], end)
            line = next(((a, b) for a, b in lines if a <= first < last <= b), None)
            probability = 0.0
            if line is not None and m.label in self.schema.names:
                if line not in lattices:
                    lattices[line] = lattice(scores[None, slice(*line)], np.asarray([line[1] - line[0]]), self._chain)
                place = (int(first) - line[0], int(last) - line[0], self.schema.begin(m.label))
                probability = lattices[line].span_probability(0, *place)
            mentions.append(replace(m, score=probability))
        return document.with_mentions(mentions)

    def _emissions(self, prepared: Sequence[Prepared]) -> list[NDArray[np.float64]]:
        padding = int(getattr(self.tokenizer, "pad_token_id", None) or 0)
        return emissions(prepared, self.model, self._frame, padding, self.budget, self.bf16)

    def _tag(self, documents: Sequence[Document]) -> Iterator[Document]:
        prepared = [self._prepare(document.text) for document in documents]
        scores = self._emissions(prepared)
        spans = self._decode(prepared, scores)
        for document, ready, found in zip(documents, prepared, spans, strict=True):
            yield document.with_mentions(_raw_mentions(document.text, ready, found))

    def _prepare(self, raw: str) -> Prepared:
        aligned = clean(raw, self.cleaning)
        tokens = tokenize(aligned.text, self.tokenizer)
        room = self.window - len(self._frame[0]) - len(self._frame[1])
        return Prepared.of(aligned, tokens, cut_costs(aligned.text, tokens.offsets), room, min(self.overlap, room - 1))

    def _decode(
        self, prepared: Sequence[Prepared], scores: Sequence[NDArray[np.float64]]
    ) -> list[list[tuple[Span, float]]]:
        """Best legal tags of each line of each document, as token spans of the document with their probabilities."""
        found: list[list[tuple[Span, float]]] = [[] for _ in prepared]
        segments = [(d, a, b) for d, document in enumerate(prepared) for a, b in document.segments()]
        for group in batches([b - a for _, a, b in segments], _DECODE_BUDGET):
            chosen = [segments[i] for i in group]
            lengths = np.asarray([b - a for _, a, b in chosen], dtype=np.int64)
            padded = np.zeros((len(chosen), int(lengths.max()), len(self.schema.tags)))
            for row, (d, a, b) in enumerate(chosen):
                padded[row, : b - a] = scores[d][a:b]
            paths = viterbi(padded, lengths, self._chain)
            probabilities = lattice(padded, lengths, self._chain)
            for row, ((d, a, _), path) in enumerate(zip(chosen, paths, strict=True)):
                for start, end, label in decode_tags(path, self.schema):
                    score = probabilities.span_probability(row, start, end, self.schema.begin(label))
                    found[d].append(((a + start, a + end, label), score))
        return [sorted(spans) for spans in found]


def _raw_mentions(raw: str, ready: Prepared, spans: Iterable[tuple[Span, float]]) -> list[Mention]:
    """Token spans as mentions of the raw text, white space at their ends taken off, never overlapping."""
    mentions: list[Mention] = []
    offsets, previous = ready.tokens.offsets, 0
    for (first, last, label), score in spans:
        start, end = ready.aligned.raw_span(int(offsets[first, 0]), int(offsets[last - 1, 1]))
        start = max(start, previous)  # two clean spans may share one replaced raw stretch: the first has it
        text = raw[start:end]
        start, end = start + len(text) - len(text.lstrip()), end - (len(text) - len(text.rstrip()))
        if start < end:
            mentions.append(Mention(start, end, label, raw[start:end], score))
            previous = end
    return mentions


def settings_of(cleaning: CleanConfig, window: int, overlap: int) -> dict[str, Any]:
    """What a model folder must keep so that :meth:`Tagger.from_pretrained` tags as it was trained."""
    return {"text": cleaning.model_dump(mode="json"), "window": {"size": window, "overlap": overlap}}
