"""Run a tagger over gold documents and judge what it found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from topner.annotation.formats import Format, read_documents
from topner.document import Document, check_unique_ids, documents_hash
from topner.errors import TopnerError
from topner.evaluation.evaluate import Evaluation, evaluate_documents
from topner.evaluation.report import write_report
from topner.ledger import Ledger

if TYPE_CHECKING:
    from topner.inference.tagger import Tagger


def judge(
    tagger: Tagger, gold: Sequence[Document], ledger: Ledger | None = None, data: str = "", model: str = ""
) -> Evaluation:
    """Tag the gold documents' raw texts and compare.

    Args:
        tagger: the tagger; it sees the texts alone.
        gold: documents with gold mentions, ids unique.
        ledger: what reading the gold lost, shown in the report.
        data: name of the data for the report.
        model: name of the model for the report.

    Raises:
        TopnerError: there is no document, or two share an id.
    """
    from topner.training.run import versions

    if not gold:
        raise TopnerError("there are no documents to evaluate on", path=data or None)
    check_unique_ids(gold)
    bare = (document.with_mentions(()) for document in gold)
    quiet = not sys.stderr.isatty()
    predicted = list(tqdm(tagger.pipe(bare), total=len(gold), unit="document", desc="evaluating", disable=quiet))
    provenance = {"model": model, "data": data, "data_sha256": documents_hash(gold), "versions": versions()}
    return evaluate_documents(gold, predicted, tagger.schema, ledger, provenance)


def evaluate_model(
    model: Path | None, data: Path, output: Path, format: Format | None = None, max_loss: float = 0.02
) -> Evaluation:
    """Evaluate a model folder on annotated data and write the report folder.

    Args:
        model: model folder; ``None`` for the default tagger.
        data: annotated file or folder.
        output: folder for ``metrics.json``, ``report.html`` and the tables.
        format: annotation format; ``None`` finds it by content.
        max_loss: share (0..1) of gold annotations that reading may drop before that is an error.

    Raises:
        TopnerError: model or data cannot be read, or too much of the gold was lost.
    """
    from topner.encoder.locate import default_model_path
    from topner.inference.tagger import Tagger

    folder = default_model_path() if model is None else model
    tagger = Tagger.from_pretrained(folder)
    ledger = Ledger()
    gold = read_documents(data, format, tagger.schema, ledger)
    ledger.check(max_loss)
    result = judge(tagger, gold, ledger, str(data), str(folder))
    write_report(result, output)
    return result
