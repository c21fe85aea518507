"""What is said to somebody whose expression names something that is not there."""

import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from tests.expressions.scenes import Scene, inside
from tests.support.flows import leaf, sequence, task

VARIABLES = (
    "the variables here are `envs`, `execution`, `flow`, `globals`, `labels`, `outputs`,"
    " `parents`, `task`, `taskrun`, `tasks`"
)


@pytest.mark.parametrize(
    ("template", "hint"),
    [
        ("{{ nope }}", VARIABLES),
        ("{{ output.x }}", f"{VARIABLES}; did you mean `outputs`?"),
        ("{{ taskRun.id }}", f"{VARIABLES}; did you mean `taskrun`?"),
        ("{{ flow.idd }}", "`flow` has `id`, `namespace`, `revision`; did you mean `id`?"),
        ("{{ flow['name'] }}", "`flow` has `id`, `namespace`, `revision`"),
        ("{{ envs.x }}", "`envs` has nothing"),
        ("{{ flow.id.x }}", "`flow.id` has no such parts: it is null or no map"),
        ("{{ taskrun.zzz }}", "`taskrun` has `id`, `startDate`, `attemptsCount`, `parentId`"),
        (
            "{{ taskrun.ids }}",
            "`taskrun` has `id`, `startDate`, `attemptsCount`, `parentId`; did you mean `id`?",
        ),
    ],
)
def test_names_that_exist_there_are_listed(template, hint):
    assert Scene(leaf("a")).hint(template) == hint


def test_only_the_first_of_many_names_are_listed():
    scene = Scene(leaf("a"))
    scene.born(inputs={f"i{n}": n for n in range(14)})
    assert scene.hint("{{ inputs.zzz }}") == (
        "`inputs` has `i0`, `i1`, `i2`, `i3`, `i4`, `i5`, `i6`, `i7`, `i8`, `i9` and 4 more"
    )


@pytest.mark.parametrize(
    ("template", "hint"),
    [
        ("{{ inputs.map.c }}", "`inputs.map` has `a`, `b`"),
        ("{{ inputs['map']['c'] }}", "`inputs['map']` has `a`, `b`"),
        ("{{ inputs.list[5] }}", "`inputs.list` has `0`, `1`"),
        ("{{ inputs.list[0].x }}", "`inputs.list[0]` has no such parts: it is null or no map"),
        ("{{ inputs.null.x }}", "`inputs.null` has no such parts: it is null or no map"),
    ],
)
def test_a_place_is_spelled_as_in_the_template(template, hint):
    scene = Scene(leaf("a"))
    scene.born(inputs={"map": {"a": 1, "b": 2}, "list": [1, 2], "null": None})
    assert scene.hint(template) == hint


# -- taskrun.value


@pytest.mark.parametrize("name", ["value", "iteration"])
def test_outside_of_a_loop_there_is_no_value(name):
    hint = f"`taskrun.{name}` exists only in the tasks of a loop"
    assert Scene(leaf("a")).hint(f"{{{{ taskrun.{name} }}}}") == hint
    assert inside("seq", "if").hint(f"{{{{ taskrun.{name} }}}}") == hint


@pytest.mark.parametrize(
    ("levels", "spelling"),
    [
        (("v", "if"), "parent.taskrun.value"),
        (("v", "seq"), "parent.taskrun.value"),
        (("v", "if", "if"), "parents[1].taskrun.value"),
        (("v", "switch", "if", "if"), "parents[2].taskrun.value"),
        (("a", "b", "if"), "parent.taskrun.value"),
        (("a", "switch", "b", "if", "if"), "parents[1].taskrun.value"),
    ],
)
def test_below_a_loop_the_value_is_further_up(levels, spelling):
    scene = inside(*levels)
    assert scene.hint("{{ taskrun.value }}") == (
        "only the direct children of a loop have `taskrun.value`; "
        f"here the loop's value is `{spelling}`"
    )
    value = [level for level in levels if len(level) == 1][-1]
    assert scene.text(f"{{{{ {spelling} }}}}") == value


# -- outputs


def test_outputs_of_a_task_that_does_not_exist():
    scene = Scene(leaf("first"), leaf("b"))
    scene.play.work(0, outputs={"value": 1})
    assert (
        scene.hint("{{ outputs.frist.value }}")
        == "there are outputs of `first`; did you mean `first`?"
    )


def test_outputs_of_a_task_that_has_not_run():
    assert Scene(leaf("a"), leaf("b")).hint("{{ outputs.b.value }}") == (
        "the task `b` has no outputs: it has not run"
    )


@pytest.mark.parametrize("state", ["SKIPPED", "RUNNING"])
def test_outputs_of_a_task_that_has_none(state):
    scene = Scene(leaf("a"), leaf("b"))
    if state == "SKIPPED":
        scene.play.skip(0)
    else:
        scene.play.start(0)
    assert (
        scene.hint("{{ outputs.a.value }}")
        == f"the task `a` has no outputs: its task run is {state}"
    )


def test_an_output_that_the_task_does_not_have():
    scene = Scene(leaf("a"), leaf("b"))
    scene.play.work(0, outputs={"value": 1, "count": 2})
    assert (
        scene.hint("{{ outputs.a.values }}")
        == "`outputs.a` has `value`, `count`; did you mean `value`?"
    )


