from typing import Annotated, Any

import pytest

from kestrel_cli.model.fields import DOUBT, Model, Property, accept
from kestrel_cli.model.json_schema import Schemas
from kestrel_cli.model.marks import Bounds, Demand, Filled, Matches
from kestrel_cli.model.schema import judge
from kestrel_cli.model.task_facts import facts_of


class Even(Demand):
    """A mark of the test's own."""

    def fits(self, shape: object, value: object) -> bool:
        return type(value) is int and value % 2 == 0

    def lack(self, value: Any) -> str | None:
        return "even" if value % 2 else None

    def schema(self) -> dict[str, Any]:
        return {"multipleOf": 2}

    def words(self) -> str | None:
        return "even"


class Pairs(Model):
    """Has a property with that mark."""

    shoes: Annotated[int, Even()]


def test_a_new_mark_is_one_class():
    declared = Pairs.properties["shoes"]
    assert accept(declared, 4) == 4
    assert accept(declared, 3) is DOUBT
    assert judge(Pairs, {"shoes": "4"})[0].shoes == 4
    assert judge(Pairs, {"shoes": "3"})[1][0].wanted == "even"
    schema = Schemas(lambda _, __: None, is_lenient=False).whole(Pairs)["properties"]["shoes"]
    assert schema == {"type": "integer", "multipleOf": 2}
    assert facts_of(declared).limits == ["even"]


DEMANDS = [
    (Bounds(least=1, most=3), int, [1, 3], [(0, "at least 1"), (4, "at most 3")]),
    (Matches("[a-z]+", "letters"), str, ["a"], [("", "letters"), ("a\n", "letters")]),
    (Filled, list[int], [[1]], [([], "filled")]),
]


@pytest.mark.parametrize(("mark", "shape", "good", "bad"), DEMANDS)
def test_what_fits_lacks_nothing_and_the_other_way_round(mark, shape, good, bad):
    for value in good:
        assert mark.fits(shape, value)
        assert mark.lack(value) is None
    for value, lack in bad:
        assert not mark.fits(shape, value)
        assert mark.lack(value) == lack


def test_bounds_on_a_text_are_never_sure():
    assert not Bounds(least=1).fits(str, "a")
    assert accept(Property("text", Annotated[str, Bounds(most=3)], None), "a") is DOUBT


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (Bounds(), None),
        (Bounds(least=1), "at least 1"),
        (Bounds(1, 3), "at least 1 and at most 3"),
        (Filled, "not empty"),
        (Matches("x", "an x"), "an x"),
    ],
)
def test_marks_say_themselves_in_words(mark, words):
    assert mark.words() == words
