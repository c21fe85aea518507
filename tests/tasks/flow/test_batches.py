import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.expressions.ion import read_all
from kestrel_cli.model.call import Call, CallResult, Calls
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Outcome
from kestrel_cli.tasks.flow.batches import parts_of
from kestrel_cli.tasks.rows.splitting import Batch
from tests.support.flows import task
from tests.support.reach import RenderingContext
from tests.support.stored import content, name_of, stored


@pytest.fixture
def ctx(tmp_path):
    return RenderingContext(tmp_path, {"no": False, "parents": [], "taskrun": {"id": "run-1"}})


def parts(**properties):
    """The parts of a ForEachItem: split, items, merge."""
    said = {"namespace": "town", "flowId": "round", "items": "{{ uri }}", **properties}
    return parts_of(task("flow.ForEachItem", "box", **said))


def called(number, state="SUCCESS", **more):
    return CallResult(Call("town", "round"), State(state), f"execution-{number}", **more)


# -- split


def test_the_first_part_writes_the_batches_and_the_list_of_them(ctx):
    ctx.values["uri"] = stored(ctx, "1\n2\n3\n", "all.csv")
    outputs = parts(batch=Batch(rows=2))[0].run(ctx).outputs
    assert name_of(outputs["splits"]) == "splits.txt"
    batches = content(ctx, outputs["splits"]).splitlines()
    assert [content(ctx, uri) for uri in batches] == ["1\n2\n", "3\n"]
    assert [name_of(uri) for uri in batches] == ["batch-1.csv", "batch-2.csv"]


def test_an_empty_file_has_no_batches(ctx):
    ctx.values["uri"] = stored(ctx, "")
    assert content(ctx, parts()[0].run(ctx).outputs["splits"]) == ""


@pytest.mark.parametrize("items", ["[1, 2]", "", "file:///etc/passwd"])
def test_what_is_no_file_in_storage_is_refused(ctx, items):
    with pytest.raises(TaskFailed, match="must be the address of a file in internal storage"):
        parts(items=items)[0].run(ctx)


# -- items


def with_batches(ctx, number):
    uris = [f"kestra:///batch-{one}" for one in range(number)]
    splits = stored(ctx, "".join(f"{uri}\n" for uri in uris))
    ctx.values["outputs"] = {"box_split": {"splits": splits}}
    return uris


def test_the_second_part_calls_the_flow_once_for_each_batch_all_at_once(ctx):
    uris = with_batches(ctx, 2)
    inputs = {"bag": "{{ taskrun.items }}", "n": "{{ taskrun.iteration }}"}
    made = parts(inputs=inputs, labels={"by": "{{ taskrun.id }}"}, inheritLabels=True)[1]
    assert made.calls(ctx) == Calls(
        [
            Call(
                "town",
                "round",
                {"bag": uri, "n": number},
                [("by", "run-1")],
                True,
                variables={"taskRunIteration": number},
            )
            for number, uri in enumerate(uris)
        ],
        limit=0,
    )


def test_it_may_not_wait_for_them(ctx):
    with_batches(ctx, 1)
    assert parts(wait="{{ no }}")[1].calls(ctx).wait is False


def test_a_batch_that_fails_stops_nothing(ctx):
    assert not parts()[1].stops(ctx, called(0, "FAILED"))


def test_its_outputs_count_the_executions_by_state(ctx):
    ones = [called(0), called(1, "FAILED"), called(2), called(3, "WARNING")]
    found = parts()[1].outcome(ctx, ones)
    assert found == Outcome(
        {
            "iterations": {"CREATED": 0, "RUNNING": 0, "SUCCESS": 2, "WARNING": 1, "FAILED": 1},
            "numberOfBatches": 4,
        },
        State.FAILED,
    )
    assert [level for level, _ in ctx.logs] == ["ERROR", "WARN"]


def test_without_batches_it_is_a_success(ctx):
    assert parts()[1].outcome(ctx, []) == Outcome(
        {"iterations": {"CREATED": 0, "RUNNING": 0, "SUCCESS": 0}, "numberOfBatches": 0}
    )


def test_failures_may_not_be_transmitted(ctx):
    made = parts(transmitFailed="{{ no }}")[1]
    assert made.outcome(ctx, [called(0, "FAILED")]).state is State.SUCCESS


def test_why_executions_were_not_started_is_told_once(ctx):
    ones = [called(number, "FAILED", error="no such flow") for number in range(3)]
    assert parts()[1].outcome(ctx, ones).state is State.FAILED
    assert ctx.logs == [("ERROR", "no such flow")]


# -- merge


def test_the_outputs_of_the_executions_come_together_in_one_file(ctx):
    ones = [called(0, outputs={"n": 1}), called(1), called(2, outputs={"n": 3})]
    items = parts()[1].outcome(ctx, ones).outputs
    ctx.values["outputs"] = {"box_items": items}
    merged = parts()[2].run(ctx).outputs["subflowOutputs"]
    assert read_all(content(ctx, merged)) == [{"n": 1}, {}, {"n": 3}]


def test_without_outputs_there_is_nothing_to_merge(ctx):
    ctx.values["outputs"] = {"box_items": parts()[1].outcome(ctx, [called(0)]).outputs}
    assert parts()[2].run(ctx) == Outcome()


def test_inside_loops_the_parts_find_the_outputs_of_their_own_values(ctx):
    splits = stored(ctx, "kestra:///mine\n")
    ctx.values["outputs"] = {"box_split": {"outer": {"inner": {"splits": splits}}}}
    ctx.values["parents"] = [
        {"taskrun": {"value": "inner"}},
        {"outputs": {"evaluationResult": True}},
        {"taskrun": {"value": "outer"}},
    ]
    assert len(parts()[1].calls(ctx).calls) == 1
