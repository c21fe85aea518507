import math
from typing import Annotated, Any, ClassVar, Literal

import pytest

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import (
    DOUBT,
    REQUIRED,
    Model,
    Property,
    accept,
    accept_all,
    is_template,
    made_of,
    unwrapped,
)
from kestrel_cli.model.marks import Bounds, Children, Filled, Internal, Matches, OldName, Template


class Inner(Model):
    n: int
    text: str = "none"


class Base(Model):
    id: str
    kind: ClassVar[str] = "base"
    secret: Annotated[int, Internal]


class Derived(Base):
    finally_: tuple[str, ...] = ()
    size: Annotated[int | None, OldName("length"), Bounds(least=1)] = None
    tasks: Annotated[tuple[str, ...], Children] = ()


class Again(Derived):
    id: str = "again"


# -- declarations


def test_properties_are_those_of_the_bases_first_and_without_what_no_file_can_say():
    assert list(Base.properties) == ["id"]
    assert list(Derived.properties) == ["id", "finally", "size", "tasks"]


def test_a_class_may_declare_a_property_of_its_base_anew():
    assert Derived.properties["id"].required
    assert not Again.properties["id"].required
    assert list(Again.properties) == ["id", "finally", "size", "tasks"]


def test_a_python_keyword_is_spelled_without_its_underscore_in_the_file():
    declared = Derived.properties["finally"]
    assert (declared.name, declared.attribute) == ("finally", "finally_")


def test_marks_are_read_from_the_annotation():
    size, tasks = Derived.properties["size"], Derived.properties["tasks"]
    assert (size.old_name, size.required, size.holds_tasks, size.dynamic) == (
        "length",
        False,
        False,
        False,
    )
    assert (tasks.old_name, tasks.holds_tasks) == (None, True)
    assert Property("x", Annotated[int, Template], 1).dynamic


def test_marks_inside_an_optional_count_too():
    shape, marks = unwrapped(Annotated[int, Template] | None)
    assert Template in marks
    assert shape == Annotated[int, Template] | None


def test_a_bare_type_has_no_marks():
    assert unwrapped(int) == (int, ())
    assert unwrapped(list[int]) == (list[int], ())


def test_the_sign_for_required_says_so():
    assert repr(REQUIRED) == "REQUIRED"


# -- instances


def test_an_instance_has_its_values_and_the_defaults_of_the_rest():
    made = Derived(id="a", size=3)
    assert (made.id, made.size, made.finally_, made.tasks) == ("a", 3, (), ())


def test_an_instance_needs_what_is_required():
    with pytest.raises(TypeError, match=r"^Derived needs id$"):
        Derived(size=3)


def test_an_instance_shows_what_differs_from_the_defaults_under_the_files_names():
    assert repr(Derived(id="a", finally_=("x",))) == "Derived(id='a', finally=('x',))"
    assert repr(Again()) == "Again()"


def test_changed_gives_a_copy_and_leaves_the_original_alone():
    one = Derived(id="a", size=3)
    other = one.changed(size=4, finally_=("f",))
    assert (one.size, one.finally_) == (3, ())
    assert (type(other), other.id, other.size, other.finally_) == (Derived, "a", 4, ("f",))


def test_made_of_fills_in_defaults_and_leaves_required_ones_empty():
    made = made_of(Derived, {"size": 2})
    assert (made.id, made.size, made.finally_) == (None, 2, ())


# -- plain acceptance


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ x }}", True),
        ("{% if %}", True),
        ("{# c #}", True),
        ("{ }", False),
        ("", False),
        ("}}", False),
    ],
)
def test_what_counts_as_a_template(text, expected):
    assert is_template(text) is expected


def one(annotation, value):
    return accept(Property("x", annotation, REQUIRED), value)


