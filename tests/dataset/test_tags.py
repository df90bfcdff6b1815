"""Tags by offsets, for a character vocabulary, a Google-style WordPiece one and a Unigram one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import BertTokenizer, PreTrainedTokenizerFast

from topner.dataset.tags import clean_spans, decode_tags, encode_tags, trim_offsets
from topner.dataset.tokens import tokenize
from topner.document import Document
from topner.encoder.build import character_tokenizer
from topner.labels import LabelSchema
from topner.ledger import Ledger, Loss
from topner.text.alignment import AlignedText, Edit
from topner.text.clean import clean

SCHEMA = LabelSchema()
CHARACTERS = "力争今年地区生产总值增长达到亿元以上企业新增家园云湖城项目，。（）0123456789GDP%"


def character():
    return character_tokenizer(sorted(set(CHARACTERS)))


def word_piece():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "2025", "GDP", "5G", "100m", "##m", "##2", *CHARACTERS]
    return BertTokenizer(vocab={piece: i for i, piece in enumerate(dict.fromkeys(pieces))}, do_lower_case=False)


def unigram():
    backend = Tokenizer(models.Unigram())
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=60, special_tokens=["<unk>"], unk_token="<unk>")
    backend.train_from_iterator(["今年地区生产总值增长 5% 以上", "新增企业 2025 家", "云湖新城项目"] * 4, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>", pad_token="<unk>")


TOKENIZERS = {"character": character(), "word piece": word_piece(), "unigram": unigram()}
TEXT = st.text(
    st.sampled_from([*CHARACTERS, " ", "\u3000", "\u200b", "\n", "“", "”", "—", "2", "5", "𠮷", "😀", "ｋ", "m"]),
    max_size=40,
)


@st.composite
def annotated(draw):
    text = draw(TEXT)
    spans, position = [], 0
    while position < len(text) and draw(st.booleans()):
        start = draw(st.integers(position, len(text) - 1))
        end = draw(st.integers(start + 1, min(len(text), start + 9)))
        spans.append((start, end, draw(st.sampled_from(SCHEMA.names))))
        position = end
    return text, spans


@pytest.mark.parametrize("kind", TOKENIZERS)
@settings(max_examples=120, deadline=None)
@given(annotated())
def test_every_span_comes_back_or_stands_in_the_ledger(kind, case):
    text, spans = case
    ledger, aligned = Ledger(), AlignedText.of(text)
    offsets = tokenize(text, TOKENIZERS[kind]).offsets
    tags = encode_tags(spans, offsets, SCHEMA, aligned, "d", ledger)
    back = [(int(offsets[a, 0]), int(offsets[b - 1, 1]), label) for a, b, label in decode_tags(tags, SCHEMA)]
    lost = {(loss.start, loss.end): loss.action for loss in ledger}
    kept = 0
    for start, end, label in spans:
        if lost.get((start, end)) == "dropped":
            continue
        kept += 1
        found = [b for b in back if b[2] == label and b[0] < end and start < b[1]]
        assert len(found) == 1
        # what the tokens cannot reach of a span is white space or characters that give no token
        if lost.get((start, end)) != "moved":
            assert start <= found[0][0] < found[0][1] <= end
    assert kept == len(back)
    assert ledger.seen == len(spans)


def tags_of(kind, text, spans):
    ledger = Ledger()
    offsets = tokenize(text, TOKENIZERS[kind]).offsets
    tags = encode_tags(spans, offsets, SCHEMA, AlignedText.of(text), "d", ledger)
    found = [(text[offsets[a, 0] : offsets[b - 1, 1]], label) for a, b, label in decode_tags(tags, SCHEMA)]
    return found, list(ledger)


def test_a_boundary_inside_a_piece_is_snapped_outward_and_told():
    found, losses = tags_of("word piece", "到2025家", [(2, 5, "TARGET")])  # 025 of the piece 2025
    assert found == [("2025", "TARGET")]
    assert [(loss.action, loss.text) for loss in losses] == [("moved", "025")]


def test_two_mentions_in_one_piece_leave_it_to_the_stronger():
    found, losses = tags_of("word piece", "GDP", [(0, 1, "ORG"), (1, 3, "TARGET")])
    assert found == [("GDP", "TARGET")]
    assert sorted((loss.action, loss.label) for loss in losses) == [("dropped", "ORG"), ("moved", "TARGET")]


def test_white_space_shifts_nothing():
    for kind in TOKENIZERS:
        found, losses = tags_of(kind, "今年 \u3000新增企业5家 。", [(4, 10, "TARGET")])
        assert found == [("新增企业5家", "TARGET")], kind
        assert losses == []


def test_a_mention_without_a_token_is_dropped_aloud():
    found, losses = tags_of("word piece", "今年\u3000新增", [(2, 3, "ORG")])
    assert found == []
    assert [loss.reason for loss in losses] == ["no token covers it"]


def test_neighbours_stay_apart():
    assert tags_of("character", "云湖新城", [(0, 2, "ORG"), (2, 4, "ORG")])[0] == [("云湖", "ORG"), ("新城", "ORG")]


def test_decoding_mends_what_is_not_iob2():
    begin, inside = SCHEMA.begin("ORG"), SCHEMA.inside("ORG")
    assert decode_tags([inside, inside, 0, begin, SCHEMA.inside("TARGET")], SCHEMA) == [
        (0, 2, "ORG"),
        (3, 4, "ORG"),
        (4, 5, "TARGET"),
    ]


def test_trimmed_offsets():
    text = "新增 企业"
    offsets = np.asarray([(0, 2), (2, 5), (2, 3)], dtype=np.int64)
    assert trim_offsets(text, offsets).tolist() == [[0, 2], [3, 5], [2, 3]]


def test_mentions_that_cleaning_removes_are_told():
    raw = "增長(zhǎng)5%<b></b>"
    document = Document.from_spans("d", raw, [(0, 11, "TARGET"), (11, 14, "ORG")])
    ledger = Ledger()
    spans = clean_spans(document, clean(raw), ledger)
    assert [(clean(raw).text[a:b], label) for a, b, label in spans] == [("增长5%", "TARGET")]
    assert [(loss.stage, loss.label) for loss in ledger] == [("clean", "ORG")]


def pairs(*offsets: tuple[int, int]) -> np.ndarray:
    return np.asarray(offsets, dtype=np.int64)


def test_white_space_at_either_end_of_a_token_goes():
    text = " 省厅 \u3000办\n"
    assert trim_offsets(text, pairs((0, 3), (1, 4), (3, 6), (0, 1), (4, 7))).tolist() == [
        [1, 3],
        [1, 3],
        [5, 6],
        [0, 1],
        [5, 6],
    ]


def test_rows_of_the_ledger_say_everything():
    text = "发展改革局说"
    aligned = AlignedText.of(text)
    ledger = Ledger(seen=5)
    offsets = pairs((0, 2), (2, 4), (4, 5))
    spans = [(0, 3, "ORG"), (3, 5, "ORG"), (5, 6, "PROJECT"), (0, 2, "TARGET")]
    tags = encode_tags(spans, offsets, LabelSchema(), aligned, "甲", ledger)
    assert tags.dtype == np.int64
    assert ledger.seen == 9
    assert ledger.losses == [
        Loss("甲", "align", "dropped", "PROJECT", 5, 6, "说", "no token covers it"),
        Loss("甲", "align", "dropped", "ORG", 0, 3, "发展改", "shares a token with another mention"),
        Loss("甲", "align", "moved", "ORG", 3, 5, "革局", "boundary inside a token, snapped outward"),
    ]
    assert decode_tags(tags, LabelSchema()) == [(0, 1, "TARGET"), (1, 3, "ORG")]


def test_of_equal_labels_the_earlier_and_then_the_longer_has_the_tokens():
    aligned = AlignedText.of("发展改革局")
    offsets = pairs((0, 1), (1, 2), (2, 3), (3, 4), (4, 5))
    for spans, kept in (([(1, 2), (0, 5)], (0, 5)), ([(0, 2), (0, 4)], (0, 4)), ([(2, 5), (1, 3)], (1, 3))):
        tags = encode_tags([(*span, "ORG") for span in spans], offsets, LabelSchema(), aligned, "甲", Ledger())
        assert decode_tags(tags, LabelSchema()) == [(*kept, "ORG")]


def test_what_cleaning_removed_is_told():
    document = Document.from_spans("乙", "省\u200b厅", [(0, 1, "ORG"), (1, 2, "TARGET")])
    ledger = Ledger()
    assert clean_spans(document, AlignedText.of(document.text).apply([Edit(1, 2, "")]), ledger) == [(0, 1, "ORG")]
    assert ledger.losses == [Loss("乙", "clean", "dropped", "TARGET", 1, 2, "\u200b", "cleaning removed its text")]
