from typing import Annotated

import pytest

from kestrel_cli.diagnostic import Position
from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.fields import Model
from kestrel_cli.model.marks import Children, Filled
from kestrel_cli.model.task import FlowableTask, Task
from kestrel_cli.tasks import registry
from kestrel_cli.tasks.flow.switch import Switch
from kestrel_cli.tasks.log.log import Log
from tests.flowfile.loading import CORE, LOG, errors, flow, task


def test_a_flow_is_whole():
    made = flow("description: d\ntasks:\n" + task("a") + task("b", "level: WARN"))
    assert (made.id, made.namespace, made.description) == ("f", "company.team", "d")
    assert [(type(one), one.id, one.level) for one in made.tasks] == [
        (Log, "a", "INFO"),
        (Log, "b", "WARN"),
    ]
    assert list(made.by_id) == ["a", "b"]


def test_everything_knows_where_it_stands():
    made = flow(
        "inputs:\n  - id: i\n    type: INT\noutputs:\n  - type: INT\n    id: o\n    value: 1\n"
        "tasks:\n" + task("a")
    )
    places = [made.where, made.inputs[0].where, made.outputs[0].where, made.tasks[0].where]
    assert places == [Position("flow.yaml", *at) for at in ((1, 1), (4, 5), (7, 5), (11, 5))]


def test_children_are_made_in_every_shape():
    switch = (
        "tasks:\n"
        f"  - id: s\n    type: {CORE}.flow.Switch\n    value: x\n    cases:\n"
        "      1:\n" + task("a", indent=8) + task("b", indent=8) + "      x y: []\n"
        "    defaults:\n" + task("c", indent=6) + "    errors:\n" + task("d", indent=6)
    ).replace("x y:", "'x y':")
    made = flow(switch + "finally:\n" + task("e") + "afterExecution:\n" + task("g"))
    held = made.tasks[0]
    assert isinstance(held, Switch)
    assert {name: [one.id for one in tasks] for name, tasks in held.cases.items()} == {
        "1": ["a", "b"],
        "x y": [],
    }
    assert [one.id for one in held.defaults + held.errors] == ["c", "d"]
    assert [one.id for one in made.finally_ + made.afterExecution] == ["e", "g"]
    assert set(made.by_id) == set("sabcdeg")
    assert held.blocks.keys() >= {"cases.1", "defaults", "errors"}


def test_numbers_and_booleans_become_text_where_text_is_wanted():
    made = flow("tasks:\n" + task("1", "message: x", "runIf: true", "description: 5"))
    assert (made.tasks[0].id, made.tasks[0].runIf, made.tasks[0].description) == (
        "1",
        "true",
        "5",
    )


def test_older_type_names_are_read():
    made = flow("tasks:\n" + task("a", "message: x", type_name="io.kestra.core.tasks.log.Log"))
    assert isinstance(made.tasks[0], Log)


def test_a_plugin_that_kestrel_has_not_becomes_an_unsupported_task():
    made = flow("tasks:\n" + task("q", "sql: x", "timeout: PT1S", type_name="io.acme.sql.Query"))
    (query,) = made.tasks
    assert isinstance(query, UnsupportedTask)
    assert query.extra == {"sql": "x"}
    assert query.reason == "Kestrel does not run tasks of type `io.acme.sql.Query`"
    assert query.timeout is not None


def test_common_properties_of_unsupported_tasks_are_checked():
    text = "tasks:\n" + task("q", "timeout: soon", "sql: x", type_name="io.acme.sql.Query")
    assert errors(text) == [(4, "`timeout` must be a duration such as `PT10S`")]


class Step(Model):
    task: Annotated[Task, Children]
    after: list[str] = []  # noqa: RUF012  defaults are shared and never changed


class Steps(FlowableTask):
    tasks: Annotated[tuple[Step, ...], Children, Filled]
    first: Annotated[Task | None, Children] = None


@pytest.fixture
def steps(monkeypatch):
    """A flowable with a single task and with tasks inside of models, under the type `x.Steps`."""
    real = registry.find
    monkeypatch.setattr(registry, "find", lambda name: Steps if name == "x.Steps" else real(name))


