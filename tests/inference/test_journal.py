import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topner.document import Document, Mention
from topner.errors import TopnerError
from topner.inference.files import read_files, tag_to_file, unchanged
from topner.inference.journal import journal_path, open_journal
from topner.inference.output import OUTPUT_FORMATS
from topner.inference.receipt import receipt_path
from topner.labels import LabelSchema
from topner.sources.find import STDIN
from topner.sources.remarks import Remarks


class Pipe:
    """Stands in for a tagger whose scores hang on what is tagged together; breaks off at a document."""

    schema = LabelSchema()

    def __init__(self, stop=None):
        self.stop, self.seen = stop, []

    def pipe(self, texts, batch_size=32):
        group = list(texts)
        for document in group:
            if document.id == self.stop:
                raise KeyboardInterrupt
            self.seen.append(document.id)
            score = sum(len(other.text) for other in group) / 997
            end = min(2, len(document.text))
            yield document.with_mentions([Mention(0, end, "TARGET", document.text[:end], score)] if end else [])


def documents(count, changed=None):
    return [Document(f"{i}.txt", "改" if i == changed else f"增长{i}%\u2028\n😀" * i) for i in range(count)]


def write(output, tagger, items, *, resume=False, size=3, format="jsonl", run=None):
    remarks = Remarks()
    tag_to_file(tagger, iter(items), format, output, size, remarks, run or {"model": "甲"}, resume=resume)
    return remarks


def broken_off(output, stop, items, **options):
    with pytest.raises(KeyboardInterrupt):
        write(output, Pipe(stop), items, **options)
    assert journal_path(output).exists()
    assert not output.exists()


@pytest.mark.parametrize("format", OUTPUT_FORMATS)
def test_a_resumed_run_writes_the_bytes_of_a_whole_one(tmp_path, format):
    whole, output = tmp_path / "whole", tmp_path / "out"
    write(whole, Pipe(), documents(11), format=format)
    broken_off(output, "7.txt", documents(11), format=format)
    tagger = Pipe()
    assert list(write(output, tagger, documents(11), resume=True, format=format).lines()) == []
    assert output.read_bytes() == whole.read_bytes()
    assert tagger.seen == [f"{i}.txt" for i in range(6, 11)], "two groups of three were done"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.done", "out", "whole"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_wherever_the_journal_was_cut(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cut")
    count, size = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 5))
    write(folder / "whole", Pipe(), documents(count), size=size)
    broken_off(folder / "out", "none", [*documents(count), Document("none", "")], size=size)
    journal = journal_path(folder / "out")
    content = journal.read_bytes()
    journal.write_bytes(
        content[: data.draw(st.integers(0, len(content)))] + data.draw(st.sampled_from([b"", b"\0\0", b"{"]))
    )
    write(folder / "out", Pipe(), documents(count), size=size, resume=True)
    assert (folder / "out").read_bytes() == (folder / "whole").read_bytes()


@pytest.mark.parametrize("changed", [0, 4, 8])
def test_input_that_changed_is_tagged_anew(tmp_path, changed):
    write(tmp_path / "whole", Pipe(), documents(11, changed))
    broken_off(tmp_path / "out", "9.txt", documents(11))
    tagger = Pipe()
    remarks = write(tmp_path / "out", tagger, documents(11, changed), resume=True)
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()
    first = changed // 3 * 3
    assert tagger.seen[0] == f"{first}.txt"
    (note,) = remarks.notes
    assert f"from {first}.txt on the input is not that of the run before" in note


def test_input_that_became_less(tmp_path):
    write(tmp_path / "whole", Pipe(), documents(4))
    broken_off(tmp_path / "out", "9.txt", documents(11))
    write(tmp_path / "out", Pipe(), documents(4), resume=True)
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()


def test_without_resume_all_is_done_anew(tmp_path):
    broken_off(tmp_path / "out", "9.txt", documents(11))
    tagger = Pipe()
    write(tmp_path / "out", tagger, documents(11))
    assert len(tagger.seen) == 11


def test_another_model_does_not_go_on(tmp_path):
    broken_off(tmp_path / "out", "9.txt", documents(11))
    for options in ({"run": {"model": "乙"}}, {"size": 4}):
        with pytest.raises(TopnerError, match="was begun with another model"):
            write(tmp_path / "out", Pipe(), documents(11), resume=True, **options)
    tagger = Pipe()
    write(tmp_path / "out", tagger, documents(11), resume=True)
    assert tagger.seen == ["9.txt", "10.txt"], "the journal is still there"


