"""The benchmark of tagging, from a model and texts to table and picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from topner.benchmark.contenders import CONTENDERS, REFERENCE, TaggingSetup
from topner.benchmark.machine import forward_flops, package_versions
from topner.benchmark.measure import Contender
from topner.benchmark.report import draw, markdown
from topner.benchmark.results import Results
from topner.benchmark.run import run_rounds
from topner.benchmark.texts import fill, invented, read_gold, read_texts, stretches
from topner.document import Document, documents_hash
from topner.encoder.locate import find_encoder
from topner.errors import TopnerError
from topner.files import sha256, write_text
from topner.labels import LabelSchema
from topner.model.device import pick_device
from topner.model.folder import WEIGHTS

FRESH_HEAD_BIAS = 4.0
"""Added to the score of "no mention", so that a random head finds about as few mentions as a trained one."""


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        characters: code points tagged in a round.
        rounds: of each contender.
        calls: texts a round tagged one a call.
        call_length: their code points.
    """

    characters: int = 20_000
    rounds: int = 5
    calls: int = 10
    call_length: int = 500


def benchmark_tagging(
    model: Path,
    output: Path,
    *,
    data: Sequence[Path] = (),
    gold: Path | None = None,
    size: Size | None = None,
    only: Sequence[str] = (),
    device: str | None = None,
    threads: int | None = None,
    anew: bool = False,
    say: Callable[[str], None] = print,
) -> Results:
    """Measure topner's backends and its peers on the same texts in turns; writes ``benchmark.json``, ``.md`` and ``.png``.

    What a contender has been measured already, in the same folder under the same settings, is kept.

    Args:
        model: model folder; contenders with weights of their own do not look at it.
        output: folder of the results.
        data: text files or annotated documents; invented text without.
        gold: annotated documents for a column of strict F1.
        size: how much to measure.
        only: parts of names: contenders with none of them are left out, the reference excepted.
        device: ``cpu``, ``cuda`` ...; ``None`` takes the GPU where there is one.
        threads: cores for each contender; ``None`` takes what torch takes.
        anew: forget earlier results in the folder.
        say: takes lines for the user.

    Raises:
        TopnerError: model, data or gold cannot be read, or the folder holds another benchmark.
    """
    import torch

    from topner.inference.tagger import Tagger

    size = size or Size()
    where = str(pick_device(device))
    if not (model / WEIGHTS).is_file():
        hint = "name a trained model folder; its backends are measured one by one"
        raise TopnerError(f"holds no {WEIGHTS}", path=model, hint=hint)
    schema = Tagger.from_pretrained(model, device="cpu").schema
    documents = read_texts(data, schema) if data else invented()
    texts = fill(documents, size.characters)
    calls = stretches(texts, size.call_length, size.calls)
    judged = read_gold(gold, schema) if gold is not None else []
    shown = list(documents) if data else [document.text for document in judged] or texts
    exports = (output / "exports").resolve()
    setup = TaggingSetup(model.resolve(), where, threads or torch.get_num_threads(), texts, calls, exports, shown)
    chosen = choose(CONTENDERS, only, REFERENCE)
    settings = {
        "weights": sha256(model / WEIGHTS),
        "text": documents_hash([Document(str(i), text) for i, text in enumerate(texts)]),
        "characters": size.characters,
        "calls": size.calls,
        "call_length": size.call_length,
        "device": where,
        "threads": setup.threads,
        "fresh_head": (model / "fresh-head").is_file(),
        "gold": documents_hash(judged) if judged else None,
        "versions": package_versions(),
    }
    fresh = Results("tagging", settings, REFERENCE, "characters")
    results = fresh if anew else Results.resumed(fresh, output)
    results.same_weights = frozenset(contender.name for contender in chosen if contender.same_weights)
    results.flops = forward_flops(model, texts) / sum(map(len, texts))
    run_rounds(chosen, setup, results, output, size.rounds, say, judged, schema)
    finish(results, [contender.name for contender in chosen], output, say)
    return results


def choose(contenders: Sequence[Contender], only: Sequence[str], reference: str) -> list[Contender]:
    """The contenders whose names hold one of the parts, and the reference; all without parts.

    Raises:
        TopnerError: a part fits none.
    """
    for part in only:
        if not any(part in contender.name for contender in contenders):
            names = "; ".join(contender.name for contender in contenders)
            raise TopnerError(f"no contender has {part!r} in its name", hint=f"there are: {names}")
    parts = [*only, reference] if only else [""]
    return [contender for contender in contenders if any(part in contender.name for part in parts)]


def finish(results: Results, order: Sequence[str], output: Path, say: Callable[[str], None]) -> None:
    """Write table and picture and show them."""
    text = markdown(results, order)
    write_text(output / "benchmark.md", text)
    say(text)
    try:
        draw(results, order, output / "benchmark.png")
    except TopnerError as error:
        say(f"no picture: {error}")
    say(f"{output}: benchmark.json, benchmark.md, benchmark.png")


def fresh_head(encoder: str, folder: Path) -> Path:
    """A tagger that was never trained, in ``folder``: an encoder with random weights above it, for measuring speed alone.

    Args:
        encoder: ``embedded``, a folder or a hub id.
        folder: replaced as a whole.

    Raises:
        TopnerError: the encoder cannot be loaded.
    """
    import torch
    from transformers import AutoTokenizer

    from topner.inference.tagger import settings_of
    from topner.model.tagger_model import new_model, save_model
    from topner.text.clean import CleanConfig

    torch.manual_seed(13)
    place = find_encoder(encoder)
    model = new_model(place, LabelSchema(), "softmax", "sdpa")
    classifier = model.network.get_submodule("classifier")
    with torch.no_grad():
        classifier.get_parameter("bias")[0] = FRESH_HEAD_BIAS
    tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    limit = min(256, int(model.config.max_position_embeddings))
    save_model(model, tokenizer, folder, settings_of(CleanConfig(), limit, limit // 4))
    write_text(folder / "fresh-head", "The head of this tagger was never trained.\n")
    return folder