ACCEPTED = [
    (str, "a", "a"),
    (str, True, "true"),
    (str, False, "false"),
    (str, 12, "12"),
    (bool, True, True),
    (int, 5, 5),
    (float, 1.5, 1.5),
    (float, 3, 3.0),
    (float, 2**53, 9007199254740992.0),
    (Any, object, object),
    (object, None, None),
    (type(None), None, None),
    (Duration, "PT1S", 1_000_000_000),
    (Duration, "2.5", 2_500_000_000),
    (str | None, None, None),
    (int | str, "a", "a"),
    (int | str, 4, 4),
    (int | None, 4, 4),
    (Literal["A", "B"], "B", "B"),
    (list[int], [1, 2], [1, 2]),
    (list[str], [1, True], ["1", "true"]),
    (list[int], [], []),
    (dict[str, int], {"a": 1}, {"a": 1}),
    (str | list[Any], [1, None], [1, None]),
    (Annotated[int, Template], "{{ n }}", "{{ n }}"),
    (Annotated[int, Template], 4, 4),
    (Annotated[int, Template] | None, "{{ n }}", "{{ n }}"),
    (Annotated[int, Bounds(least=1, most=3)], 3, 3),
    (Annotated[int, Bounds(least=1, most=3)], 1, 1),
    (Annotated[int, Bounds()], 10**30, 10**30),
    (Annotated[str, Matches("[a-z]+", "letters")], "abc", "abc"),
    (Annotated[list[int], Filled], [1], [1]),
    (Annotated[str, Filled], "x", "x"),
    (Annotated[dict[str, int], Filled], {"a": 1}, {"a": 1}),
    (list[Annotated[int, Bounds(least=1)]], [1], [1]),
    (Annotated[str, OldName("y")], "x", "x"),
]

DOUBTED = [
    (str, 1.5),
    (str, None),
    (str, ["a"]),
    (bool, 1),
    (bool, "true"),
    (int, "5"),
    (int, True),
    (int, 1.0),
    (float, True),
    (float, "1.5"),
    (float, 2**53 + 1),
    (type(None), 0),
    (Duration, "soon"),
    (Duration, 5),
    (Duration, "{{ d }}"),
    (int | None, "5"),
    (Literal["A", "B"], "C"),
    (Literal["A", "B"], ["A"]),
    (list[int], "1"),
    (list[int], [1, "x"]),
    (dict[str, int], {"a": "x"}),
    (dict[str, int], [1]),
    (tuple[int, ...], (1,)),
    (Annotated[int, Template], "n"),
    (Annotated[int, Bounds(least=1)], 0),
    (Annotated[int, Bounds(most=3)], 4),
    (Annotated[int, Bounds(least=0)], True),
    (Annotated[int, Bounds(least=0)], "1"),
    (Annotated[str, Matches("[a-z]+", "letters")], "abc\n"),
    (Annotated[str, Matches("[a-z]+", "letters")], "A"),
    (Annotated[str, Matches("[a-z]+", "letters")], 5),
    (Annotated[list[int], Filled], []),
    (Annotated[str, Filled], ""),
    (Annotated[int, Filled], 0),
    (list[Annotated[int, Bounds(least=1)]], [0]),
]


@pytest.mark.parametrize(("annotation", "value", "kept"), ACCEPTED)
def test_a_value_that_plainly_fits_is_kept_in_its_final_form(annotation, value, kept):
    found = one(annotation, value)
    assert found == kept
    assert type(found) is (Duration if annotation is Duration else type(kept))


@pytest.mark.parametrize(("annotation", "value"), DOUBTED)
def test_everything_else_is_in_doubt(annotation, value):
    assert one(annotation, value) is DOUBT


def test_numbers_that_are_none_are_kept_as_such():
    assert math.isnan(one(float, math.nan))


def test_a_map_that_fits_a_model_becomes_one():
    found = one(Inner, {"n": 1})
    assert isinstance(found, Inner)
    assert (found.n, found.text) == (1, "none")


@pytest.mark.parametrize("value", [{}, {"n": "x"}, {"n": 1, "other": 2}, {"n": None}, [1], "n"])
def test_a_map_that_does_not_plainly_fit_a_model_is_in_doubt(value):
    assert one(Inner, value) is DOUBT


def test_models_inside_lists_and_maps_are_made():
    assert [inner.n for inner in one(list[Inner], [{"n": 1}, {"n": 2}])] == [1, 2]
    assert one(dict[str, Inner], {"a": {"n": 3}})["a"].n == 3
    assert one(list[Inner], [{"n": 1}, {"m": 2}]) is DOUBT


# -- whole models


def test_a_null_means_the_default():
    assert accept_all(Inner, {"n": 1, "text": None}).text == "none"


def test_tasks_are_left_to_the_builder():
    made = accept_all(Derived, {"id": "a", "tasks": ["anything", 3], "finally": None})
    assert made.tasks == ()


def test_older_names_are_in_doubt():
    assert accept_all(Derived, {"id": "a", "length": 3}) is DOUBT


def test_attributes_that_no_file_can_say_are_in_doubt():
    assert accept_all(Base, {"id": "a", "secret": 1}) is DOUBT


@pytest.mark.parametrize("values", [{}, {"size": 3}, {"id": None}])
def test_a_missing_required_property_is_in_doubt(values):
    assert accept_all(Derived, values) is DOUBT
