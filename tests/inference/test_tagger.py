import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

import topner
from topner.document import Document, Mention
from topner.encoder import locate
from topner.errors import TopnerError
from topner.inference.tagger import Tagger, settings_of
from topner.labels import LabelSchema
from topner.model.tagger_model import new_model, save_model
from topner.text.clean import CleanConfig, clean

NOISY = st.lists(
    st.sampled_from(
        [*"增长长力争市委发展園區鐵路，。；\n\n 　５％5%<>&", "(zhǎng)", "<p>", "&nbsp;", "\u200b", "𠮷", "😀", "”"]
    ),
    max_size=120,
).map("".join)


def make(encoder, folder, head="crf", window=24, overlap=8):
    """An untrained tagger, biased so that it finds mentions everywhere."""
    torch.manual_seed(11)
    model = new_model(str(encoder), LabelSchema(), head, "eager")
    with torch.no_grad():
        model.network.classifier.weight.normal_(std=3.0)
    save_model(model, AutoTokenizer.from_pretrained(encoder), folder, settings_of(CleanConfig(), window, overlap))
    return Tagger.from_pretrained(folder)


@pytest.fixture(scope="module", params=["crf", "softmax"])
def tagger(request, encoder, tmp_path_factory):
    return make(encoder, tmp_path_factory.mktemp("model"), request.param)


@settings(max_examples=60, deadline=None)
@given(text=NOISY)
def test_mentions_are_flat_sorted_and_stand_in_the_raw_text(tagger, text):
    end = 0
    for mention in tagger(text).mentions:  # Document checks text == raw[start:end]
        assert end <= mention.start < mention.end <= len(text)
        assert mention.text == mention.text.strip()
        assert 0.0 <= mention.score <= 1.0
        end = mention.end


def test_it_does_find_something(tagger):
    assert len(tagger("力争地区生产总值增长5.5%以上，推进云湖新城建设。" * 10).mentions) > 5


@pytest.mark.parametrize("text", ["", " ", "\n\n\u3000", "\u200b", "<br/>"])
def test_nothing_gives_nothing(tagger, text):
    assert tagger(text).mentions == ()


def test_batches_do_not_change_the_answer_nor_the_order(tagger):
    texts = ["力争增长5%", "", "云湖新城" * 60, "市科技局局长表示，\n争取引进2个团队", "加快清河水库加固。" * 30]
    alone = [tagger(text).mentions for text in texts]
    for size in (1, 2, 32):
        found = list(tagger.pipe(texts, batch_size=size))
        assert [document.text for document in found] == texts
        assert [document.id for document in found] == ["0", "1", "2", "3", "4"]
        for document, mentions in zip(found, alone, strict=True):
            assert [m.key for m in document.mentions] == [m.key for m in mentions]
            assert np.allclose([m.score for m in document.mentions], [m.score for m in mentions], atol=1e-3)


def test_pipe_reads_no_further_ahead_than_a_batch(tagger):
    read = []

    def texts():
        for number in range(10):
            read.append(number)
            yield "云湖新城"

    stream = tagger.pipe(texts(), batch_size=3)
    next(stream)
    assert read == [0, 1, 2]


def test_documents_keep_id_and_metadata_and_lose_old_mentions(tagger):
    document = Document("st-01", "市科技局", (Mention(0, 4, "ORG", "市科技局"),), {"year": 2026})
    tagged = tagger(document)
    assert (tagged.id, tagged.meta) == ("st-01", {"year": 2026})
    assert all(mention.score is not None for mention in tagged.mentions)


def test_a_long_text_without_any_sentence_end(tagger):
    text = "云湖新城增长" * 4000
    mentions = tagger(text).mentions
    assert mentions
    assert mentions[-1].end > len(text) * 0.9


def test_lines_are_tagged_alike_wherever_they_stand(encoder, tmp_path):
    # windows are cut at line ends, so each line that fills a window of its own has the same context everywhere
    tagger = make(encoder, tmp_path / "model", window=22, overlap=0)  # 20 tokens and the special ones
    line = "力争工业投资突破300亿元推进云湖新城"
    length, times = len(line) + 1, 7
    (document,) = tagger.pipe([(line + "\n") * times])
    found = [
        [(m.start - i * length, m.end - i * length, m.label) for m in document.mentions if m.start // length == i]
        for i in range(times - 1)  # the last line lacks its line end: cleaning strips it
    ]
    assert found[0]
    assert all(mentions == found[0] for mentions in found)


def test_no_tagger_anywhere(monkeypatch, tmp_path):
    monkeypatch.setattr(locate, "packaged", lambda name: tmp_path / name)
    with pytest.raises(TopnerError, match="install topner again"):
        topner.default_model_path()
    with pytest.raises(TopnerError, match="install topner again"):
        topner.Tagger.from_pretrained()


def test_the_default_model_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("TOPNER_MODEL", str(tmp_path))
    assert topner.default_model_path() == tmp_path
    with pytest.raises(TopnerError, match="holds no model"):
        topner.Tagger.from_pretrained()


def test_settings_of_another_version(encoder, tmp_path):
    make(encoder, tmp_path / "model")
    (tmp_path / "model/topner.json").write_text('{"text": {"telepathy": true}}')
    with pytest.raises(TopnerError, match="do not fit this version"):
        Tagger.from_pretrained(tmp_path / "model")


@settings(max_examples=30, deadline=None)
@given(text=NOISY)
def test_what_a_tagger_predicts_it_scores_alike(tagger, text):
    tagged = tagger(text)
    bare = tagged.with_mentions(Mention(*m.key, m.text) for m in tagged.mentions)
    scored = tagger.score(bare)
    assert [m.key for m in scored.mentions] == [m.key for m in tagged.mentions]
    for mention, again in zip(tagged.mentions, scored.mentions, strict=True):
        assert 0.0 <= again.score <= 1.0
        # else two clean spans may stand for one raw stretch, or white space was taken off a span's ends
        if clean(text, tagger.cleaning).text == text and not any(c.isspace() for c in text):
            assert again.score == pytest.approx(mention.score, abs=1e-3)


def test_gold_spans_are_scored_one_by_one(tagger):
    text = "今年，市科技局力争工业投资突破300亿元，\n推进云湖新城建设。"
    spans = [(3, 7, "ORG"), (9, 20, "TARGET"), (22, 24, "PERSON"), (24, 28, "PROJECT")]
    scored = tagger.score(Document.from_spans("a", text, spans))
    assert [m.key for m in scored.mentions] == spans
    (tagged,) = tagger.pipe([text])
    known = {m.key: m.score for m in tagged.mentions}
    for m in scored.mentions:
        assert m.score == (0.0 if m.label == "PERSON" else pytest.approx(known.get(m.key, m.score), abs=1e-6))
    names = [Document.from_spans("a", text, [(24, 28, label)]) for label in LabelSchema().names]
    assert 0.0 < sum(tagger.score(document).mentions[0].score for document in names) <= 1.0


def test_a_mention_over_a_line_end_is_impossible(tagger):
    scored = tagger.score(Document.from_spans("a", "推进云湖\n新城建设", [(2, 7, "PROJECT")]))
    assert [m.score for m in scored.mentions] == [0.0]
