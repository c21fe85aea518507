"""What a template sees."""

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.scope import MISSING
from kestrel_cli.expressions.variables import NAMES
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from tests.expressions.scenes import Scene, inside
from tests.support.flows import leaf, sequence, task
from tests.support.play import constant

NOTHING = "-"
IF, CASE = {"outputs": {"evaluationResult": True}}, {"outputs": {"value": "c", "defaults": False}}


def with_value(value, entry=None):
    return {"taskrun": {"value": value}, **(entry or {})}


# What stands around a leaf, outermost first, and what it sees: taskrun.value,
# parent.taskrun.value, parents. Only the leaf of a loop has its value; ancestors that have neither
# a value nor outputs are not in `parents`. If and Switch always have outputs.
TABLE = [
    (("v",), "v", NOTHING, []),
    (("v", "if"), NOTHING, "v", [with_value("v", IF)]),
    (("v", "seq"), NOTHING, "v", [with_value("v")]),
    (("v", "if", "if"), NOTHING, NOTHING, [IF, with_value("v", IF)]),
    (("v", "seq", "seq"), NOTHING, "v", [with_value("v")]),
    (("a", "b"), "b", "a", [with_value("a")]),
    (("a", "b", "c"), "c", "b", [with_value("b"), with_value("a")]),
    (("a", "switch", "b", "switch"), NOTHING, "b", [with_value("b", CASE), with_value("a", CASE)]),
    (("seq",), NOTHING, NOTHING, []),
    (("if",), NOTHING, NOTHING, [IF]),
    (("a", "b", "if"), NOTHING, "b", [with_value("b", IF), with_value("a")]),
    ((), NOTHING, NOTHING, []),
]


@pytest.mark.parametrize(("levels", "own", "parent", "parents"), TABLE)
def test_the_values_of_loops_as_a_leaf_sees_them(levels, own, parent, parents):
    scene = inside(*levels)
    assert scene.text(f"{{{{ taskrun.value ?? '{NOTHING}' }}}}") == own
    assert scene.text(f"{{{{ parent.taskrun.value ?? '{NOTHING}' }}}}") == parent
    assert scene.value("{{ parents }}") == parents
    assert scene.value("{{ parent ?? null }}") == (parents[0] if parents else None)


@pytest.mark.parametrize(("levels", "own", "_", "__"), TABLE)
def test_what_a_leaf_does_not_see_is_an_error(levels, own, _, __):
    scene = inside(*levels)
    for template in ("{{ taskrun.value }}", "{{ (taskrun).value }}"):
        if own == NOTHING:
            with pytest.raises(RenderError, match="Unable to find `value`"):
                scene.text(template)
        else:
            assert scene.text(template) == own


def test_the_iteration_belongs_to_the_direct_children_of_a_loop():
    assert inside("v").text("{{ taskrun.iteration }}") == "0"
    with pytest.raises(RenderError, match="Unable to find `iteration`"):
        inside("v", "if").text("{{ taskrun.iteration }}")


def test_errors_of_a_loop_have_no_value():
    scene = Scene(
        task("flow.ForEach", "each", values=["x"], tasks=(leaf("a"),), errors=(leaf("e"),))
    )
    scene.play.expand(0, [Lane("tasks", 0, 1, "x", 0)])
    scene.play.work(1, State.FAILED)
    assert scene.execution.runs[2].task.id == "e"
    assert scene.value("{{ taskrun.value ?? null }}") is None
    assert scene.value("{{ parents }}") == []


# -- taskrun and task


def test_taskrun_has_no_keys_without_a_value():
    scene = Scene(leaf("a"))
    assert scene.value("{{ taskrun }}") == {
        "id": scene.execution.run_id(0),
        "startDate": "1970-01-01T00:00:00.000001Z",
        "attemptsCount": 0,
    }


def test_taskrun_in_a_loop_has_parent_value_and_iteration():
    scene = inside("v")
    assert scene.value("{{ taskrun }}") == {
        "id": scene.execution.run_id(1),
        "startDate": "1970-01-01T00:00:00.000002Z",
        "attemptsCount": 0,
        "parentId": scene.execution.run_id(0),
        "value": "v",
        "iteration": 0,
    }


def test_attempts_are_counted_when_they_have_ended():
    scene = Scene(leaf("a", retry=constant(1)))
    counts = [scene.text("{{ taskrun.attemptsCount }}")]
    for _ in range(2):
        scene.play.start(0)
        counts.append(scene.text("{{ taskrun.attemptsCount }}"))
        scene.play.end(0, State.FAILED)
        counts.append(scene.text("{{ taskrun.attemptsCount }}"))
        scene.play.fire(0)
    assert counts == ["0", "0", "1", "1", "2"]


def test_task_is_id_and_type():
    assert Scene(leaf("a")).value("{{ task }}") == {
        "id": "a",
        "type": "io.kestra.plugin.core.debug.Return",
    }


def test_a_run_without_a_task_knows_nothing_of_task_runs():
    scope = Scene(leaf("a")).scope(None)
    assert [scope.lookup(name) for name in ("task", "taskrun", "parent", "parents")] == [
        MISSING
    ] * 4
    assert scope.part("taskrun", "value") is MISSING


# -- the execution


def test_flow_and_execution():
    scene = Scene(leaf("a"), revision=3)
    assert scene.value("{{ flow }}") == {"id": "test", "namespace": "company.team", "revision": 3}
    assert scene.value("{{ execution }}") == {
        "id": "test",
        "startDate": "1970-01-01T00:00:00Z",
        "originalId": "test",
        "state": "RUNNING",
    }


