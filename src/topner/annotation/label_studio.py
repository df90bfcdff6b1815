"""Label Studio's JSON, both ways; JSON_MIN, CSV and TSV are read by :mod:`topner.annotation.label_studio_tables`.

Which annotation of a task counts: cancelled ones never; else the one marked as ground truth, else the one updated last.
What the others held and this one does not is entered in the ledger. A task with predictions alone is read as predicted,
its mentions carry scores where the predictions do; a task that nobody has labelled is left out and counted. A reader who
wants what was predicted, or what a person made of it, names the :data:`Layer`. A span that an annotator took over from a
prediction still has the prediction's score there; it is the annotator's now and read without. Drafts, which nobody
submitted, are counted and not read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import topner
from topner.annotation.found import MODEL_KEY, Candidate, Found, Notices, drop_all, flat, offset, scrub
from topner.annotation.found import score as number_or_none
from topner.annotation.label_studio_tables import is_minimal, read_table, tasks_of_rows
from topner.annotation.records import Record, read_records, record_id
from topner.document import Document
from topner.errors import TopnerError
from topner.ledger import Ledger

Layer = Literal["any", "annotations", "predictions"]
"""What of a task is read: annotations or else predictions, annotations alone, or predictions alone."""

ID_KEY = "topner_id"
"""Key of a document's id in ``data``: a plain ``id`` there is lost in JSON_MIN, which has the task's number in its place."""

_ADDRESS = re.compile(r"(?:https?|s3|gs|azure-blob)://\S+|/data/\S+")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
# Each alternative ends at the latest with the page, so that nothing is tried twice.
_MARKUP = re.compile(
    r"""
    <!--(?:-?>|.*?(?:--!?>|\Z))
    | <[!?][^>]*+>? | </(?![A-Za-z])[^>]*+>?
    | <(?P<close>/?)(?P<name>[A-Za-z][^\s/>]*+)
      (?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?)*+(?:>|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_RAW = {name: re.compile(rf"</{name}[\s/>]", re.IGNORECASE) for name in ("script", "style")}
_ENDLESS = re.compile("&#[0-9]{20,};?")  # html.unescape fails at integers of thousands of digits
_TEXT_KEYS = ("text", "content", "sentence", "html")


def read(path: Path, ledger: Ledger, notices: Notices, layer: Layer = "any") -> list[Found]:
    """The labelled documents of an export in any of Label Studio's shapes.

    Args:
        path: the export.
        ledger: takes what other annotations than the one that counts held.
        notices: takes the shapes and how many tasks were left out.
        layer: what to read. Predictions are those of the task or, where it has only their numbers, the one that its
            latest annotation says it began with; their model is then metadata.

    Raises:
        TopnerError: a record is no task, or its text is only an address; the message names file and task.
    """
    records, shape = _tasks(path)
    found: list[Found] = []
    for number, record in enumerate(records, 1):
        if layer != "predictions":
            _count_drafts(record.value, notices)
        part = Record(record.where, _of_layer(record.value, layer))
        if layer == "predictions" and "data" in part.value and not part.value["predictions"]:
            notices.notes["task left out, it holds no prediction"] += 1
            continue
        one = _document(part, path, number, shape, ledger, notices)
        if one is not None:
            found.append(one)
    return found


def read_annotators(path: Path, ledger: Ledger, notices: Notices) -> list[tuple[str | None, Found]]:
    """Every annotator's version of every task, each with who made it: an e-mail address, a name or a number.

    Of several versions by one person the usual one counts; cancelled ones never do, nor do predictions. ``None`` stands
    for annotations that name nobody.

    Raises:
        TopnerError: as :func:`read`.
    """
    records, shape = _tasks(path)
    found: list[tuple[str | None, Found]] = []
    for number, record in enumerate(records, 1):
        value = _whole(record.value)
        _count_drafts(value, notices)
        versions = [v for v in _objects(value.get(_key(value))) if isinstance(v.get("result"), list)]
        by_annotator: dict[str | None, list[dict[str, Any]]] = {}
        for version in versions:
            by_annotator.setdefault(_annotator(version), []).append(version)
        if not versions and isinstance(value.get("data"), dict):
            notices.notes["task left out, nobody has labelled it"] += 1
            continue
        results = [result for version in versions for result in version["result"]]
        for who, made in by_annotator.items() or [(None, [])]:
            part = Record(record.where, {**value, _key(value): made})
            one = _document(part, path, number, shape, ledger, notices, results)
            if one is not None:
                found.append((who, one))
    return found


def task(document: Document, *, predicted: bool | None = None, model_version: str | None = None) -> dict[str, Any]:
    """A document as a task to import, for a labelling configuration with ``Labels name="label" toName="text"``.

    Args:
        document: its id (as :data:`ID_KEY`) and metadata go into ``data``; offsets are half-open code points.
        predicted: write the mentions as ``predictions``, which a person accepts or edits, instead of as ``annotations``;
            ``None``: when any of them has a score.
        model_version: named beside predictions; ``None``: the document's metadata ``model_version``, else this package.
    """
    if predicted is None:
        predicted = any(mention.score is not None for mention in document.mentions)
    result: list[dict[str, Any]] = []
    for number, mention in enumerate(document.mentions, 1):
        region: dict[str, Any] = {"id": f"m{number}", "from_name": "label", "to_name": "text", "type": "labels"}
        region["value"] = {
            "start": mention.start,
            "end": mention.end,
            "text": mention.text,
            "labels": [mention.label],
        }
        if mention.score is not None:
            region["score"] = round(mention.score, 4)
        result.append(region)
    data: dict[str, Any] = {ID_KEY: document.id, "text": document.text}
    if document.meta:
        data["meta"] = dict(document.meta)
    if not predicted:
        return {"data": data, "annotations": [{"result": result}]}
    version = str(model_version or document.meta.get(MODEL_KEY) or f"topner-{topner.__version__}")
    prediction: dict[str, Any] = {"model_version": version, "result": result}
    scores = [mention.score for mention in document.mentions if mention.score is not None]
    if scores:
        prediction["score"] = round(sum(scores) / len(scores), 4)
    return {"data": data, "predictions": [prediction]}


def plain_text(page: str) -> str:
    """The text of an HTML page as its annotator's browser saw it: without tags, comments, scripts and styles.

    Takes time in proportion to the page, however broken it is; ``html.parser`` of many Python versions does not, and fails
    on some declarations. As in a browser, a tag or comment that never ends takes the rest of the page with it.
    """
    parts: list[str] = []
    position = 0
    while (mark := _MARKUP.search(page, position)) is not None:
        parts.append(page[position : mark.start()])
        position = mark.end()
        name = (mark["name"] or "").lower()
        if name in _RAW and not mark["close"]:
            end = _RAW[name].search(page, position)
            position = len(page) if end is None else end.start()
    parts.append(page[position:])
    return "".join(html.unescape(_ENDLESS.sub("\ufffd", part)) for part in parts)


def _tasks(path: Path) -> tuple[list[Record], str]:
    if (rows := read_table(path)) is not None:
        return tasks_of_rows(rows), "Label Studio table"
    records = list(read_records(path))
    if any(is_minimal(record.value) for record in records):
        return tasks_of_rows(records), "Label Studio JSON_MIN"
    return records, "Label Studio JSON"


def _document(
    record: Record,
    path: Path,
    number: int,
    shape: str,
    ledger: Ledger,
    notices: Notices,
    beside: Sequence[Any] = (),
) -> Found | None:
    """The document of a task; ``beside`` holds results that help to tell which of the task's texts was labelled."""
    value, where = _whole(record.value), record.where.replace("record", "task")
    if value is not record.value:
        shape = "Label Studio annotation with its task"
    data = value.get("data")
    if not isinstance(data, dict):
        raise TopnerError("is not a Label Studio task: it has no 'data'", path=path, where=where)
    own = next((data[key] for key in (ID_KEY, "id") if isinstance(data.get(key), str) and data[key]), None)
    id = record_id(value, path, number) if own is None else own
    chosen = _chosen(value, id, ledger, notices)
    if chosen is None:
        return None
    kind, results, kept = chosen
    shape += kind
    text_key = _text_key(data, [*kept, *_candidates(beside, Notices(), None)], path, where)
    text = data[text_key]
    if _is_hypertext([*results, *beside]) and _TAG.search(text):
        text, shape = plain_text(text), f"{shape}, HyperText (tags removed)"
    elif kept and _ADDRESS.fullmatch(text):
        hint = "export with the text itself (saveTextResult, or valueType other than url)"
        raise TopnerError(f"data.{text_key} holds only the address {text}", path=path, where=where, hint=hint)
    notices.shapes[f"{shape}, data.{text_key}"] += 1
    nested = data["meta"] if isinstance(data.get("meta"), dict) else {}
    meta = {k: v for k, v in data.items() if k not in (text_key, ID_KEY, "id", "meta")} | nested
    return Found(id, text, kept, flat(meta))


def _whole(value: dict[str, Any]) -> dict[str, Any]:
    """The record as a task: where each annotation has a file of its own, the task stands inside it."""
    if isinstance(value.get("task"), dict) and isinstance(value.get("result"), list):
        return {**value["task"], "annotations": [value]}
    return value


def _of_layer(value: dict[str, Any], layer: Layer) -> dict[str, Any]:
    """The task with its annotations alone, or with the prediction alone that an annotator was shown."""
    if layer == "any":
        return value
    value = _whole(value)
    if layer == "annotations":
        return {key: part for key, part in value.items() if key != "predictions"}
    versions = sorted(_objects(value.get(_key(value))), key=_updated)
    begun = [version["prediction"] for version in versions if isinstance(version.get("prediction"), dict)]
    offered = [p for p in [*_objects(value.get("predictions")), *begun] if isinstance(p.get("result"), list)]
    task = {key: part for key, part in value.items() if key not in ("annotations", "completions")}
    task["predictions"] = offered[-1:]
    data = value.get("data")
    if offered and isinstance(data, dict) and isinstance(model := offered[-1].get("model_version"), str):
        meta = data["meta"] if isinstance(data.get("meta"), dict) else {}
        task["data"] = {**data, "meta": {**meta, MODEL_KEY: model}}
    return task


def _key(task: Mapping[str, Any]) -> str:
    return "annotations" if "annotations" in task or "completions" not in task else "completions"


def _chosen(
    task: Mapping[str, Any], id: str, ledger: Ledger, notices: Notices
) -> tuple[str, list[Any], list[Candidate]] | None:
    """The kind, the results and the spans of the version of a task that counts; ``None`` when none does."""
    key = _key(task)
    versions = [v for v in _objects(task.get(key)) if isinstance(v.get("result"), list)]
    if not versions:
        predictions = [p for p in _objects(task.get("predictions")) if isinstance(p.get("result"), list)]
        if not predictions:
            notices.notes["task left out, nobody has labelled it"] += 1
            return None
        results = predictions[-1]["result"]
        confidence = number_or_none(predictions[-1].get("score"))
        return ", predictions only", results, _candidates(results, notices, confidence)
    spans = [
        [candidate._replace(score=None) for candidate in _candidates(version["result"], notices, None)]
        for version in versions
    ]
    live = [n for n, version in enumerate(versions) if not version.get("was_cancelled")]
    best = max(live, key=lambda n: (bool(versions[n].get("ground_truth")), _updated(versions[n]), n), default=None)
    for n, candidates in enumerate(spans):
        if n not in live:
            drop_all(id, candidates, [], "cancelled annotation", ledger)
        elif n != best and best is not None:
            drop_all(id, candidates, spans[best], f"annotation of {_who(versions[n])}, another was taken", ledger)
    if best is None:
        notices.notes["task left out, its annotation was cancelled"] += 1
        return None
    if len(live) > 1:
        notices.notes["task with several annotations: ground truth or the latest taken"] += 1
    return " (completions)" if key == "completions" else "", versions[best]["result"], spans[best]


def _count_drafts(task: Mapping[str, Any], notices: Notices) -> None:
    if isinstance(drafts := task.get("drafts"), list) and drafts:
        notices.notes["draft passed over, nobody has submitted it"] += len(drafts)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _candidates(results: Sequence[Any], notices: Notices, fallback: float | None) -> list[Candidate]:
    """The spans among the results; a result with several labels gives one candidate for each."""
    candidates: list[Candidate] = []
    for result in _objects(results):
        type_, value = str(result.get("type")), result.get("value")
        labels = value.get(type_, value.get("labels")) if isinstance(value, dict) else None
        if not isinstance(value, dict) or not type_.endswith("labels"):
            notices.notes[f"{type_} result ignored, it is no span"] += 1
            continue
        place = value.get("globalOffsets")
        if not isinstance(place, dict):  # beside startOffset, start names an element of the page, not a character
            place = {} if "startOffset" in value else value
        start, end = offset(place.get("start")), offset(place.get("end"))
        text = value.get("text") or None
        confidence = number_or_none(result.get("score"))
        for label in labels if isinstance(labels, list) and labels else ["(none)"]:
            said = text if isinstance(text, str) else None
            candidates.append(
                Candidate(start, end, scrub(str(label)), said, fallback if confidence is None else confidence)
            )
    return candidates


def _is_hypertext(results: Sequence[Any]) -> bool:
    values = (result.get("value") for result in _objects(results))
    return any(isinstance(value, dict) and {"hypertextlabels", "globalOffsets"} & value.keys() for value in values)


def _updated(version: Mapping[str, Any]) -> str:
    stamp = version.get("updated_at") or version.get("created_at") or ""
    return f"{stamp:020d}" if isinstance(stamp, int) else str(stamp)


def _annotator(version: Mapping[str, Any]) -> str | None:
    who = version.get("completed_by")
    if isinstance(who, dict):
        who = who.get("email") or who.get("username") or who.get("id")
    return None if who is None or who == "" else scrub(str(who))


def _who(version: Mapping[str, Any]) -> str:
    who = _annotator(version)
    return "another annotator" if who is None else f"annotator {who}"


def _text_key(data: Mapping[str, Any], candidates: Sequence[Candidate], path: Path, where: str) -> str:
    """The key of the text that was labelled: the one in which most spans are found, then a usual name, then the longest."""
    keys = [key for key, value in data.items() if isinstance(value, str) and key not in (ID_KEY, "id")]
    if not keys:
        raise TopnerError("no text in 'data'", path=path, where=where)

    def rank(key: str) -> tuple[int, bool, int]:
        text = data[key]
        hits = sum(text[c.start : c.end] == c.text for c in candidates if c.start >= 0)
        hits += sum(c.text in text for c in candidates if c.text)
        return hits, key in _TEXT_KEYS, len(text)

    return max(keys, key=rank)
