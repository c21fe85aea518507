import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.frame import Lane
from kestrel_cli.tasks.flow.loops import loop_values, value_lanes
from tests.support.context import FakeContext
from tests.support.flows import leaf


def values(said, **table):
    return loop_values(FakeContext(table), said)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ('["a","b"]', ["a", "b"]),
        ("[]", []),
        (" [ 1 , 2 ] ", ["1", "2"]),
        ("[1.5,true,false]", ["1.5", "true", "false"]),
        ('[{"a": 1}, [1, 2]]', ['{"a":1}', "[1,2]"]),
        ('["é", {"k": "水"}]', ["é", '{"k":"水"}']),
        ('["", " "]', ["", " "]),
        ('["a","a","b","a"]', ["a", "b"]),
        ('[1,"1"]', ["1"]),
        ('[{"a":1},{"a":1}]', ['{"a":1}']),
        ("[12345678901234567890]", ["12345678901234567890"]),
    ],
)
def test_a_text_gives_the_elements_of_a_json_array(array, expected):
    assert values("<v>", v=array) == expected
    assert values(array) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        ([1, 2], ["1", "2"]),
        ([], []),
        (["<x>", "b"], ["1", "b"]),
        ([{"k": "<x>"}], ['{"k":1}']),
        ([1, "1", "<x>"], ["1"]),
        ([{}], ["{}"]),
        (["[1,2]"], ["[1,2]"]),
    ],
)
def test_a_list_may_hold_texts_whole_numbers_and_maps(said, expected):
    assert values(said, x=1) == expected


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("a,b", "the values must render to a JSON array, got: a,b"),
        ("", "the values must render to a JSON array, got: "),
        ("x" * 300, f"the values must render to a JSON array, got: {'x' * 200}..."),
        ('{"a":1}', 'the values must render to a JSON array, got a map: {"a":1}'),
        ("5", "the values must render to a JSON array, got a number: 5"),
        ("1.5", "the values must render to a JSON array, got a number: 1.5"),
        ('"a"', 'the values must render to a JSON array, got text: "a"'),
        ("true", "the values must render to a JSON array, got a boolean: true"),
        ("null", "the values must render to a JSON array, got nothing: null"),
        ("[" * 100_000, f"the values must render to a JSON array, got: {'[' * 200}..."),
        ({"a": 1}, "Unknown value type: expected a list or a JSON array, got a map"),
        (5, "Unknown value type: expected a list or a JSON array, got a number"),
        (None, "Unknown value type: expected a list or a JSON array, got nothing"),
        (["a", True], "Unknown value element type: a boolean `True`; write it as text"),
        ([1.5], "Unknown value element type: a number `1.5`; write it as text"),
        ([["a"]], "Unknown value element type: a list; write the list as a JSON text"),
        ("[null]", "Found '1' null values on Each, with values=[null]"),
        ('["a",null,1,null]', "Found '2' null values on Each, with values=[\"a\",null,1,null]"),
        ([None, "a"], "Found '1' null values on Each, with values=[null,\"a\"]"),
    ],
)
def test_everything_else_fails_and_says_what_it_got(said, message):
    with pytest.raises(TaskFailed) as failure:
        values(said)
    assert str(failure.value) == message


def test_a_template_that_fails_stays_the_failure_of_the_template():
    with pytest.raises(RenderError, match="Unable to find `nope`"):
        values(["a", "<nope>"])


def test_each_value_is_a_lane_through_all_tasks_counted_from_zero():
    assert value_lanes(["x", "y"], (leaf("a"), leaf("b"))) == [
        Lane("tasks", 0, 2, "x", 0),
        Lane("tasks", 0, 2, "y", 1),
    ]


def test_without_tasks_there_are_no_lanes():
    assert value_lanes(["x", "y"], ()) == []


def test_without_values_there_are_no_lanes():
    assert value_lanes([], (leaf("a"),)) == []
