import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.expressions.ion import read_first
from kestrel_cli.model.call import Call, CallResult, Calls
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Outcome
from tests.support.flows import leaf, task
from tests.support.reach import RenderingContext
from tests.support.stored import content, stored

OUTPUT = [object()]  # that there are declared ones is all that counts here


@pytest.fixture
def ctx(tmp_path):
    return RenderingContext(tmp_path, {"two": 2, "list": ["a", 1], "map": {"k": "v"}, "no": False})


def loop(values=(), **properties):
    return task("flow.Loop", "box", values=values, tasks=(leaf("a"),), **properties)


def items(ctx, values):
    return [call.item for call in loop(values).calls(ctx).calls]


def called(number, state="SUCCESS", value="x", **more):
    call = Call(item={"index": number, "value": value})
    return CallResult(call, State(state), f"execution-{number}", **more)


# -- what it starts


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["a", 1, 1.5, True, ["b"], "{{ two }}"], ["a", "1", "1.5", "true", '["b"]', "2"]),
        ("{{ list }}", ["a", "1"]),
        ("[1, {}]", ["1", "{}"]),
        ([], []),
        (["a", "a"], ["a", "a"]),
    ],
)
def test_each_value_of_a_list_is_an_item_of_text_with_its_number(ctx, values, found):
    assert items(ctx, values) == [{"index": n, "value": value} for n, value in enumerate(found)]


@pytest.mark.parametrize("values", [{"k": "v"}, "{{ map }}", '{"k": "v"}'])
def test_each_entry_of_a_map_is_an_item_with_its_key(ctx, values):
    assert items(ctx, values) == [{"index": 0, "key": "k", "value": "v"}]


def test_values_may_be_the_rows_of_a_file(ctx):
    uri = stored(ctx, '{a: 1}\n\n"b"\n3\n', "rows.ion")
    assert [one["value"] for one in items(ctx, f"  {uri} ")] == ['{"a":1}', "b", "3"]


@pytest.mark.parametrize("values", ["a", "{{ two }}", "", '"a"'])
def test_other_values_are_refused(ctx, values):
    with pytest.raises(TaskFailed, match="must be a list, a map, or text"):
        loop(values).calls(ctx)


@pytest.mark.parametrize("values", [["a", None], '["a", null]', {"k": None}])
def test_a_null_among_them_is_refused(ctx, values):
    with pytest.raises(TaskFailed, match=r"^Found a null value inside the iteration values$"):
        loop(values).calls(ctx)


@pytest.mark.parametrize("limit", [0, 1, 4])
def test_the_limit_is_how_many_run_at_once(ctx, limit):
    assert loop(["a"], concurrencyLimit=limit).calls(ctx) == Calls(
        [Call(item={"index": 0, "value": "a"})], limit=limit
    )


def test_an_inner_loop_knows_the_items_around_it_the_outermost_first(ctx):
    outer = {"index": 0, "value": "o"}
    middle = {"index": 1, "key": "m", "value": "m"}
    ctx.values["item"] = middle | {"parent": outer, "parents": [outer]}
    (item,) = items(ctx, ["x"])
    assert item == {"index": 0, "value": "x", "parent": middle, "parents": [outer, middle]}


# -- when it stops


@pytest.mark.parametrize(
    ("state", "transmits", "stops"),
    [
        ("FAILED", True, True),
        ("KILLED", True, True),
        ("FAILED", "{{ no }}", False),
        ("WARNING", True, False),
        ("SUCCESS", True, False),
    ],
)
def test_a_failure_stops_it_when_it_is_transmitted(ctx, state, transmits, stops):
    assert loop(transmitFailed=transmits).stops(ctx, called(0, state)) is stops


@pytest.mark.parametrize(("number", "stops"), [(1, False), (2, True)])
def test_a_condition_on_the_iteration_stops_it(ctx, number, stops):
    condition = "{{ iteration.outputs.n == two and iteration.state == 'SUCCESS' }}"
    made = loop(breakWhen=condition)
    assert made.stops(ctx, called(0, outputs={"n": number})) is stops


# -- what becomes of it


def test_its_outputs_count_the_iterations(ctx):
    assert loop().outcome(ctx, [called(0), called(1)]) == Outcome(
        {"iterationCount": 2, "runningIterations": 0, "terminatedIterations": 2}
    )


def test_declared_outputs_come_with_their_items(ctx):
    ones = [called(0, outputs={"n": 1}), called(1, value={"v": 2})]
    ones[1].call.item["key"] = "k"
    assert loop(outputs=OUTPUT).outcome(ctx, ones).outputs["outputs"] == [
        {"item": {"value": "x", "iteration": 0}, "outputs": {"n": 1}},
        {"item": {"value": {"v": 2}, "iteration": 1, "key": "k"}, "outputs": {}},
    ]


def test_they_may_be_stored_one_file_for_each_iteration(ctx):
    made = loop(outputs=OUTPUT, fetchType="STORE")
    found = made.outcome(ctx, [called(0, outputs={"n": 1}), called(1)]).outputs["outputs"]
    assert [read_first(content(ctx, one["uri"])) for one in found] == [{"n": 1}, {}]
    assert [one["item"]["iteration"] for one in found] == [0, 1]


@pytest.mark.parametrize(("kind", "is_stored"), [("AUTO", True), ("FETCH", False)])
def test_those_of_values_from_a_file_are_unless_it_says_fetch(ctx, kind, is_stored):
    made = loop(stored(ctx, "1\n"), outputs=OUTPUT, fetchType=kind)
    (found,) = made.outcome(ctx, [called(0)]).outputs["outputs"]
    assert ("uri" in found) is is_stored


@pytest.mark.parametrize(
    ("states", "final"),
    [
        ([], "SUCCESS"),
        (["SUCCESS", "WARNING"], "WARNING"),
        (["WARNING", "FAILED", "SUCCESS"], "FAILED"),
        (["KILLED", "FAILED"], "KILLED"),
        (["CANCELLED"], "SUCCESS"),
    ],
)
def test_the_worst_iteration_is_its_state_when_failures_are_transmitted(ctx, states, final):
    ones = [called(number, state) for number, state in enumerate(states)]
    assert loop().outcome(ctx, ones).state is State(final)
    assert loop(transmitFailed=False).outcome(ctx, ones).state is State.SUCCESS


def test_why_iterations_were_not_started_is_told_once(ctx):
    ones = [called(number, "FAILED", error="too deep") for number in range(3)]
    loop().outcome(ctx, ones)
    assert ctx.logs == [("ERROR", "too deep")]
