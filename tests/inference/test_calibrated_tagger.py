"""A tagger with maps and thresholds finds the same mentions, with other scores, or fewer."""

import json

import numpy as np
import pytest
from transformers import AutoTokenizer

from topner.document import Document
from topner.errors import TopnerError
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.model.confidence import KEY, Curve, Knots, maps_to_json
from topner.model.tagger_model import new_model, save_model
from topner.text.clean import CleanConfig

TEXT = "力争地区生产总值增长5.5%以上，推进“云湖新城”建設(shè)😀，市科技局负责。\n" * 6
MAPS = {"TARGET": Curve(0.5, 0.5, -1.0), "ORG": Knots((0.0, 1.0), (0.1, 0.4))}


@pytest.fixture(scope="module")
def folder(encoder, tmp_path_factory):
    import torch

    torch.manual_seed(11)
    path = tmp_path_factory.mktemp("calibrated") / "model"
    model = new_model(str(encoder), LabelSchema(), "crf", "eager")
    with torch.no_grad():
        model.network.classifier.weight.normal_(std=3.0)
    settings = {**settings_of(CleanConfig(), 48, 12), KEY: maps_to_json(MAPS)}
    save_model(model, AutoTokenizer.from_pretrained(encoder), path, settings)
    return path


@pytest.fixture(scope="module")
def plain(folder):
    tagger = Tagger.from_pretrained(folder)
    tagger.maps = {}
    return tagger(TEXT).mentions


def test_scores_are_those_the_maps_give_and_nothing_else_changes(folder, plain):
    found = Tagger.from_pretrained(folder)(TEXT).mentions
    assert {m.label for m in found} == {"TARGET", "PROJECT", "ORG"}
    assert [m.key for m in found] == [m.key for m in plain]
    for mention, before in zip(found, plain, strict=True):
        wanted = MAPS[before.label](before.score) if before.label in MAPS else before.score
        assert mention.score == pytest.approx(float(wanted))


def test_thresholds_drop_what_is_below_them_after_calibration(folder):
    everything = Tagger.from_pretrained(folder)(TEXT).mentions
    least = float(np.median([m.score for m in everything if m.label == "TARGET"]))
    tagger = Tagger.from_pretrained(folder, thresholds={"TARGET": least, "ORG": 0.5})
    kept = tagger(TEXT).mentions
    assert [m for m in everything if not (m.label == "ORG" or (m.label == "TARGET" and m.score < least))] == list(kept)
    assert len(kept) < len(everything)
    assert next(iter(tagger.pipe([TEXT]))).mentions == kept


def test_scoring_a_document_calibrates_and_drops_nothing(folder):
    tagger = Tagger.from_pretrained(folder, thresholds={"TARGET": 1.0, "ORG": 1.0, "PROJECT": 1.0})
    tagged = Tagger.from_pretrained(folder)(TEXT)
    scored = tagger.score(Document("a", TEXT, tagged.mentions))
    assert [m.key for m in scored.mentions] == [m.key for m in tagged.mentions]
    assert [m.score for m in scored.mentions if m.label == "ORG"] == pytest.approx(
        [m.score for m in tagged.mentions if m.label == "ORG"], abs=1e-3
    )
    assert all(m.score <= 0.4 for m in scored.mentions if m.label == "ORG")


def test_thresholds_for_unknown_labels_are_refused(folder):
    with pytest.raises(TopnerError, match="POLICY"):
        Tagger.from_pretrained(folder, thresholds={"POLICY": 0.5})


def test_broken_maps_are_named_with_their_file(folder, tmp_path):
    import shutil

    copy = shutil.copytree(folder, tmp_path / "model")
    settings = json.loads((copy / "topner.json").read_text(encoding="utf-8"))
    settings[KEY] = {"ORG": {"kind": "beta", "a": -2, "b": 1, "c": 0}}
    (copy / "topner.json").write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(TopnerError, match=r"topner\.json.*confidence: ORG"):
        Tagger.from_pretrained(copy)