def test_two_runs_do_not_write_one_file(tmp_path):
    with open_journal(tmp_path / "out", {}, 3, False), pytest.raises(TopnerError, match="another run is writing"):
        write(tmp_path / "out", Pipe(), documents(2))
    assert not journal_path(tmp_path / "out").exists()


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(TopnerError, match="cannot be written"):
        write(tmp_path / "file/out", Pipe(), documents(2))


def put(folder, names, text="增长{}%😀\n"):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(text.format(name) * 2, encoding="utf-8")
    return sorted(folder.glob("*.txt"))


def predict(output, tagger, folder, *, resume=True, format="jsonl", run=None):
    """What ``topner predict`` does with files: a finished output is looked at first."""
    remarks, paths, run = Remarks(), sorted(folder.glob("*.txt")), run or {"model": "甲"}
    if (
        resume
        and output.exists()
        and not journal_path(output).exists()
        and unchanged(paths, format, output, 3, remarks, run)
    ):
        return remarks
    tag_to_file(tagger, read_files(paths, remarks), format, output, 3, remarks, run, resume=resume)
    return remarks


@pytest.mark.parametrize("format", OUTPUT_FORMATS)
def test_a_finished_output_takes_what_was_added(tmp_path, format):
    folder, output = tmp_path / "in", tmp_path / "out"
    put(folder, [f"{i}.txt" for i in range(7)])
    predict(output, Pipe(), folder, format=format)
    tagger = Pipe()
    assert list(predict(output, tagger, folder, format=format).lines()) == []
    assert tagger.seen == [], "nothing has changed"
    put(folder, ["8.txt", "9.txt"])
    remarks = predict(output, tagger, folder, format=format)
    predict(tmp_path / "whole", Pipe(), folder, format=format)
    assert output.read_bytes() == (tmp_path / "whole").read_bytes()
    names = [name.rpartition("/")[2] for name in tagger.seen]
    if format == "jsonl":
        assert names == ["6.txt", "8.txt", "9.txt"], "two groups of three were kept"
        assert remarks.notes == []
    else:
        assert len(names) == 9
        assert remarks.notes == [f"{output}: {folder / '8.txt'} is new, all is tagged anew"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: put(folder, ["4.txt"], "改{}"), "4.txt has changed"),
        (lambda folder: (folder / "2.txt").unlink(), "2.txt is gone"),
        (lambda folder: (folder / "6.txt").unlink(), "6.txt is gone"),
        (lambda folder: put(folder, ["35.txt"]), "35.txt is new"),
    ],
)
def test_what_has_changed_since_is_named(tmp_path, change, said):
    folder, output = tmp_path / "in", tmp_path / "out"
    put(folder, [f"{i}.txt" for i in range(7)])
    predict(output, Pipe(), folder, format="csv")
    change(folder)
    (note,) = predict(output, Pipe(), folder, format="csv").notes
    assert note == f"{output}: {folder}/{said}, all is tagged anew"
    predict(tmp_path / "whole", Pipe(), folder, format="csv", resume=False)
    assert output.read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_finished_output_of_which_nothing_is_known_is_left_alone(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    put(folder, ["0.txt"])
    predict(output, Pipe(), folder)
    with pytest.raises(TopnerError, match="was written with another model"):
        predict(output, Pipe(), folder, run={"model": "乙"})
    written = output.read_bytes()
    output.write_bytes(written + b"\n")
    with pytest.raises(TopnerError, match="was changed after it was written"):
        predict(output, Pipe(), folder)
    predict(output, Pipe(), folder, resume=False)
    assert not receipt_path(output).exists()
    with pytest.raises(TopnerError, match="was written without --resume"):
        predict(output, Pipe(), folder)
    receipt_path(output).write_text("{}", encoding="utf-8")
    with pytest.raises(TopnerError, match="is damaged"):
        predict(output, Pipe(), folder)


def test_standard_input_cannot_be_read_twice(tmp_path, monkeypatch):
    output, run = tmp_path / "out", {"model": "甲"}
    for text in ("增长5%", "增长6%"):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        if not output.exists():
            tag_to_file(Pipe(), read_files([STDIN], Remarks()), "csv", output, 3, Remarks(), run, resume=True)
    with pytest.raises(TopnerError, match="is complete, but stdin has changed"):
        unchanged([STDIN], "csv", output, 3, Remarks(), run)
