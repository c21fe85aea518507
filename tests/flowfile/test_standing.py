import pytest

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import CORE, HEAD, task

FLOW = f"{CORE}.flow"
RETURN = f"{CORE}.debug.Return"


def found(text):
    """Code, line below the head, message and hint of each warning that `validate` gives."""
    try:
        warnings = load_bytes((HEAD + text).encode(), "x", check_template=lambda _: ()).warnings
    except FlowFileError as problem:
        warnings = problem.diagnostics
    return [(one.code, one.where.line - 2, one.message, one.hint) for one in warnings]


def each(inner, indent=2):
    pad = " " * indent
    return (
        f"{pad}- id: each\n{pad}  type: {FLOW}.ForEach\n{pad}  values: [1, 2]\n{pad}  tasks:\n"
        + inner
    )


def returns(name, text, indent):
    return task(name, f'format: "{text}"', type_name=RETURN, indent=indent)


@pytest.mark.parametrize(
    ("tasks", "message", "hint"),
    [
        (
            returns("a", "{{ taskrun.value }}", 2),
            "`taskrun.value`: the run of this task has no value",
            "no loop is around it",
        ),
        (
            returns("a", "{{ parent.taskrun.value }}", 2),
            "`parent.taskrun.value`: what is around this task has no value",
            "no loop is around it",
        ),
    ],
)
def test_a_value_needs_a_loop(tasks, message, hint):
    assert found("tasks:\n" + tasks) == [("loop-value", 4, message, hint)]


def test_the_value_of_the_loop_is_told_as_it_is_written_there():
    text = "tasks:\n" + each(
        "      - id: if\n        type: io.kestra.plugin.core.flow.If\n        condition: 'true'\n"
        "        then:\n" + returns("a", "{{ taskrun.value }}{{ parents[1] }}", 10)
    )
    assert [(message, hint) for _, _, message, hint in found(text)] == [
        (
            "`taskrun.value`: the run of this task has no value",
            "the value of the loop is `parent.taskrun.value`",
        ),
        (
            "`parents[1]`: `parents` has 1 here, and counts from 0",
            "the value of the loop is `parent.taskrun.value`",
        ),
    ]


@pytest.mark.parametrize(
    "tasks",
    [
        each(returns("a", "{{ taskrun.value }}", 6)),
        each(
            f"      - id: wd\n        type: {FLOW}.WorkingDirectory\n        tasks:\n"
            + returns("a", "{{ taskrun.value }}", 10)
        ),
        returns("a", "{{ taskrun.value ?? 'none' }}", 2),
        returns("a", "taskrun.value", 2),
        each(returns("a", "x", 6)) + returns("b", "{{ outputs.a['1'].value }}{{ outputs.a }}", 2),
        each(returns("a", "x", 6) + returns("b", "{{ outputs.a[taskrun.value].value }}", 6)),
    ],
)
def test_what_is_right_or_careful_is_left_alone(tasks):
    assert found("tasks:\n" + tasks) == []


@pytest.mark.parametrize("written", ["outputs.a.value", "outputs['a'].value"])
def test_outputs_of_a_loop_need_a_key(written):
    text = "tasks:\n" + each(returns("a", "x", 6)) + returns("b", "{{ " + written + " }}", 2)
    ((code, _, message, hint),) = found(text)
    assert code == "loop-value"
    assert message == f"`{written}`: `a` runs in a loop, its outputs stand under its value"
    assert hint == "in the same iteration write `outputs.a[taskrun.value].value`"


def test_tasks_behind_the_end_are_never_reached():
    text = "tasks:\n" + task("f", type_name=f"{CORE}.execution.Fail") + task("a") + task("b")
    assert found(text) == [
        (
            "unreachable",
            4,
            "`a` is never reached: nothing goes on behind `f`",
            "give it a `runIf` or a `condition`",
        )
    ]
    with_condition = text.replace("execution.Fail", "execution.Fail\n    condition: 'false'")
    assert found(with_condition) == []


def test_one_attempt_retries_nothing():
    text = "tasks:\n" + task("a", "retry: {type: constant, interval: PT1S, maxAttempts: 1}")
    ((code, line, message, _),) = found(text)
    assert (code, line) == ("retry", 4)
    assert message == "with `maxAttempts: 1` nothing is tried again: the first attempt counts"


def test_a_variable_that_nobody_sets_is_told():
    text = "variables: {here: 1}\ntasks:\n" + returns("a", "{{ vars.hre }}{{ vars.here }}", 2)
    ((code, _, message, hint),) = found(text)
    assert (code, message, hint) == (
        "unknown-variable",
        "`vars.hre`: this flow has no variable `hre`",
        "did you mean `here`?",
    )
    sets = task("s", "variables: {hre: 2}", type_name=f"{CORE}.execution.SetVariables")
    assert found(text.replace("tasks:\n", "tasks:\n" + sets)) == []


def test_a_mistake_in_a_trigger_is_a_warning_for_the_flow_runs():
    trigger = f"triggers: [{{id: t, type: {CORE}.trigger.Schedule, cron: '@daily', inputs: "
    text = trigger + "{a: '{{ bad }}'}}]\ninputs: [{id: a, type: STRING}]\ntasks:\n" + task("t")
    assert found(text) == []
    from kestrel_cli.expressions.check import problems

    wrong = text.replace("{{ bad }}", "{{ a b }}")
    (one,) = load_bytes((HEAD + wrong).encode(), "x", check_template=problems).warnings
    assert (one.severity, one.code) == ("warning", "expression")


@pytest.mark.parametrize(
    ("tasks", "told"),
    [
        (returns("a", "{{ taskrun.iteration }}", 2), True),
        (each(returns("a", "{{ taskrun.iteration }}", 6)), False),
        (
            each(
                f"      - id: s\n        type: {FLOW}.Sequential\n        tasks:\n"
                + returns("a", "{{ taskrun.iteration }}", 10)
            ),
            True,
        ),
        (
            f"  - id: u\n    type: {FLOW}.LoopUntil\n    condition: '{{{{ outputs.u }}}}'\n"
            "    tasks:\n" + returns("a", "{{ taskrun.iteration }}", 6),
            False,
        ),
        (
            task(
                "b",
                "items: x",
                "namespace: a",
                "flowId: b",
                "inputs: {n: '{{ taskrun.iteration }}'}",
                type_name=f"{FLOW}.ForEachItem",
            ),
            False,
        ),
        (returns("a", "{{ taskrun.iteration ?? 0 }}", 2), False),
    ],
)
def test_only_the_tasks_right_below_a_loop_have_a_number(tasks, told):
    message = "`taskrun.iteration`: the run of this task has no number"
    assert [one for _, _, one, _ in found("tasks:\n" + tasks)] == ([message] if told else [])


def test_items_belong_to_a_loop_of_kestra_2():
    text = "tasks:\n" + each(returns("a", "{{ item.value }}", 6))
    assert found(text) == [
        (
            "loop-value",
            8,
            "`item.value`: no Loop is around this task",
            "the value of the loop is `taskrun.value`",
        )
    ]
    own = "{% for item in [1] %}{{ item.value }}{% endfor %}"
    assert found("tasks:\n" + returns("a", own, 2)) == []
    in_loop = text.replace("flow.ForEach", "flow.Loop")
    assert [code for code, *_ in found(in_loop)] == ["kestra-1"]
    handed_on = "    outputs: [{id: o, type: STRING, value: '{{ item.value }}'}]\n"
    assert [code for code, *_ in found(in_loop + handed_on)] == ["kestra-1"]
