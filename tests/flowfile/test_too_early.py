import pytest

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import CORE, HEAD, task

FLOW = f"{CORE}.flow"
EARLY = "message: '{{ outputs.late.value }}'"


def found(text):
    data = (HEAD + "tasks:\n" + text).encode()
    try:
        diagnostics = load_bytes(data, "x", check_template=lambda _: ()).warnings
    except FlowFileError as problem:
        diagnostics = problem.diagnostics
    return [(one.severity, one.message) for one in diagnostics if one.code == "too-early"]


def late(indent=2):
    return task("late", type_name=f"{CORE}.debug.Return", indent=indent)


def holder(kind, inner, *lines, block="tasks"):
    said = "".join(f"    {line}\n" for line in lines)
    return f"  - id: h\n    type: {FLOW}.{kind}\n{said}    {block}:\n{inner}"


MESSAGE = "`outputs.late`: `late` runs after `early`"


def test_what_a_task_asks_of_a_later_one_is_never_there():
    assert found(task("early", EARLY) + late()) == [("error", MESSAGE)]


@pytest.mark.parametrize(
    "text",
    [
        task("early", EARLY, "runIf: '{{ inputs.x }}'") + late(),
        task("early", EARLY.replace("value", "value == 1")) + late(),
        holder("If", task("early", EARLY, indent=6), "condition: '{{ inputs.x }}'", block="then")
        + late(),
        task("early", EARLY, "allowFailure: true") + late(),
    ],
)
def test_where_it_may_not_be_asked_for_it_is_a_warning(text):
    assert found(text) == [("warning", MESSAGE)]


@pytest.mark.parametrize(
    "text",
    [
        late() + task("early", EARLY),
        task("early", EARLY.replace("}}", "?? 1 }}")) + late(),
        holder("ForEach", task("early", EARLY, indent=6) + late(6), "values: [1, 2]"),
        holder("LoopUntil", late(6), "condition: '{{ outputs.late.value }}'"),
        holder("If", late(6), "condition: '{{ outputs.late.value }}'", block="then"),
        task("a") + f"errors:\n{task('early', EARLY)}{late()}",
    ],
)
def test_what_may_have_run_before_is_left_alone(text):
    assert found(text) == []


def test_the_order_inside_of_a_sequence_counts_too():
    text = holder("Sequential", task("early", EARLY, indent=6) + late(6))
    assert found(text) == [("error", MESSAGE)]
    text = holder("Parallel", task("early", EARLY, indent=6)) + late()
    assert found(text) == [("error", MESSAGE)]


def parallel(early, *lines, kind="Parallel"):
    inner = late(6) + task("early", early, indent=6)
    return holder(kind, inner, *lines)


TOGETHER = (
    "`outputs.late`: `late` begins together with `early` and neither sees the outputs of the other"
)


def test_what_begins_together_sees_nothing_of_each_other():
    assert found(parallel(EARLY)) == [("error", TOGETHER)]
    assert found(parallel(EARLY, "concurrent: 0")) == [("error", TOGETHER)]


@pytest.mark.parametrize(
    "text",
    [
        parallel(EARLY, "concurrent: 2"),  # or later, when its turn comes
        parallel(EARLY, "value: [1, 2]", kind="EachParallel"),
        parallel(EARLY.replace("value", "value == 1")),
        parallel(EARLY, "runIf: '{{ inputs.x }}'"),
    ],
)
def test_where_they_may_begin_one_after_the_other_it_is_a_warning(text):
    assert found(text) == [("warning", TOGETHER)]


@pytest.mark.parametrize(
    "text",
    [
        parallel(EARLY, "concurrent: 1"),
        parallel(EARLY.replace("}}", "?? 1 }}")),
        holder("Sequential", late(6) + task("early", EARLY, indent=6)),
    ],
)
def test_who_waits_or_does_not_care_is_left_alone(text):
    assert found(text) == []
