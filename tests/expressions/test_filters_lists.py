import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.filters import FILTERS


def run(name, *arguments, **named):
    return FILTERS[name](*arguments, **named)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("first", [[3, 4]], 3),
        ("first", [[]], None),
        ("last", ["abc"], "c"),
        ("length", ["abc"], 3),
        ("length", [{"a": 1}], 1),
        ("length", [None], 0),
        ("length", [7], 0),
        ("join", [[1, None, 2.0], "-"], "1-null-2.0"),
        ("keys", [{"b": 1, "a": 2}], ["b", "a"]),
        ("keys", [["x", "y"]], [0, 1]),
        ("values", [{"b": 1}], [1]),
        ("chunk", [[1, 2, 3], 2], [[1, 2], [3]]),
        ("flatten", [[1, [2, [3]], []]], [1, 2, [3]]),
        (
            "distinct",
            [[1, 1.0, "1", True, 1, [1], [1], None, None]],
            [1, 1.0, "1", True, [1], None],
        ),
        ("distinct", [None], "null"),
        ("reverse", [[1, 2]], [2, 1]),
        ("sort", [["b", "B", "a"]], ["B", "a", "b"]),
        ("sort", [[2, 1.5, 1]], [1, 1.5, 2]),
        ("sort", [["\ue000", "\U0001f600"]], ["\U0001f600", "\ue000"]),
        ("rsort", [[1, 3, 2]], [3, 2, 1]),
        ("merge", [{"a": 1, "b": 1}, {"a": 2}], {"a": 2, "b": 1}),
        ("merge", [{"a": 1}, ["b"]], {"a": 1, "b": "b"}),
        ("merge", [[1], {"a": 2}], [1, {"a": 2}]),
        ("merge", [None, [1]], [1]),
        ("slice", ["hello", 1, 3], "el"),
        ("slice", [[1, 2, 3], 1], [2, 3]),
    ],
)
def test_list_filters(name, arguments, result):
    got = run(name, *arguments)
    assert got == result
    assert repr(got) == repr(result)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("first", [""], "empty string"),
        ("first", [{}], "collection"),
        ("join", ["abc"], "collection or an array"),
        ("keys", [7], "'keys' filter can only be applied to List, Map, Array"),
        ("values", [[1]], "java.util.ArrayList"),
        ("chunk", [[1], 0], "size"),
        ("chunk", ["ab", 1], "List"),
        ("sort", [[1, "a"]], "one type"),
        ("sort", [[1, None]], "one type"),
        ("sort", [[[1], [2]]], "one type"),
        ("merge", [[1], "x"], "merged with a List. Arg2: java.lang.String"),
        ("merge", ["x", [1]], "can be merged"),
        ("merge", [None, None], "null"),
        ("slice", ["abc", 2, 2], "greater than fromIndex"),
        ("slice", ["abc", -1], "fromIndex"),
        ("slice", ["abc", 0, 4], "toIndex"),
        ("join", [["x" * 1000] * 100, "y" * 200_000], "limit"),
        ("flatten", [[[0] * 600_000, [0] * 600_000]], "limit"),
    ],
)
def test_list_filters_refuse(name, arguments, message):
    with pytest.raises(RenderError, match=message):
        run(name, *arguments)


@given(st.lists(st.integers() | st.floats(allow_nan=False)))
def test_sorting_leaves_its_input_alone(items):
    before = list(items)
    assert run("rsort", items) == run("sort", items)[::-1]
    assert items == before


@given(st.lists(st.integers(0, 5)), st.integers(1, 4))
def test_chunks_flatten_back_to_the_list(items, size):
    assert run("flatten", run("chunk", items, size)) == items