def test_a_task_without_any_output():
    scene = Scene(leaf("a"), leaf("b"))
    scene.play.work(0, outputs={})
    assert scene.hint("{{ outputs.a.value }}") == "`outputs.a` has nothing"


def looped(*after):
    """Two values of a loop have run `a`; what comes after it is about to."""
    scene = Scene(
        task("flow.ForEach", "each", values=["x", "y"], tasks=(leaf("a"), *after)), leaf("end")
    )
    scene.play.expand(
        0, [Lane("tasks", 0, 1 + len(after), value, n) for n, value in enumerate("xy")]
    )
    return scene


def test_outputs_of_a_loop_without_an_index_after_it():
    scene = looped()
    scene.play.work(1, outputs={"value": 1})
    scene.play.work(2, outputs={"value": 2})
    assert scene.hint("{{ outputs.a.value }}") == (
        "`a` ran in a loop, its outputs have one index for each value:"
        " `outputs.a['x'].value`; it has `x`, `y`"
    )
    assert scene.text("{{ outputs.a['x'].value }}") == "1"


def test_outputs_of_a_loop_without_an_index_inside_of_it():
    scene = looped(leaf("b"))
    scene.play.work(1, outputs={"value": 1})
    assert scene.hint("{{ outputs.a.value }}") == (
        "`a` ran in a loop, its outputs have one index for each value:"
        " `outputs.a[taskrun.value].value`; it has `x`"
    )
    assert scene.text("{{ outputs.a[taskrun.value].value }}") == "1"


def test_outputs_of_a_loop_without_an_index_under_an_if():
    scene = looped(task("flow.If", "if", condition="true", then=(leaf("b"),)))
    scene.play.work(1, outputs={"value": 1})
    scene.play.expand(2, [Lane("then", 0, 1)], outputs={"evaluationResult": True})
    assert scene.hint("{{ outputs.a.value }}") == (
        "`a` ran in a loop, its outputs have one index for each value:"
        " `outputs.a[parent.taskrun.value].value`; it has `x`"
    )
    assert scene.text("{{ outputs.a[parent.taskrun.value].value }}") == "1"


def test_outputs_of_a_loop_for_a_value_that_has_none():
    scene = looped(leaf("b"))
    scene.play.work(1, outputs={"value": 1})
    scene.play.work(2)
    scene.play.skip(3)
    assert scene.text("{{ taskrun.value }}") == "y"
    assert scene.hint("{{ outputs.a[taskrun.value].value }}") == "`outputs.a` has `x`"


def nested():
    """Two loops inside each other; `a` has run for the values o and i, `b` comes next."""
    inner = task("flow.ForEach", "inner", values=["i"], tasks=(leaf("a"), leaf("b")))
    scene = Scene(task("flow.ForEach", "outer", values=["o"], tasks=(inner,)), leaf("end"))
    scene.play.expand(0, [Lane("tasks", 0, 1, "o", 0)])
    scene.play.expand(1, [Lane("tasks", 0, 2, "i", 0)])
    scene.play.work(2, outputs={"value": 1})
    return scene


def test_outputs_of_nested_loops_without_any_index():
    scene = nested()
    assert scene.hint("{{ outputs.a.value }}") == (
        "`a` ran in a loop, its outputs have one index for each value:"
        " `outputs.a[parent.taskrun.value][taskrun.value].value`; it has `o`"
    )
    assert scene.text("{{ outputs.a[parent.taskrun.value][taskrun.value].value }}") == "1"


def test_outputs_of_nested_loops_with_one_index_too_few():
    hint = nested().hint("{{ outputs.a[parent.taskrun.value].value }}")
    assert hint == "`outputs.a[parent.taskrun.value]` has `i`"


def test_a_flowables_own_outputs_are_hinted_at_too():
    scene = Scene(sequence("s", leaf("a")), leaf("b"))
    scene.play.expand(0, [Lane("tasks", 0, 1)])
    scene.play.work(1, outputs={"value": 1})
    assert scene.hint("{{ outputs.s.value }}") == "`outputs.s` has nothing"


def test_the_execution_itself_gets_hints_too():
    scene = Scene(leaf("a"))
    scene.play.work(0, State.SUCCESS, outputs={"value": 1})
    assert scene.hint("{{ outputs.a.nope }}", None) == "`outputs.a` has `value`"
    assert scene.hint("{{ outputs.nope }}", None) == "there are outputs of `a`"
    assert scene.hint("{{ taskrun }}", None).startswith("the variables here are `envs`, ")


def test_after_the_loop_the_execution_itself_is_told_a_value_that_exists():
    scene = looped()
    scene.play.work(1, outputs={"value": 1})
    assert scene.hint("{{ outputs.a.value }}", None) == (
        "`a` ran in a loop, its outputs have one index for each value:"
        " `outputs.a['x'].value`; it has `x`"
    )


def test_before_any_task_has_outputs_that_is_what_is_said():
    assert Scene(leaf("a")).hint("{{ outputs.nope.value }}") == "no task has outputs yet"


def test_a_number_finds_no_key_that_is_text():
    scene = Scene(leaf("a"))
    scene.born(inputs={"rows": {"1": "x"}})
    assert scene.hint("{{ inputs.rows[2 - 1] }}") == (
        "`1` is a number here, and the keys of `inputs.rows` are text: "
        "`inputs.rows[(...) | string]`"
    )
