import pytest

from tests.flowfile.loading import CORE, errors, findings, task


def switch(*lines):
    return "tasks:\n" + task("s", "value: x", *lines, type_name=f"{CORE}.flow.Switch")


@pytest.mark.parametrize("lines", [(), ("cases: {}",), ("cases: {a: []}", "defaults: []")])
def test_a_switch_needs_a_task(lines):
    message = "s: No task defined, neither cases or default have any tasks"
    assert (2, message) in errors(switch(*lines))


def dag(*needs):
    listed = "".join(
        f"      - task:\n          id: {name}\n          type: {CORE}.log.Log\n"
        f"          message: x\n        dependsOn: [{', '.join(needed)}]\n"
        for name, needed in needs
    )
    return f"tasks:\n  - id: d\n    type: {CORE}.flow.Dag\n    tasks:\n{listed}"


def messages(text):
    return [message for _, message in errors(text)]


def test_a_dag_without_cycle_is_accepted():
    assert messages(dag(("a", ()), ("b", ("a",)), ("c", ("a", "b")))) == []


def test_a_cycle_is_named_without_the_tasks_that_only_follow_it():
    needs = (("a", ("b",)), ("b", ("a",)), ("c", ("b",)), ("e", ()), ("f", ("e",)))
    assert messages(dag(*needs)) == ["d: Cyclic dependency detected: a, b"]


def test_a_task_that_does_not_exist_is_named():
    assert messages(dag(("a", ("x",)))) == ["d: Not existing task id in dependency: x"]


def test_a_flow_cannot_call_itself():
    lines = ("namespace: company.team", "flowId: f")
    text = "tasks:\n" + task("c", *lines, type_name=f"{CORE}.flow.Subflow")
    assert messages(text) == ["Invalid Flow: Recursive call to flow [company.team.f]"]
    assert messages(text.replace("flowId: f", "flowId: g")) == []


@pytest.mark.parametrize(
    "type_name",
    [
        f"{CORE}.flow.Subflow",
        f"{CORE}.flow.Loop",
        f"{CORE}.flow.If",
        f"{CORE}.flow.Template",
        f"{CORE}.flow.WorkingDirectory",
        f"{CORE}.execution.Labels",
        f"{CORE}.execution.Exit",
        "io.kestra.core.tasks.flows.Flow",
    ],
)
def test_a_working_directory_holds_nothing_that_the_engine_runs_itself(type_name):
    inner = task("p", type_name=type_name, indent=6)
    text = f"tasks:\n  - id: w\n    type: {CORE}.flow.WorkingDirectory\n    tasks:\n{inner}"
    message = "w: Only runnable tasks are allowed as children of a WorkingDirectory task"
    assert message in messages(text)


@pytest.mark.parametrize("type_name", [f"{CORE}.log.Log", f"{CORE}.execution.Fail", "x.y.Other"])
def test_a_working_directory_may_hold_runnable_tasks(type_name):
    inner = task("p", type_name=type_name, indent=6)
    text = f"tasks:\n  - id: w\n    type: {CORE}.flow.WorkingDirectory\n    tasks:\n{inner}"
    assert messages(text) == []


@pytest.mark.parametrize("lines", [(), ("tasks: []",), ("tasks:",)])
def test_a_working_directory_holds_a_task(lines):
    text = "tasks:\n" + task("w", *lines, type_name=f"{CORE}.flow.WorkingDirectory")
    assert "w: The 'tasks' property cannot be empty" in messages(text)


def test_a_working_directory_holds_runnable_tasks_only():
    inner = task("a", indent=6) + task(
        "p", "pauseDuration: PT1S", type_name=f"{CORE}.flow.Pause", indent=6
    )
    text = f"tasks:\n  - id: w\n    type: {CORE}.flow.WorkingDirectory\n    tasks:\n{inner}"
    assert messages(text) == [
        "w: Only runnable tasks are allowed as children of a WorkingDirectory task"
    ]


def warned(text):
    return [one.message for one in findings(text) if one.severity == "warning"]


def test_a_near_name_is_told_for_a_task_that_a_dag_does_not_have():
    (found,) = findings(dag(("first", ()), ("b", ("frist",))))
    assert found.hint == "did you mean `first`?"


def test_a_dag_with_a_need_for_a_disabled_task_is_warned_of():
    text = dag(("a", ()), ("b", ("a",))).replace(
        "message: x", "message: x\n          disabled: true", 1
    )
    assert warned(text) == ["`a` is disabled: here it counts as ended, in Kestra `d` never ends"]


def test_a_disabled_task_in_a_loop_until_is_warned_of():
    inner = task("a", "disabled: true", indent=6)
    head = f"tasks:\n  - id: l\n    type: {CORE}.flow.LoopUntil\n    condition: x\n    tasks:\n"
    assert warned(head + inner) == ["a disabled task in a LoopUntil: in Kestra `l` never ends"]


def pause(*lines):
    return "tasks:\n" + task("p", *lines, type_name=f"{CORE}.flow.Pause")


