"""An encoder fine-tuned on BIO sentences: labels found, scores kept, nothing done twice."""

import json

import pytest

from topner.encoder.trial import Trial, find_labels, read_split, run_trial, weights_digest
from topner.errors import TopnerError

SENTENCES = (
    ("市科技局介绍", "ORG", 0, 4),
    ("加快云湖新城建设", "PROJECT", 2, 6),
    ("路灯亮了。", "", 0, 0),
    ("县委“研究”", "ORG", 0, 2),
)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "letters"
    folder.mkdir()
    lines = []
    for text, label, start, end in SENTENCES:
        for i, character in enumerate(text):
            tag = f"{'B' if i == start else 'I'}-{label}" if label and start <= i < end else "O"
            lines.append(f"{character}\t{tag}")
        lines.append("")
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_labels_and_sentences(data):
    assert find_labels(data / "train.txt") == ("ORG", "PROJECT")
    documents = read_split(data / "dev.txt", ["ORG", "PROJECT"])
    assert [d.text for d in documents] == [text for text, *_ in SENTENCES]
    assert [m.text for d in documents for m in d.mentions] == ["市科技局", "云湖新城", "县委"]


def test_a_line_without_a_tag_is_named(tmp_path):
    path = tmp_path / "train.txt"
    path.write_text("市\tB-ORG\n局\tI-ORG\n长\n", encoding="utf-8")
    with pytest.raises(TopnerError, match="line 3"):
        find_labels(path)


def test_a_trial_learns_and_is_run_once(data, encoder, tmp_path, capsys):
    trial = Trial(str(encoder), data, epochs=40, seed=3, batch_size=2, learning_rate=3e-3)
    scores = run_trial(trial, tmp_path / "run")
    assert scores["dev"] == scores["test"] > 0.6
    capsys.readouterr()
    assert run_trial(trial, tmp_path / "run") == scores
    assert capsys.readouterr().out == ""
    known = json.loads((tmp_path / "run" / "trial.json").read_text())
    assert known["trial"]["weights"] == weights_digest(str(encoder))


def test_the_digest_follows_the_weights(encoder, tmp_path):
    assert weights_digest("hfl/some-encoder") == "hfl/some-encoder"
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    assert len({weights_digest(str(encoder)), weights_digest(str(tmp_path))}) == 2