@pytest.mark.usefixtures("steps")
def test_single_tasks_and_tasks_inside_of_models_are_made():
    inner = f"{{id: a, type: {LOG}, message: x}}"
    lines = (
        f"first: {inner.replace('id: a', 'id: b')}",
        "tasks:",
        f"- {{after: [1], task: {inner}}}",
    )
    (made,) = flow("tasks:\n" + task("s", *lines, type_name="x.Steps")).tasks
    assert (made.first.id, made.tasks[0].task.id, made.tasks[0].after) == ("b", "a", ["1"])
    assert set(made.blocks) >= {"first", "tasks"}


@pytest.mark.usefixtures("steps")
def test_a_model_without_its_task_is_named():
    text = "tasks:\n" + task("s", "tasks:", "- after: []", "- task: 5", type_name="x.Steps")
    assert errors(text) == [
        (5, "missing property `task`"),
        (6, "a task must be a map with `id` and `type`"),
    ]


def deep(levels):
    opened = "".join(
        f"\n{{id: s{level}, type: {CORE}.flow.Sequential, tasks: [" for level in range(levels)
    )
    return f"tasks: [{opened}{{id: l, type: {LOG}, message: x}}{']}' * levels}]\n"


def test_five_thousand_nested_flowables_are_loaded_when_asked_for():
    made = flow(deep(5000), max_depth=20_000)
    assert len(made.by_id) == 5001
    assert made.by_id["l"].message == "x"


def test_the_usual_depth_holds_about_twenty_nested_flowables():
    assert len(flow(deep(23)).by_id) == 24
    assert "deeper than 50" in errors(deep(25))[0][1]


def test_values_too_deep_to_merge_are_refused():
    value = "{x: " * 3000 + "1" + "}" * 3000
    text = f"pluginDefaults:\n  - {{type: a.B, values: {value}}}\ntasks:\n"
    with pytest.raises(FlowFileError) as caught:
        flow(text + f"  - {{type: a.B, id: a, x: {value}}}\n", max_depth=20_000)
    assert caught.value.diagnostics[0].code == "too-deep"


def test_an_alias_is_no_task():
    text = "tasks:\n  - &a {id: a, type: " + LOG + ", message: x}\n  - *a\n"
    assert errors(text) == [(3, "a task must be a map with `id` and `type`")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tasks: {}", [(1, "`tasks` must be a list of tasks")]),
        ("tasks: x", [(1, "`tasks` must be a list of tasks")]),
        ("tasks: []", [(1, "`tasks` must not be empty")]),
        ("tasks: null", [(-1, "missing property `tasks`")]),
        ("tasks:\n  - x", [(2, "a task must be a map with `id` and `type`")]),
        ("tasks:\n  -\n", [(2, "a task must be a map with `id` and `type`")]),
        ("tasks:\n  - id: a", [(2, "missing property `type`")]),
        ("tasks:\n  - type: 5\n    id: a", [(2, "`type` must be the name of a task type")]),
        (f"tasks:\n  - type: {LOG}\n    message: x", [(2, "missing property `id`")]),
        (f"tasks:\n  - type: {LOG}\n    id: a", [(2, "missing property `message`")]),
        (
            "tasks:\n" + task("s", "value: x", "cases: [1]", type_name=f"{CORE}.flow.Switch"),
            [(5, "`cases` must be a map of names to lists of tasks")],
        ),
        (
            "tasks:\n" + task("s", "value: x", "cases: {a: b}", type_name=f"{CORE}.flow.Switch"),
            [(5, "`cases.a` must be a list of tasks")],
        ),
    ],
)
def test_what_is_no_task_is_named_at_its_place(text, expected):
    assert errors(text) == expected


def test_problems_of_tasks_inside_a_wrong_flowable_are_found_too():
    text = f"tasks:\n  - id: s\n    type: {CORE}.flow.Sequential\n    oops: 1\n    tasks:\n"
    assert errors(text + task("a", "levl: 1", indent=6)) == [
        (4, "unknown property `oops`"),
        (8, "unknown property `levl`"),
    ]
