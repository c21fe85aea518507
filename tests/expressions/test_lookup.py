import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.lookup import (
    Budget,
    Entry,
    Loop,
    MissingValue,
    call_method,
    get,
    iterate,
    missing,
)

LOOP = Loop(3)
LOOP.index = 1


class Map(dict):
    """A map of a class of its own."""


@pytest.mark.parametrize(
    ("holder", "key", "value"),
    [
        ({"a": 1}, "a", 1),
        ({"a": None}, "a", None),
        ({"1": "x"}, "1", "x"),
        ({1: "x"}, 1, "x"),
        (Map(a=1), "a", 1),
        ([10, 20], 0, 10),
        ([10, 20], "1", 20),
        ((10, 20), 1, 20),
        ([1, 2], "size", 2),
        ([1, 2], "length", 2),
        ([], "empty", True),
        ([1], "empty", False),
        ("abc", "length", 3),
        ({"size": 9}, "size", 9),
        (Entry("k", 5), "key", "k"),
        (Entry("k", 5), "value", 5),
        (LOOP, "index", 1),
        (LOOP, "length", 3),
        (LOOP, "first", False),
        (LOOP, "last", False),
        (LOOP, "revindex", 1),
    ],
)
def test_what_there_is_to_read(holder, key, value):
    assert get(holder, key, ("x",)) == value


@pytest.mark.parametrize(
    ("holder", "key", "name", "keys"),
    [
        ({"a": 1}, "b", "b", ("a",)),
        ({"a": 1}, 1, "1", ("a",)),
        ({"a": 1}, [1], "[1]", ("a",)),
        ({"a": 1}, None, "null", ("a",)),
        (Map(a=1), "b", "b", ("a",)),
        ([10, 20], 2, "2", ("0", "1")),
        ([10, 20], -1, "-1", ("0", "1")),
        ([10], True, "true", ("0",)),
        ([10], 1.0, "1.0", ("0",)),
        ([10], "1.0", "1.0", ("0",)),
        ([10], "٣", "٣", ("0",)),
        ([10], "9" * 5000, "9" * 5000, ("0",)),
        ([10], "x", "x", ("0",)),
        ("abc", 0, "0", None),
        ("abc", "upper", "upper", None),
        (5, "real", "real", None),
        (True, "real", "real", None),
        (Entry("k", 5), "other", "other", None),
        (LOOP, "index0", "index0", ("index", "length", "first", "last", "revindex")),
    ],
)
def test_what_is_missing_tells_its_name_and_what_there_is(holder, key, name, keys):
    with pytest.raises(MissingValue) as failure:
        get(holder, key, ("x",))
    error = failure.value
    assert (error.name, error.path, error.keys, error.missing) == (name, ("x",), keys, True)
    assert str(error) == f"Unable to find `{name}`"


@pytest.mark.parametrize(("path", "name"), [(("x",), "x"), (("x", "y"), "b"), ((), "b")])
def test_null_is_named_by_its_variable_when_it_is_a_bare_one(path, name):
    with pytest.raises(MissingValue, match=f"^Unable to find `{name}`$"):
        get(None, "b", path)


def test_only_some_of_very_many_keys_are_kept():
    assert len(missing("x", (), {str(n): n for n in range(10_000)}).keys) == 200
    with pytest.raises(MissingValue) as failure:
        get(list(range(1000)), 5000, ())
    assert len(failure.value.keys) == 20


@pytest.mark.parametrize(
    ("values", "items"), [([1, None], [1, None]), ((1,), [1]), ([], []), (None, []), ({}, [])]
)
def test_lists_are_walked_and_null_has_nothing(values, items):
    assert [item for _, item in iterate(values, Budget())] == items


def test_maps_are_walked_by_their_entries():
    assert [(entry.key, entry.value) for _, entry in iterate({"a": 1, "b": None}, Budget())] == [
        ("a", 1),
        ("b", None),
    ]


def test_the_loop_counts_from_zero_and_down_to_zero():
    facts = [
        (loop.index, get(loop, "revindex", ()), get(loop, "first", ()), get(loop, "last", ()))
        for loop, _ in iterate(["a", "b", "c"], Budget())
    ]
    assert facts == [(0, 2, True, False), (1, 1, False, False), (2, 0, False, True)]


@pytest.mark.parametrize(
    ("values", "shown"), [("ab", "ab"), (5, "5"), (True, "true"), (1.0, "1.0")]
)
def test_scalars_cannot_be_walked(values, shown):
    with pytest.raises(RenderError) as failure:
        list(iterate(values, Budget()))
    assert str(failure.value) == f"Not an iterable object. Value = [{shown}]"


@pytest.mark.parametrize(
    ("holder", "name", "value"),
    [
        ("abc", "length", 3),
        ([1, 2], "size", 2),
        ({"a": 1}, "size", 1),
        ("", "isEmpty", True),
        ([1], "isEmpty", False),
        ({"a": 1, "b": 2}, "keySet", ["a", "b"]),
        (" aB ", "toUpperCase", " AB "),
        (" aB ", "toLowerCase", " ab "),
        (" aB ", "trim", "aB"),
    ],
)
def test_these_methods_only_look(holder, name, value):
    assert call_method(holder, name, ()) == value


@pytest.mark.parametrize(
    ("holder", "name"),
    [
        ("a", "upper"),
        ("a", "getClass"),
        ([1], "append"),
        ({"a": 1}, "pop"),
        (5, "size"),
        (None, "size"),
        ([1], "keySet"),
        ([1], "trim"),
    ],
)
def test_no_other_method_exists(holder, name):
    with pytest.raises(MissingValue, match=f"`{name}`"):
        call_method(holder, name, ())
