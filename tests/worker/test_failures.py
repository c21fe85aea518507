import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.expressions.lookup import missing
from kestrel_cli.model.state import State
from kestrel_cli.worker.failures import Failures, outputs_of, with_hint
from tests.support.flows import leaf
from tests.worker.working import Work


@pytest.fixture
def work():
    return Work(leaf("a"))


def failures(work, point=lambda _, __: ""):
    return Failures(work.around, work.now, point)


def wrong(message="broken", template="{{ x }}"):
    error = RenderError(message, hint="try y")
    error.template = template
    return error


def test_a_refusal_tells_why_and_keeps_what_was_known(work):
    error = TaskFailed("no case", outputs={"value": "c"})
    found = failures(work).refused(work.context(), error, attempted=True)
    assert (found.run, found.error, found.attempted) == (0, "no case", True)
    assert found.outputs == {"value": "c"}
    assert work.logs() == [("ERROR", "no case")]


def test_a_template_that_fails_knows_no_outputs(work):
    assert failures(work).refused(work.context(), wrong()).outputs is None


def test_a_failed_attempt_has_its_metrics_and_its_luck(work):
    ctx = work.context()
    ctx.count("rows", 2)
    found = failures(work).failed(ctx, "no", {"n": 1})
    assert (found.state, found.error, found.outputs) == (State.FAILED, "no", {"n": 1})
    assert [one.name for one in found.metrics] == ["rows"]
    assert 0 < found.draw < 1


@pytest.mark.parametrize("act", ["failed", "told", "refused"])
def test_secrets_are_hidden_in_what_is_told(work, act):
    work.execution.masker.add("xyzzy-plugh")
    made, ctx, error = failures(work), work.context(), TaskFailed("it is xyzzy-plugh")
    found = {
        "failed": lambda: made.failed(ctx, str(error)).error,
        "told": lambda: made.told(ctx, error),
        "refused": lambda: made.refused(ctx, error).error,
    }[act]()
    assert found == "it is ******"
    assert work.logs() == [("ERROR", "it is ******")]


def test_a_mistake_of_a_template_is_pointed_at_before_its_hint(work):
    pointed = failures(work, lambda task, error: f"{task.id}: {error.template}")
    assert pointed.explained(work.context(), wrong()) == "broken\na: {{ x }}\nhint: try y"


def test_what_is_no_template_is_not_pointed_at(work):
    pointed = failures(work, lambda _, __: "here")
    assert pointed.explained(work.context(), wrong(template=None)) == "broken\nhint: try y"
    assert pointed.explained(work.context(), TaskFailed("no")) == "no"


def test_a_name_that_is_missing_is_hinted_at(work):
    error = missing("flw", (), {})
    with_hint(work.context(), error)
    assert "`flow`" in error.hint


def test_a_hint_that_is_there_is_kept(work):
    error = missing("flw", (), {})
    error.hint = "mine"
    with_hint(work.context(), error)
    assert error.hint == "mine"


def test_only_what_is_no_failure_of_a_task_leaves_a_trace(work):
    made = failures(work)
    made.broken(work.context(), TaskFailed("no"))
    made.broken(work.context(), KeyError("k"))
    assert [level for level, _ in work.logs()] == ["ERROR", "TRACE", "ERROR"]


def test_outputs_of_a_failure():
    assert outputs_of(TaskFailed("no", outputs={"a": 1})) == {"a": 1}
    assert outputs_of(TaskFailed("no")) == outputs_of(RenderError("no")) == {}
