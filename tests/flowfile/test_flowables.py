import pytest

from tests.flowfile.loading import CORE, errors, task


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


def test_a_working_directory_holds_runnable_tasks_only():
    inner = task("a", indent=6) + task(
        "p", "pauseDuration: PT1S", type_name=f"{CORE}.flow.Pause", indent=6
    )
    text = f"tasks:\n  - id: w\n    type: {CORE}.flow.WorkingDirectory\n    tasks:\n{inner}"
    assert messages(text) == [
        "w: Only runnable tasks are allowed as children of a WorkingDirectory task"
    ]
