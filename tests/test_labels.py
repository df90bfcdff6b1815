import pytest

from topner.errors import TopnerError
from topner.labels import LabelSchema


def test_the_default_labels_and_their_tags():
    schema = LabelSchema.of(None)
    assert schema.names == ("TARGET", "PROJECT", "ORG")
    assert schema.tags == ("O", "B-TARGET", "I-TARGET", "B-PROJECT", "I-PROJECT", "B-ORG", "I-ORG")
    for name in schema.names:
        assert schema.tags[schema.begin(name)] == f"B-{name}"
        assert schema.tags[schema.inside(name)] == f"I-{name}"
    assert [schema.precedence(name) for name in ("TARGET", "PROJECT", "ORG", "PERSON")] == [0, 1, 2, 3]


def test_labels_come_from_the_configuration():
    schema = LabelSchema.of(["政策", "PERSON.NAM"])
    assert LabelSchema.from_tags(schema.tags) == schema
    assert schema.id2label[3] == "B-PERSON.NAM"
    assert schema.label2id["I-政策"] == 2


@pytest.mark.parametrize("names", [[], ["ORG", "ORG"], ["O"], ["A B"], ["5G"], ["A]("], [""]])
def test_names_that_cannot_be_labels(names):
    with pytest.raises(TopnerError):
        LabelSchema.of(names)


@pytest.mark.parametrize("tags", [["B-A", "I-A", "O"], ["O", "B-A"], ["O", "I-A", "B-A"], ["LABEL_0", "LABEL_1"]])
def test_tags_that_are_not_iob2(tags):
    with pytest.raises(TopnerError):
        LabelSchema.from_tags(tags)
