"""The tagger: raw text in, mentions with raw offsets out, for texts of any length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from topner.backends.load import open_model
from topner.backends.network import Backend, Network, Precision
from topner.dataset.reader import TokenReader
from topner.dataset.windows import Window
from topner.document import Document, Mention
from topner.encoder.locate import default_model_path
from topner.errors import TopnerError
from topner.inference.batches import BUDGET, Workload, score_windows
from topner.inference.decode import decode
from topner.inference.stream import TextStream
from topner.labels import LabelSchema
from topner.model.chain import Chain, Lattice, lattice
from topner.model.confidence import KEY, ScoreMap, apply, check_thresholds, maps_from_json
from topner.model.folder import SETTINGS_FILE, check_settings
from topner.text.clean import CleanConfig, clean
from topner.text.pieces import PIECE, clean_pieces

_ROUND = 65536  # tokens that are scored before they are decoded


@dataclass
class Tagger:
    """Tags documents with a trained model.

    Attributes:
        network: gives the tag scores; its ``backend`` and ``precision`` say how.
        tokenizer: reads clean text into tokens.
        schema: the labels the model knows.
        chain: scores of the moves between tags.
        crf: whether the chain was learned; else tag scores are normalised by token.
        cleaning: how raw text is cleaned before it is tagged.
        window: most tokens of a window, special tokens included.
        overlap: tokens that neighbouring windows share.
        budget: most tokens in one pass of the network, padding included.
        piece: a text of more than twice as many code points is worked on piece by piece, with the same answer.
        workload: what the network computed so far.
        maps: by label, from the model's score to the probability that the mention is right.
        thresholds: by label, the least score a mention must have.
    """

    network: Network
    tokenizer: TokenReader
    schema: LabelSchema
    chain: Chain
    crf: bool
    cleaning: CleanConfig
    window: int = 256
    overlap: int = 64
    budget: int = BUDGET
    piece: int = PIECE
    workload: Workload = field(default_factory=Workload)
    maps: Mapping[str, ScoreMap] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_pretrained(
        cls,
        path: str | Path | None = None,
        *,
        device: str | None = None,
        backend: Backend | None = None,
        precision: Precision | None = None,
        thresholds: Mapping[str, float] | None = None,
    ) -> Tagger:
        """Load a trained model folder; nothing is fetched from anywhere.

        Args:
            path: the folder, also one written by ``topner export``; ``None`` takes the default tagger (see
                :func:`topner.default_model_path`).
            device: for torch: ``cpu``, ``cuda``, ...; ``None`` takes the GPU when there is one.
            backend: ``torch``, ``onnx`` or ``openvino``; ``None``: what an exported folder is for, else what was found
                fastest on this machine (``topner export --measure``), else torch.
            precision: ``fp32``, ``bf16`` or ``int8``; ``None`` takes bfloat16 where it is fast.
            thresholds: the least score (0..1) by label, such as ``{"ORG": 0.6}``; mentions below it are dropped.

        Raises:
            TopnerError: there is no such model or backend, it is broken, or a threshold is out of range or for no label.
        """
        folder = default_model_path() if path is None else Path(path)
        model = open_model(folder, device, backend, precision)
        try:
            cleaning = CleanConfig.model_validate(model.settings.get("text", {}))
            window, overlap = check_settings(model.settings, folder)
            maps = maps_from_json(model.settings.get(KEY))
        except ValidationError as error:
            raise TopnerError(f"the settings do not fit this version: {error}", path=folder / SETTINGS_FILE) from None
        except (TypeError, ValueError, AttributeError) as error:
            raise TopnerError(f"the settings cannot be read: {error}", path=folder / SETTINGS_FILE) from None
        reader = TokenReader.load(folder)
        least = check_thresholds(thresholds or {}, model.schema.names)
        return cls(
            *(model.network, reader, model.schema, model.chain, model.crf, cleaning, window, overlap),
            maps=maps,
            thresholds=least,
        )

    @property
    def padding_share(self) -> float:
        """Padding by all that the network computed so far (0..1)."""
        return self.workload.padding_share

    def __call__(self, text: str | Document) -> Document:
        """Tag one text; see :meth:`pipe`."""
        return next(self.pipe([text]))

    def pipe(self, texts: Iterable[str | Document], batch_size: int = 32) -> Iterator[Document]:
        """Tag texts lazily, in order.

        Args:
            texts: raw texts of any length, or documents whose mentions are replaced; a text becomes a document with its
                number as id.
            batch_size: how many texts are read ahead and worked on together.

        Yields:
            Documents with predicted mentions: half-open code points of the raw text, flat, sorted, each with the
            probability (0..1) that exactly this span with this label is right: the model's own, or what calibration on
            other documents made of it (``scripts/calibrate.py``).
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

        Calibrated as in :meth:`pipe`; thresholds drop nothing here.
        A mention with a label the model does not know, or that runs over a line end, has 0, as has one without a token.
        """
        aligned = clean(document.text, self.cleaning)
        offsets = self.tokenizer.read(aligned.text).offsets
        stream = self._stream(document.text)
        while not stream.exhausted:
            self._score([stream])
        lines, mentions = stream.lines(), []
        lattices: dict[tuple[int, int], Lattice] = {}
        for m in document.mentions:
            start, end = aligned.clean_span(m.start, m.end) or (0, 0)
            first, last = np.searchsorted(offsets[:, 1], start, side="right"), np.searchsorted(offsets[:, 0], end)
            line = next(((a, b) for a, b in lines if a <= first < last <= b), None)
            probability = 0.0
            if line is not None and m.label in self.schema.names:
                if line not in lattices:
                    scores = stream.scores[None, slice(*line)].astype(np.float64)
                    lattices[line] = lattice(scores, np.asarray([line[1] - line[0]]), self.chain)
                place = (int(first) - line[0], int(last) - line[0], self.schema.begin(m.label))
                probability = lattices[line].span_probability(0, *place)
            mentions.append(replace(m, score=probability))
        return document.with_mentions(apply(mentions, self.maps))

    def _tag(self, documents: Sequence[Document]) -> Iterator[Document]:
        streams = [self._stream(document.text) for document in documents]
        mentions: list[list[Mention]] = [[] for _ in documents]
        answered = 0
        while answered < len(documents):
            active = self._score(streams[answered:])
            rows = [stream.rows() for stream in active]
            decoded = iter(decode([row for part in rows for row in part], self.chain))
            for stream, part in zip(active, rows, strict=True):
                mentions[streams.index(stream)] += stream.finish([next(decoded) for _ in part], self.schema.names)
            while answered < len(documents) and streams[answered].finished:
                yield documents[answered].with_mentions(apply(mentions[answered], self.maps, self.thresholds))
                mentions[answered] = []
                answered += 1

    def _stream(self, raw: str) -> TextStream:
        room = self.window - len(self.tokenizer.before) - len(self.tokenizer.after)
        pieces = clean_pieces(raw, self.cleaning, self.piece) if self.tokenizer.line_by_line else iter([])
        if not self.tokenizer.line_by_line:
            pieces = iter([clean(raw, self.cleaning)])
        tags = len(self.schema.tags)
        return TextStream(raw, pieces, self.tokenizer, room, min(self.overlap, room - 1), tags)

    def first_window(self, raw: str) -> NDArray[np.int64]:
        """The token ids of a text's first window as the network sees it, special tokens included; none of an empty text."""
        stream = self._stream(raw)
        windows = stream.take(1)
        return self._framed(stream, windows[0]) if windows else np.zeros(0, dtype=np.int64)

    def _framed(self, stream: TextStream, window: Window) -> NDArray[np.int64]:
        framed = np.concatenate([self.tokenizer.before, stream.ids(window), self.tokenizer.after])
        return framed.astype(np.int64)

    def _score(self, streams: Sequence[TextStream]) -> list[TextStream]:
        """Score the next windows of the streams, a round of them; the streams that had any, or had nothing left."""
        room, active, taken = _ROUND, [], []
        for stream in streams:
            windows = stream.take(room)
            taken += [(stream, window) for window in windows]
            room -= sum(window.end - window.start for window in windows)
            active.append(stream)
            if room <= 0:
                break
        before, after = self.tokenizer.before, self.tokenizer.after
        ids = [self._framed(stream, window) for stream, window in taken]
        found = score_windows(ids, self.network, self.tokenizer.padding, self.budget, self.workload)
        for (stream, window), scores in zip(taken, found, strict=True):
            own = scores[len(before) : len(scores) - len(after)]
            stream.put(window, own if self.crf else _log_softmax(own))
        return active


def _log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-probabilities of the tags of each token."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    logs: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logs


def settings_of(cleaning: CleanConfig, window: int, overlap: int) -> dict[str, Any]:
    """What a model folder must keep so that :meth:`Tagger.from_pretrained` tags as it was trained."""
    return {"text": cleaning.model_dump(mode="json"), "window": {"size": window, "overlap": overlap}}