def test_the_inputs_of_a_resumed_pause_are_looked_at_like_those_of_a_flow():
    text = pause("onResume: [{id: a, type: STRNG}, {id: b, type: INT}, {id: b, type: INT}]")
    assert messages(text) == ["Invalid type: STRNG", "Duplicate input with name [b]"]


def test_the_behavior_of_a_pause_without_duration_is_warned_of():
    message = "`behavior` is for the end of `pauseDuration`, and there is none"
    assert warned(pause("behavior: FAIL")) == [message]
    assert warned(pause("behavior: FAIL", "delay: PT1S")) == []


def test_of_two_sizes_of_a_batch_one_has_no_effect():
    lines = ("items: x", "namespace: a", "flowId: b", "batch: {rows: 2, bytes: 1MB}")
    text = "tasks:\n" + task("e", *lines, type_name=f"{CORE}.flow.ForEachItem")
    assert warned(text) == ["`rows` has no effect beside `bytes`"]


def test_the_outputs_of_a_loop_are_looked_at_like_those_of_a_flow():
    twice = "{id: b, type: INT, value: 1}, {id: b, type: INT, value: 2}"
    outputs = f"[{{id: a, type: STRNG, value: 1}}, {twice}]"
    head = (
        f"tasks:\n  - id: l\n    type: {CORE}.flow.Loop\n    values: [1]\n    outputs: {outputs}\n"
    )
    text = head + "    tasks:\n" + task("a", indent=6)
    assert messages(text) == ["Invalid type: STRNG", "Duplicate output with name [b]"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["trigger: nightly"], []),
        (["trigger: nightli"], ["this flow has no trigger `nightli`"]),
        (["trigger: nightli", "flowId: other"], []),
        (["trigger: '{{ labels.a }}'"], []),
    ],
)
def test_a_toggle_names_a_trigger_of_the_flow(lines, expected):
    nightly = f"{{id: nightly, type: {CORE}.trigger.Schedule, cron: '@daily'}}"
    text = f"triggers: [{nightly}]\ntasks:\n" + task(
        "t", *lines, type_name=f"{CORE}.trigger.Toggle"
    )
    assert warned(text) == expected


def test_a_toggle_needs_a_trigger():
    text = "tasks:\n" + task("t", type_name=f"{CORE}.trigger.Toggle")
    assert messages(text) == ["missing property `trigger`"]


CALLS = (f"{CORE}.flow.Subflow", f"{CORE}.flow.ForEachItem")


@pytest.mark.parametrize("type_name", CALLS)
def test_neither_kind_of_call_may_lead_back_to_the_same_flow(type_name):
    lines = ("items: x", "namespace: company.team", "flowId: f")
    lines = lines if type_name.endswith("Item") else lines[1:]
    assert messages("tasks:\n" + task("c", *lines, type_name=type_name)) == [
        "Invalid Flow: Recursive call to flow [company.team.f]"
    ]


@pytest.mark.parametrize("labels", ["{system.x: a}", "[{key: system.x, value: a}]"])
@pytest.mark.parametrize("type_name", CALLS)
def test_a_call_cannot_give_labels_of_the_system(type_name, labels):
    lines = ("items: x", "namespace: a", "flowId: b", f"labels: {labels}")
    lines = lines if type_name.endswith("Item") else lines[1:]
    message = "System labels can only be set by Kestra itself, offending label: system.x=a"
    assert messages("tasks:\n" + task("c", *lines, type_name=type_name)) == [message]


def test_labels_that_an_expression_gives_are_left_alone():
    lines = ("namespace: a", "flowId: b", "labels: '{{ labels }}'")
    assert findings("tasks:\n" + task("c", *lines, type_name=CALLS[0])) == []


def test_the_parts_of_a_for_each_item_have_ids():
    lines = ("items: x", "namespace: a", "flowId: b")
    text = "tasks:\n" + task("c", *lines, type_name=CALLS[1]) + task("c_merge")
    assert errors(text) == [(7, "Duplicate task id with name [c_merge]")]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("namespace: ''", "flowId: b"), "`namespace` must not be empty"),
        (("namespace: a", "flowId: b", "revision: 0"), "`revision` must be at least 1"),
    ],
)
def test_a_subflow_is_a_flow_that_can_be(lines, message):
    assert messages("tasks:\n" + task("c", *lines, type_name=CALLS[0])) == [message]


@pytest.mark.parametrize(
    "type_name", [f"{CORE}.kv.PurgeKV", f"{CORE}.namespace.PurgeFiles", "io.x.Purge"]
)
def test_versions_are_kept_by_date_or_by_number(type_name):
    lines = ("namespaces: [a]", "behavior: {type: version, before: '2024-01-01', keepAmount: 3}")
    message = "p: Cannot set both 'before' and 'keepAmount' properties"
    wanted = [] if type_name == "io.x.Purge" else [(5, message)]
    assert errors("tasks:\n" + task("p", *lines, type_name=type_name)) == wanted
