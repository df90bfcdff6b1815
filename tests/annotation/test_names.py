from pathlib import Path

import pytest
from hypothesis import given

from strategies import ids
from topner.annotation.names import file_name, id_of
from topner.errors import TopnerError


@given(ids, ids)
def test_names_are_safe_and_tell_ids_apart(one, other):
    name = file_name(one)
    assert Path(name).name == name
    assert name.strip(". ") == name
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert len(name.encode()) <= 200
    assert id_of(name) == one
    assert (name == file_name(other)) == (one == other)


@pytest.mark.parametrize(("id", "name"), [("广东省-2026.v2", "广东省-2026.v2"), ("../a", "%2E.%2Fa"), ("50%", "50%25")])
def test_names_stay_readable(id, name):
    assert file_name(id) == name


def test_long_ids_are_cut_and_told_apart():
    one, other = file_name("长" * 300), file_name("长" * 301)
    assert one != other
    assert max(len(one.encode()), len(other.encode())) <= 200


def test_a_foreign_name_is_its_own_id():
    assert id_of("report%20a") == "report%20a"
    assert id_of("50%") == "50%"
    assert id_of("a+b") == "a+b"


def test_no_id_no_name():
    with pytest.raises(TopnerError, match="without an id"):
        file_name("")
