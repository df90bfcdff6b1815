import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForMaskedLM, AutoModelForTokenClassification, AutoTokenizer, TrainerCallback

import topner.pretraining.pretrain as pretraining
import topner.training.trainer as trainers
from topner.configuration import dump_config
from topner.errors import TopnerError
from topner.model.dropout import use_byte_dropout
from topner.pretraining.config import PretrainConfig, load_pretrain_config
from topner.pretraining.evaluate import KINDS, token_kinds
from topner.pretraining.model import flops_per_token, masked_model
from topner.pretraining.pretrain import pretrain
from topner.training.lanes import lanes

ROOT = Path(__file__).parents[2]
SENTENCES = [
    "今年，全市力争地区生产总值增长5.5%以上，工业投资突破300亿元。",
    "支持东江材料实验室建设，推进赣深铁路二期、“百园提升行动”。",
    "市科技局局长陈𠮷表示，争取引进2个科研团队和20名领军人才😀，办好“科创杯”大赛。",
]


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in one order, so that equal runs are equal to the bit
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def values(tmp_path, encoder):
    text = tmp_path / "text.txt"
    text.write_text("\n".join(SENTENCES * 120), encoding="utf-8")
    return {
        "run": str(tmp_path / "run"),
        "seed": 3,
        "text": {"sources": [{"path": str(text)}], "held_out": 0.1, "document": 9},
        "masking": {"rate": 0.2},
        "model": {"encoder": str(encoder), "dropout": 0.1},
        "training": {
            "tokens": 32 * 8 * 30,
            "length": 32,
            "batch_size": 8,
            "learning_rate": 1e-2,
            "log_steps": 5,
            "checkpoint_minutes": 0,
            "bf16": False,
        },
    }


def records(run) -> list[dict]:
    return [json.loads(line) for line in (Path(run) / "log.jsonl").open(encoding="utf-8")]


def curve(run) -> list[tuple]:
    return [(r["step"], r["loss"], r["learning_rate"]) for r in records(run) if "loss" in r]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def test_it_learns_to_fill_in_and_the_model_loads_everywhere(values, capsys):
    scores = pretrain(PretrainConfig.model_validate(values))
    run = Path(values["run"])
    losses = [loss for _, loss, _ in curve(run)]
    assert len(losses) == 6
    assert losses[-1] < losses[0] - 0.5
    measured = [record["held_out_loss"] for record in records(run) if "held_out_loss" in record]
    assert measured[-1] < measured[0]
    assert scores["held_out_perplexity"] == pytest.approx(math.exp(scores["held_out_loss"]))
    assert {"accuracy", "accuracy_han", "accuracy_digit", "accuracy_punctuation"} <= scores.keys()
    assert {"tokens", "tokens_per_second", "utilisation"} <= records(run)[0].keys()
    tagger = AutoModelForTokenClassification.from_pretrained(run / "model")
    filler = AutoModelForMaskedLM.from_pretrained(run / "model", dtype=torch.float32)
    assert torch.equal(filler.cls.predictions.decoder.weight, filler.bert.embeddings.word_embeddings.weight)
    assert tagger.config.hidden_dropout_prob == 0.1
    assert AutoTokenizer.from_pretrained(run / "model").tokenize("市“5") == ["市", "“", "5"]
    assert "masked" in (run / "model" / "README.md").read_text(encoding="utf-8").lower()
    assert "held out: held_out_loss" in capsys.readouterr().out


