"""Send suggestions to a Label Studio server, annotate them there as people would, and fetch every kind of export.

What it takes: a server (``pip install label-studio`` in an environment of its own, then ``label-studio start``); a token of
it (Account & Settings; legacy or personal); the tasks that ``topner suggest choose RAW -o tasks.json`` wrote, with
``tasks.json.labels.xml`` beside; for each annotator a JSON lines file with what they make of the tasks, as ``topner convert
--to jsonl`` writes it. A document's metadata ``"skipped": true`` and ``"ground_truth": true`` do as they say.

    export LABEL_STUDIO_API_KEY=...
    cd tests/annotation/recorded
    python ../../../scripts/label_studio_round_trip.py tasks.json review/first.jsonl review/second.jsonl -o exports

The first annotator is the token's owner; for the others users are made: ``reviewer-2@example.org`` and so on.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import click

from topner.annotation import jsonl
from topner.annotation.found import Found, Notices
from topner.annotation.label_studio import ID_KEY
from topner.annotation.records import read_records
from topner.cli import run
from topner.errors import TopnerError
from topner.files import atomic_path, read_text
from topner.ledger import Ledger

EXPORTS = {"JSON": "json", "JSON_MIN": "min.json", "CSV": "csv", "TSV": "tsv", "CONLL2003": "conll"}
WHOLE = {"predictions": {"only_id": False}, "annotations__completed_by": {"only_id": False}}


class Server:
    """A Label Studio server's API."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.header = url.rstrip("/"), f"Token {token}"
        if token.count(".") == 2:  # a personal access token buys a short-lived one
            self.header = f"Bearer {self.call('POST', '/api/token/refresh', {'refresh': token})['access']}"

    def fetch(self, method: str, path: str, body: Any = None) -> bytes:
        """The body of the answer; a :class:`TopnerError` where there is none or it is an error."""
        headers = {"Authorization": self.header, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - the user's own
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:300]
            raise TopnerError(f"{method} {self.url}{path}: {error.code} {said}", hint="is the token right?") from None
        except (OSError, ValueError) as error:
            raise TopnerError(f"{self.url} does not answer: {error}", hint="is Label Studio running there?") from None

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer as JSON."""
        return json.loads(self.fetch(method, path, body))


def create(server: Server, tasks: list[dict[str, Any]], labelling: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Make a project of the tasks: its number, and the tasks by document id as the server holds them, which is as sent."""
    project = server.call("POST", "/api/projects/", {"title": "topner round trip", "label_config": labelling})["id"]
    server.call("POST", f"/api/projects/{project}/import", tasks)
    listed = server.call("GET", f"/api/tasks?project={project}&fields=all&page_size={len(tasks)}")["tasks"]
    held = {task["data"][ID_KEY]: task for task in listed}
    for sent in tasks:
        came = held.get(sent["data"][ID_KEY], {"data": None, "predictions": []})
        kept = [{key: p[key] for key in ("model_version", "score", "result")} for p in came["predictions"]]
        if came["data"] != sent["data"] or kept != [{"score": None, **p} for p in sent["predictions"]]:
            raise TopnerError(f"document {sent['data'][ID_KEY]!r} did not arrive as it was sent")
    return project, held


def annotation(document: Found, prediction: dict[str, Any]) -> dict[str, Any]:
    """What the front end sends for a document: regions taken over from the prediction, changed ones and new ones."""
    left, result = list(prediction["result"]), []
    for span in document.candidates:
        value = {"start": span.start, "end": span.end, "text": span.text, "labels": [span.label]}
        region = {"id": f"new-{span.start}", "from_name": "label", "to_name": "text", "type": "labels"}
        origin = "manual"
        for begun in left:
            if begun["value"]["start"] < value["end"] and value["start"] < begun["value"]["end"]:
                region, origin = begun, "prediction" if begun["value"] == value else "prediction-changed"
                left.remove(begun)
                break
        result.append({**region, "value": value, "origin": origin})
    meta = document.meta
    marks = {"was_cancelled": bool(meta.get("skipped")), "ground_truth": bool(meta.get("ground_truth"))}
    return {"result": result, **marks, "parent_prediction": prediction["id"], "lead_time": 1.0}


def annotator(server: Server, number: int) -> int:
    """The user id of annotator 1 (the token's owner), 2, ..."""
    if number == 1:
        return int(server.call("GET", "/api/current-user/whoami")["id"])
    name = f"reviewer-{number}"
    email = f"{name}@example.org"
    known = [user["id"] for user in server.call("GET", "/api/users/") if user["email"] == email]
    return int(known[0] if known else server.call("POST", "/api/users/", {"email": email, "username": name})["id"])


def export(server: Server, project: int, folder: Path) -> None:
    """Fetch what the page's Export button offers, with tasks that nobody labelled, and a snapshot with whole predictions."""
    place = f"/api/projects/{project}/export"
    snapshot = f"{place}s/{server.call('POST', f'{place}s/', {'serialization_options': WHOLE})['id']}"
    while (status := server.call("GET", snapshot)["status"]) != "completed":
        if status == "failed":
            raise TopnerError("the server could not make a snapshot")
        time.sleep(1)
    wanted = {f"export.{end}": f"{place}?exportType={kind}&download_all_tasks=true" for kind, end in EXPORTS.items()}
    for name, path in {**wanted, "snapshot.json": f"{snapshot}/download?exportType=JSON"}.items():
        with atomic_path(folder / name) as temporary:
            temporary.write_bytes(server.fetch("GET", path))
        click.echo(f"written: {folder / name}")


@click.command(help=__doc__.partition("\n")[0])
@click.argument("tasks", type=click.Path(path_type=Path))
@click.argument("reviews", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder for the exports.")
@click.option("--url", default="http://localhost:8080", show_default=True, help="Where Label Studio runs.")
@click.option("--token", envvar="LABEL_STUDIO_API_KEY", required=True, help="[default: $LABEL_STUDIO_API_KEY]")
def main(tasks: Path, reviews: tuple[Path, ...], output: Path, url: str, token: str) -> None:
    """Import, annotate, export."""
    sent = [record.value for record in read_records(tasks)]
    if not all(ID_KEY in task.get("data", {}) and task.get("predictions") for task in sent):
        raise TopnerError("is not what topner suggest choose writes: tasks with predictions", path=tasks)
    labelling = read_text(tasks.with_name(tasks.name + ".labels.xml"))
    server = Server(url, token)
    project, held = create(server, sent, labelling)
    click.echo(f"{server.url}/projects/{project}: {len(held)} tasks and their predictions arrived as they were sent")
    for number, path in enumerate(reviews, 1):
        who = annotator(server, number)
        for document in jsonl.read(path, Ledger(), Notices()):
            task = held.get(document.id)
            if task is None or task["data"]["text"] != document.text:
                raise TopnerError(f"there is no task with the id and the text of {document.id!r}", path=path)
            made = annotation(document, task["predictions"][0])
            server.call("POST", f"/api/tasks/{task['id']}/annotations/", {**made, "completed_by": who})
        click.echo(f"{path}: annotated as user {who}")
    export(server, project, output)


if __name__ == "__main__":
    run(main)
