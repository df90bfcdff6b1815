"""Where opinions on annotated documents come from: prediction files, and models that were trained on something else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from topner.annotation.formats import read_documents
from topner.corpus.opinions import Opinion
from topner.document import Document
from topner.errors import TopnerError
from topner.files import read_text
from topner.labels import LabelSchema
from topner.ledger import Ledger

if TYPE_CHECKING:
    from topner.inference.tagger import Tagger


def read_opinions(
    path: Path, documents: Sequence[Document], schema: LabelSchema, ledger: Ledger | None = None
) -> list[Opinion]:
    """Opinions from a file of predictions, as ``topner predict --format jsonl`` writes it, or in any other format.

    Another annotator's documents will do as well; mentions without a score count as half sure.

    Args:
        path: file or folder.
        documents: the annotated documents; predictions are matched to them by id, those of others are passed over.
        schema: the labels.
        ledger: takes the predicted mentions that had to be dropped, moved or repaired.

    Raises:
        TopnerError: the file cannot be read, predicts none of the documents, or has another text under an id.
    """
    known = {document.id: document for document in documents}
    predicted = read_documents(path, None, schema, Ledger() if ledger is None else ledger)
    answers = [document for document in predicted if document.id in known]
    if not answers:
        raise TopnerError(
            f"predicts none of the {len(known)} documents",
            path=path,
            hint=f"documents are matched by id: {predicted[0].id!r} here, {documents[0].id!r} in the data"
            if documents
            else None,
        )
    for answer in answers:
        if answer.text != known[answer.id].text:
            raise TopnerError(f"has another text under the id {answer.id!r}", path=path, hint="predict again")
    return [Opinion(answer) for answer in answers]


def model_opinions(folder: Path, documents: Sequence[Document]) -> list[Opinion]:
    """What a trained model makes of the documents it was not trained on, with the probability of every gold mention.

    Args:
        folder: model folder. Where it lies in a run folder, the documents of the run's train split are passed over; of
            another model the caller must know.
        documents: the annotated documents.

    Raises:
        TopnerError: there is no such model, it lacks a label of the documents, or it was trained on all of them.
    """
    from topner.inference.tagger import Tagger

    tagger = Tagger.from_pretrained(folder)
    seen = _trained_on(folder)
    unseen = [document for document in documents if document.id not in seen]
    if not unseen:
        raise TopnerError(
            "was trained on every document of the data", path=folder, hint="use --folds, or a model of other data"
        )
    return tagger_opinions(tagger, unseen, folder.name)


def tagger_opinions(tagger: Tagger, documents: Sequence[Document], name: str) -> list[Opinion]:
    """What a tagger makes of documents; it must not have been trained on them.

    Args:
        tagger: the tagger.
        documents: with gold mentions.
        name: shown before the progress bar.

    Raises:
        TopnerError: the documents have a label that the tagger does not know.
    """
    strange = {m.label for document in documents for m in document.mentions} - set(tagger.schema.names)
    if strange:
        raise TopnerError(f"the model does not know the labels {', '.join(sorted(strange))}")
    bar = tqdm(total=len(documents), unit="document", desc=name, disable=not sys.stderr.isatty())
    opinions = []
    with bar:
        for document, predicted in zip(documents, tagger.pipe(_bare(documents)), strict=True):
            opinions.append(Opinion(predicted, tagger.score(document)))
            bar.update()
    return opinions


def _bare(documents: Iterable[Document]) -> Iterable[Document]:
    return (document.with_mentions(()) for document in documents)


def _trained_on(model: Path) -> frozenset[str]:
    """Ids of the documents in the train split of the run a model folder lies in; none when it lies elsewhere."""
    provenance = model.resolve().parent / "run.json"
    if not provenance.is_file():
        return frozenset()
    try:
        return frozenset(str(id) for id in json.loads(read_text(provenance))["splits"]["train"])
    except (json.JSONDecodeError, KeyError, TypeError):
        raise TopnerError("does not name the documents of the train split", path=provenance) from None