class Kill(TrainerCallback):
    """Ends the process's training in the middle, after the step and before its checkpoint."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_begin(self, args, state, control, **kwargs) -> None:
        if state.global_step == self.step:
            raise KeyboardInterrupt


def pretrain_killed(config, step, monkeypatch) -> None:
    """Pretrain up to a step and die before the next."""
    make = pretraining._trainer

    def killed(*arguments):
        trainer = make(*arguments)
        trainer.add_callback(Kill(step))
        return trainer

    with monkeypatch.context() as patch:
        patch.setattr(pretraining, "_trainer", killed)
        with pytest.raises(KeyboardInterrupt):
            pretrain(config)


def test_a_killed_run_goes_on_to_the_same_curve_and_weights(values, tmp_path, monkeypatch):
    pretrain(PretrainConfig.model_validate(values))
    cut = PretrainConfig.model_validate({**values, "run": str(tmp_path / "cut")})
    pretrain_killed(cut, 17, monkeypatch)
    assert not (cut.run / "model").exists()
    pretrain(cut, resume=True)
    assert curve(cut.run) == curve(values["run"])
    whole, resumed = weights(Path(values["run"]) / "model"), weights(cut.run / "model")
    assert whole.keys() == resumed.keys()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_cores_side_by_side_learn_what_one_core_learns(values, tmp_path, monkeypatch):
    values["model"]["dropout"] = 0.0
    pretrain(PretrainConfig.model_validate(values))
    torch.set_num_threads(2)
    side_by_side, counts = trainers.step_side_by_side, []

    def counted(model, parts, *rest):
        counts.append(len(parts))
        return side_by_side(model, parts, *rest)

    monkeypatch.setattr(trainers, "step_side_by_side", counted)
    both = PretrainConfig.model_validate({**values, "run": str(tmp_path / "both")})
    pretrain(both)
    assert counts == [2] * 30
    one, two = curve(values["run"]), curve(both.run)
    assert [step for step, _, _ in one] == [step for step, _, _ in two]
    for (_, loss, _), (_, other, _) in zip(one, two, strict=True):
        assert loss == pytest.approx(other, abs=2e-3)


def test_dropout_inside_attention_keeps_the_cores_together(values):
    model = masked_model(PretrainConfig.model_validate(values).model, "eager")
    use_byte_dropout(model)
    torch.set_num_threads(2)
    assert lanes(model, torch.device("cpu"), 1, compiled=False) == 1


def test_a_copy_of_a_level_run_is_cooled_down(values, tmp_path, monkeypatch):
    values["training"] |= {"warmup": 0.1, "decay": 0.2, "log_steps": 1}
    config = PretrainConfig.model_validate(values)
    pretrain_killed(config, 9, monkeypatch)
    cooled = tmp_path / "cooled"
    shutil.copytree(config.run, cooled)
    changed = {**values["training"], "tokens": 32 * 8 * 15, "decay": 0.4}
    values["text"]["held_out"] = 0.2
    with pytest.raises(TopnerError, match="the data changed"):
        pretrain(PretrainConfig.model_validate({**values, "run": str(cooled), "training": changed}), resume=True)
    assert (cooled / "config.yaml").read_bytes() == (config.run / "config.yaml").read_bytes()
    values["text"]["held_out"] = 0.1
    shorter = PretrainConfig.model_validate({**values, "run": str(cooled), "training": changed})
    pretrain(shorter, resume=True)
    rates = {step: rate for step, _, rate in curve(cooled)}
    assert sorted(rates) == list(range(1, 16))
    assert rates[9] == pytest.approx(1e-2)
    assert rates[15] < rates[13] < rates[11] < 1e-2
    pretrain(config, resume=True)  # the run itself goes on as planned
    assert [step for step, _, _ in curve(config.run)] == list(range(1, 31))
    assert (cooled / "config.yaml").read_text(encoding="utf-8") == dump_config(shorter)


def test_layers_can_be_taken_and_weights_thrown_away(values, encoder):
    config = PretrainConfig.model_validate(values).model
    whole = masked_model(config, "eager").network
    upper = masked_model(config.model_copy(update={"layers": [1]}), "eager").network
    assert upper.config.num_hidden_layers == 1
    query = "attention.self.query.weight"
    assert torch.equal(
        upper.bert.encoder.layer[0].get_parameter(query), whole.bert.encoder.layer[1].get_parameter(query)
    )
    fresh = masked_model(config.model_copy(update={"from_scratch": True}), "eager").network
    assert not torch.equal(
        fresh.bert.encoder.layer[0].get_parameter(query), whole.bert.encoder.layer[0].get_parameter(query)
    )
    with pytest.raises(TopnerError, match="layers 0 to 1"):
        masked_model(config.model_copy(update={"layers": [2]}), "eager")


def test_operations_are_counted_as_a_profiler_counts_them(values):
    model = masked_model(PretrainConfig.model_validate(values).model, "eager").eval()
    batch = {
        "input_ids": torch.ones(2, 32, dtype=torch.long),
        "positions": torch.zeros(2, 6, dtype=torch.long),
        "targets": torch.ones(2, 6, dtype=torch.long),
    }
    with torch.profiler.profile(with_flops=True) as profile:
        model(**batch)
    forward = sum(
        event.flops for event in profile.key_averages() if event.key in ("aten::addmm", "aten::mm", "aten::bmm")
    )
    assert flops_per_token(model.network, 32, 6 / 32) == pytest.approx(3 * forward / 64, rel=0.01)


def test_kinds_of_characters(encoder):
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    kinds = token_kinds(tokenizer)
    named = {token: KINDS[kinds[tokenizer.convert_tokens_to_ids(token)]] for token in "市5。“😀２"}
    assert named == {"市": "han", "5": "digit", "。": "punctuation", "“": "punctuation", "😀": "other", "２": "digit"}


def test_an_encoder_with_word_pieces_pretrains_with_whole_words(values, tmp_path):
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path / "wordpiece"
    characters = sorted(set("".join(SENTENCES)) - set("“”"))
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "300", "20", "##0", *characters]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    values["model"]["encoder"] = str(folder)
    values["masking"]["unit"] = "word"
    scores = pretrain(PretrainConfig.model_validate(values))
    assert scores["held_out_loss"] < math.log(len(vocabulary))


def test_two_processes_train_one_model(values, tmp_path):
    values["training"]["batch_size"] = 4
    values["model"]["dropout"] = 0.0
    config = PretrainConfig.model_validate(values)
    (tmp_path / "c.yaml").write_text(dump_config(config), encoding="utf-8")
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "29571"]
    done = subprocess.run(
        [*launch, str(ROOT / "scripts" / "pretrain.py"), str(tmp_path / "c.yaml")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("model: ") == 1
    together = curve(config.run)
    alone = PretrainConfig.model_validate(
        {**values, "run": str(tmp_path / "alone"), "training": {**values["training"], "batch_size": 8}}
    )
    pretrain(alone)
    apart = curve(alone.run)
    assert [step for step, _, _ in together] == [step for step, _, _ in apart]
    for (_, loss, _), (_, other, _) in zip(together, apart, strict=True):
        assert loss == pytest.approx(other, abs=2e-3)  # the same sequences a step, each token of the same weight


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"training.length": 256}, "positions"),
        ({"model.encoder": "gpt"}, "is a gpt2 model"),
        ({"model.encoder": "nowhere"}, "cannot be loaded"),
    ],
)
def test_what_cannot_work_is_said(values, tmp_path, encoder, changes, message):
    from transformers import GPT2Config

    gpt = tmp_path / "gpt"
    GPT2Config(n_layer=1, n_head=1, n_embd=8, vocab_size=9).save_pretrained(gpt)
    AutoTokenizer.from_pretrained(encoder).save_pretrained(gpt)
    for key, value in changes.items():
        section, name = key.split(".")
        values[section][name] = value
    if "model.encoder" in changes:
        values["model"]["encoder"] = str(tmp_path / changes["model.encoder"])
    with pytest.raises(TopnerError, match=message):
        pretrain(PretrainConfig.model_validate(values))


def test_the_shipped_configuration_is_right_and_mistakes_are_named():
    config = load_pretrain_config(ROOT / "configs/pretrain.yaml", ["training.tokens=5000"])
    assert config.training.tokens == 5000
    assert [source.name for source in config.text.sources] == ["gov", "laws", "papers", "replies"]
    for override, message in (
        ("training.token=1", r"training\.token"),
        ("training.decay=0.99", "more than the whole"),
        ("masking.unit=phrase", r"masking\.unit"),
        ("text.sources=[{path: a/x.txt}, {path: b/x.txt}]", "one name"),
    ):
        with pytest.raises(TopnerError, match=message):
            load_pretrain_config(ROOT / "configs/pretrain.yaml", [override])