def test_a_flow_without_a_revision_has_the_first():
    assert Scene(leaf("a")).text("{{ flow.revision }}") == "1"


def test_the_state_of_the_execution_is_the_one_it_has_now():
    scene = Scene(leaf("a"), afterExecution=(leaf("after"),))
    scope = scene.scope()
    assert scope.lookup("execution")["state"] == "RUNNING"
    scene.play.work(0, State.FAILED)
    scene.play.conclude(outputs={"o": 1})
    assert scope.lookup("execution")["state"] == "FAILED"
    assert scope.lookup("execution")["outputs"] == {"o": 1}


@pytest.mark.parametrize(
    "name", ["inputs", "vars", "trigger", "schedule", "item", "error", "kestra", "nope"]
)
def test_what_there_is_nothing_of_is_missing(name):
    with pytest.raises(RenderError, match=f"Unable to find `{name}`"):
        Scene(leaf("a")).text(f"{{{{ {name} }}}}")


def test_what_the_execution_was_given():
    scene = Scene(leaf("a"))
    scene.born(inputs={"n": 1}, trigger={"date": "today"})
    scene.execution.progress.variables = {"v": "{{ raw }}"}
    scene.more = {"envs": {"e": "E"}, "globals_": {"g": [1]}}
    found = scene.value("{{ [inputs, vars, trigger, schedule, envs, globals] }}")
    assert found == [
        {"n": 1},
        {"v": "{{ raw }}"},
        {"date": "today"},
        {"date": "today"},
        {"e": "E"},
        {"g": [1]},
    ]


def test_labels_with_dots_are_maps_and_the_last_of_equal_names_wins():
    scene = Scene(leaf("a"))
    scene.execution.progress.labels = [
        ("team", "one"),
        ("team", "two"),
        ("system.correlationId", "x"),
        ("a.b.c", "1"),
        ("a.b", "hidden"),
        ("d", "text"),
        ("d.e", "2"),
    ]
    assert scene.value("{{ labels }}") == {
        "team": "two",
        "system": {"correlationId": "x"},
        "a": {"b": {"c": "1"}},
        "d": {"e": "2"},
    }


def test_outputs_are_seen_as_soon_as_a_run_has_ended():
    scene = Scene(leaf("a"), leaf("b"))
    assert scene.value("{{ outputs }}") == {}
    scene.play.work(0, outputs={"value": 1})
    assert scene.value("{{ outputs }}") == {"a": {"value": 1}}


def test_tasks_are_the_states_of_the_runs_so_far():
    scene = Scene(sequence("s", leaf("a")), leaf("b"))
    scope = scene.scope(0)
    assert scope.lookup("tasks") == {"s": {"state": "CREATED"}}
    scene.play.expand(0, [Lane("tasks", 0, 1)])
    assert scope.lookup("tasks") == {"s": {"state": "RUNNING"}, "a": {"state": "CREATED"}}
    scene.play.work(1, State.WARNING)
    assert scope.lookup("tasks") == {
        "s": {"state": "WARNING"},
        "a": {"state": "WARNING"},
        "b": {"state": "CREATED"},
    }


def test_tasks_in_a_loop_are_shown_by_their_values():
    scene = inside("v")
    assert scene.value("{{ tasks }}") == {
        "v0": {"state": "RUNNING"},
        "leaf": {"v": {"state": "CREATED"}},
    }


def test_tasks_in_a_loop_are_shown_for_every_value():
    scene = Scene(task("flow.ForEach", "each", values=["x", "y"], tasks=(leaf("a"),)))
    lanes = [Lane("tasks", 0, 1, "x", 0), Lane("tasks", 0, 1, "y", 1)]
    scene.play.expand(0, lanes, limit=0)
    scene.play.work(1)
    assert scene.value("{{ tasks.a }}") == {"x": {"state": "SUCCESS"}, "y": {"state": "CREATED"}}


def test_without_a_run_there_are_no_tasks():
    scene = Scene(leaf("off", disabled=True))
    assert scene.scope(None).lookup("tasks") is MISSING


# -- the scope


def test_the_whole_context_has_only_what_there_is():
    scene = inside("v", "if")
    assert list(scene.scope().variables()) == [
        "envs",
        "execution",
        "flow",
        "globals",
        "labels",
        "outputs",
        "parent",
        "parents",
        "task",
        "taskrun",
        "tasks",
    ]
    assert set(scene.scope().variables()) <= set(NAMES)


@pytest.mark.parametrize(
    ("name", "key", "found"),
    [
        ("taskrun", "value", "v"),
        ("taskrun", "iteration", 0),
        ("taskrun", "id", MISSING),
        ("flow", "value", MISSING),
    ],
)
def test_a_short_cut_gives_what_the_whole_way_gives(name, key, found):
    scope = inside("v").scope()
    assert scope.part(name, key) == found
    if found is not MISSING:
        assert scope.lookup(name)[key] == found


def test_further_variables_come_first():
    scene = Scene(leaf("a"))
    inner = scene.scope().with_variables({"flow": "mine", "extra": 1})
    assert (inner.lookup("flow"), inner.lookup("extra")) == ("mine", 1)
    assert inner.lookup("task")["id"] == "a"
    assert scene.scope().lookup("extra") is MISSING


def test_a_template_in_a_value_is_rendered_in_the_same_place():
    scene = Scene(leaf("a"))
    scene.execution.progress.variables = {"once": "{{ 5 }}", "deep": "{{ vars.once }}!"}
    assert scene.text("{{ renderOnce(vars.once) }}") == "5"
    assert scene.text("{{ render(vars.deep) }}") == "5!"
    assert scene.text("{{ renderOnce(vars.deep) }}") == "{{ 5 }}!"
